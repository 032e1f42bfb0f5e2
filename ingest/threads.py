"""Threading: which conversation a post belongs to. Pure."""

from ingest.platforms.base import Post


def conversation_key(post: Post) -> str:
    """The platform's thread id, else the root's, the parent's, or the post itself."""
    return (post.conversation_key or post.root_id or post.parent_id or post.external_id)[:512]
