"""How servers that speak one API differ."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Manner:
    """One kind of server. The presets below hold what was seen or read of three of them."""

    version: str = "4.6.0"
    ulid: bool = False
    # A second post with the same Idempotency-Key is the first one.
    keeps_keys: bool = True
    # The newest edition of /api/vN/instance.
    edition: int = 2
    max_chars: int = 500
    # Links and hosts of names count in full, letter by letter.
    counts_all: bool = False
    too_long: tuple[int, str] = (422, "Validation failed: Text character limit of 500 exceeded")
    no_token: tuple[int, str] = (401, "The access token is invalid")
    # What is typed is Markdown unless it is said to be plain.
    markdown: bool = False
    websocket: bool = True
    # `talks`, `silent` (opens and says nothing) or `absent`.
    sse: str = "talks"
    tags: bool = True
    # The edition of Mastodon's own API; quotes are notified of since the seventh.
    api: int = 6
    links: bool = True
    # X-RateLimit-Reset as an ISO time; else as unix seconds.
    iso_reset: bool = True
    # The first post of a thread comes first among its ancestors.
    root_first: bool = True
    page_cap: int = 40
    # Uploads are worked on after they are taken.
    slow_media: bool = False
    media_edition: int = 2


MASTODON = Manner()
GOTOSOCIAL = Manner(
    version="0.20.0+git-57cb4fe",
    ulid=True,
    keeps_keys=False,
    max_chars=5000,
    counts_all=True,
    too_long=(400, "Bad Request: status too long, 5001 characters provided but limit is 5000"),
    no_token=(401, "Unauthorized: token not recognized"),
    markdown=True,
    sse="silent",
    tags=False,
    root_first=False,
)
PLEROMA = Manner(
    version="2.7.2 (compatible; Pleroma 2.6.0)",
    ulid=True,
    keeps_keys=False,
    edition=1,
    max_chars=1000,
    counts_all=True,
    too_long=(422, "The status is over the character limit"),
    no_token=(403, "Invalid credentials."),
    websocket=False,
    links=False,
    iso_reset=False,
    media_edition=1,
)
