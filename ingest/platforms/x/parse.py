"""X's JSON made into our posts.

In 2026 X renamed `tweet` to `post` in most of its field names; both spellings are read, in any mixture. Whatever X
leaves out when it is empty may be missing; an item that makes no sense is set aside and the rest of its page goes on.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from twitter_text import extract_urls

from ingest.platforms.base import Author, BadItem, Json, Kind, PlatformError, Post
from ingest.platforms.told import clean, clean_text, dicts_in, id_of, text_in

SITE = "https://x.com"
# An id holds its moment: milliseconds since this one, above the lower 22 bits.
SNOWFLAKE_EPOCH = datetime(2010, 11, 4, 1, 42, 54, 657_000, tzinfo=UTC)
SNOWFLAKE_SHIFT = 22
REFERENCES = ("referenced_tweets", "referenced_posts")
HISTORIES = ("edit_history_tweet_ids", "edit_history_post_ids")
NOTES = ("note_tweet", "note_post")
INCLUDED_POSTS = ("tweets", "posts")
# Beside X's own fields in `Post.raw`: whom the post quotes, and that search alone told of it.
QUOTED_AUTHOR = "quoted_author_id"
FOUND_BY = "found_by"
REPOST_HEAD = re.compile(r"^RT @\w+: ")
LEADING_NAMES = re.compile(r"^(?:@\w+(?:\s+|$))+")
NAMES = re.compile(r"(?<!\w)@(\w+)")
WORD = re.compile(r"\S+")
# No link's word is knottier, and the search for links takes seconds over one that is.
MOST_DOTS = 20
LONGEST_BARE = 500
NOT_UNDERSTOOD = (AttributeError, KeyError, OverflowError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class Found:
    """One answer of X: its posts, oldest first, and where its page stands."""

    posts: tuple[Post, ...]
    bad: tuple[BadItem, ...]
    newest_id: str
    next_token: str


@dataclass(frozen=True, slots=True)
class Us:
    """Who we are on X, to tell posts that name us from those that only speak of us."""

    id: str
    handle: str

    def named_in(self, item: Json, text: str) -> bool:
        """Whether the post names us with an @, by what X made of it or by its words."""
        entities = item.get("entities")
        names = dicts_in(entities, "mentions") if isinstance(entities, dict) else []
        handle = self.handle.lstrip("@").lower()
        if any((self.id and str(name.get("id")) == self.id) for name in names):
            return True
        return bool(handle) and handle in {name.lower() for name in NAMES.findall(text)}


def age(post_id: str) -> tuple[int, str]:
    """Sorts ids, decimal numbers of any length, from the oldest to the newest."""
    return len(post_id), post_id


def read_page(told: Json, us: Us | None = None) -> Found:
    """Understand one answer. Raises PlatformError when it is no page at all.

    Without `us` every post is taken to name us, as on our mentions timeline.
    """
    answer = clean(told)
    data, meta = answer.get("data"), answer.get("meta")
    if data is None and not isinstance(meta, dict):
        raise _no_page(answer)
    return _read(answer, us)


def read_looked_up(told: Json, us: Us | None = None) -> Found:
    """Understand the answer of a look-up, which holds nothing but errors when all that was asked for is gone."""
    answer = clean(told)
    if answer.get("data") is None and not isinstance(answer.get("errors"), list):
        raise PlatformError("garbled_answer", "neither data nor errors", retry_after=60)
    return _read(answer, us)


def read_post(item: Json, includes: Any, us: Us | None = None) -> Post:
    """One post and what came along with it. Raises one of NOT_UNDERSTOOD when it is none."""
    return _Included(clean(includes)).post(clean(item), us)


def _read(answer: Json, us: Us | None) -> Found:
    data, meta = answer.get("data"), answer.get("meta")
    if not isinstance(data or [], list):
        raise PlatformError("garbled_answer", "data is not a list", retry_after=60)
    included = _Included(answer.get("includes"))
    posts: list[tuple[str, Post]] = []
    bad: list[BadItem] = []
    for item in data or []:
        try:
            posts.append((id_of(item), included.post(item, us)))
        except NOT_UNDERSTOOD as error:
            known = item.get("id") if isinstance(item, dict) else None
            bad.append(BadItem(str(known or ""), item, f"{type(error).__name__}: {error}"))
    posts.sort(key=lambda pair: age(pair[0]))
    meta = meta if isinstance(meta, dict) else {}
    return Found(
        # Of a post told twice, or edited within the page, the newest version.
        posts=tuple({post.external_id: post for _, post in posts}.values()),
        bad=tuple(bad),
        newest_id=str(meta.get("newest_id") or (posts[-1][0] if posts else "")),
        next_token=str(meta.get("next_token") or ""),
    )


def _no_page(answer: Json) -> PlatformError:
    errors = answer.get("errors")
    if isinstance(errors, list) and errors and isinstance(errors[0], dict):
        # X answers 200 when the account asked about is gone or hidden. That is no empty page.
        return PlatformError("not_found", str(errors[0].get("detail") or ""), permanent=True)
    return PlatformError("garbled_answer", "neither data nor meta", retry_after=60)


def read_author(told: Json) -> Author:
    """A user object made into an author. Raises KeyError when it has no id."""
    user = clean(told)
    metrics = user.get("public_metrics")
    followers = metrics.get("followers_count") if isinstance(metrics, dict) else None
    return Author(
        external_id=id_of(user),
        handle=str(user.get("username") or ""),
        name=str(user.get("name") or ""),
        avatar_url=str(user.get("profile_image_url") or ""),
        followers=followers if isinstance(followers, int) else None,
    )


class _Included:
    """What came along with a page: authors, media, and the posts that its posts point to."""

    def __init__(self, told: Any) -> None:
        includes = told if isinstance(told, dict) else {}
        self._users = {str(user.get("id")): user for user in map(_bare_user, dicts_in(includes, "users"))}
        self._media = {str(media.get("media_key")): media for media in dicts_in(includes, "media")}
        self._polls = {str(poll.get("id")): poll for poll in dicts_in(includes, "polls")}
        self._posts = {str(post.get("id")): post for post in dicts_in(includes, *INCLUDED_POSTS)}

    def post(self, item: Json, us: Us | None) -> Post:
        """Raises one of NOT_UNDERSTOOD when the item is no post."""
        own_id, chain = id_of(item), versions(item)
        points = {str(reference["type"]): id_of(reference) for reference in dicts_in(item, *REFERENCES)}
        author = self._author(item)
        posted_at, edited_at = _times(item, own_id, chain)
        conversation = self._first(text_in(item, "conversation_id") or chain[0])
        conversation = chain[0] if conversation in chain else conversation
        text = self._text(item, points)
        return Post(
            external_id=chain[0],
            author=author,
            kind=_kind(points) or (Kind.MENTION if us is None or us.named_in(item, text) else Kind.POST),
            text=text,
            posted_at=posted_at,
            # X's own clock: its ids hold it.
            reachable_at=posted_at,
            conversation_key=conversation,
            parent_id=self._first(points.get("replied_to", "")),
            root_id=conversation,
            ref_id=self._first(points.get("retweeted") or points.get("quoted") or ""),
            url=f"{SITE}/{author.handle or 'i'}/status/{own_id}",
            lang_hint=text_in(item, "lang"),
            media=self._media_of(item),
            metrics=_metrics(item),
            edited_at=edited_at,
            raw=self._raw(item, points),
        )

    def _raw(self, item: Json, points: dict[str, str]) -> Json:
        """What X said and, where it told, whom the post quotes: X lets us answer those who quoted us."""
        quoted = self._posts.get(points.get("quoted", ""), {}).get("author_id")
        return {**item, QUOTED_AUTHOR: str(quoted)} if quoted else item

    def _author(self, item: Json) -> Author:
        if not item.get("author_id"):
            # A stranger for each such post: one contact for all of them would mix up their tickets.
            return Author(f"author-of-{id_of(item)}", handle=text_in(item, "username"))
        author_id = id_of(item, "author_id")
        if author_id in self._users:
            return read_author(self._users[author_id])
        return Author(author_id, handle=text_in(item, "username"))

    def _first(self, post_id: str) -> str:
        """The id a post began with: what others point to may be one of its later versions."""
        return versions(self._posts[post_id])[0] if post_id in self._posts else post_id

    def _text(self, item: Json, points: dict[str, str]) -> str:
        text = _full_text(item)
        original = self._posts.get(points.get("retweeted", ""))
        head = REPOST_HEAD.match(text)
        # X cuts a repost's own text short; the original that came along is whole.
        return head[0] + _full_text(original) if original and head else text

    def _media_of(self, item: Json) -> tuple[Json, ...]:
        attached = item.get("attachments") or {}
        known = [self._media[str(key)] for key in attached.get("media_keys") or [] if str(key) in self._media]
        names = {"type": "type", "url": "url", "preview_url": "preview_image_url", "alt": "alt_text"}
        media = [{ours: str(medium.get(theirs) or "") for ours, theirs in names.items()} for medium in known]
        polls = [self._polls[str(key)] for key in attached.get("poll_ids") or [] if str(key) in self._polls]
        return (*media, *map(_poll, polls))


def _poll(told: Json) -> Json:
    """A poll stands among the media, its choices in the place of a picture's description."""
    options: list[Json] = [
        {"label": str(option.get("label") or ""), "votes": int(option.get("votes") or 0)}
        for option in sorted(dicts_in(told, "options"), key=lambda option: int(option.get("position") or 0))
    ]
    return {
        "type": "poll",
        "url": "",
        "preview_url": "",
        "alt": " / ".join(option["label"] for option in options),
        "options": options,
        "closed": told.get("voting_status") == "closed",
        "ends_at": str(told.get("end_datetime") or ""),
    }


def _bare_user(user: Json) -> Json:
    """The events of some kinds wrap each user into another object."""
    inner = user.get("data")
    return inner if isinstance(inner, dict) else user


def _kind(points: dict[str, str]) -> Kind | None:
    kinds = {"retweeted": Kind.REPOST, "replied_to": Kind.REPLY, "quoted": Kind.QUOTE}
    return next((kind for name, kind in kinds.items() if name in points), None)


def _full_text(item: Json) -> str:
    notes = [text_in(item[name], "text") for name in NOTES if item.get(name)]
    text = next(filter(None, notes), "") or text_in(item, "text")
    return unescaped(text)


def unescaped(text: str) -> str:
    """The words as they were typed: X escapes these three and no others, and a person may have typed "&eacute;"."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _times(item: Json, own_id: str, chain: list[str]) -> tuple[datetime, datetime | None]:
    told = item.get("created_at")
    if told is None:
        at = moment(own_id)
    else:
        at = datetime.fromisoformat(told)
        at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    # The first version asked for by its id may know of later ones: it is not edited itself.
    if own_id == chain[0]:
        return at, None
    # `created_at` is the newest version's; the first one's moment stands in its id alone.
    return min(at, moment(chain[0])), at


def moment(post_id: str) -> datetime:
    """When the post with this id was made. Raises ValueError where the id is no number."""
    return SNOWFLAKE_EPOCH + timedelta(milliseconds=int(post_id) >> SNOWFLAKE_SHIFT)


def id_at(when: datetime) -> str:
    """The lowest id that a post made at this moment can have."""
    return str(int((when - SNOWFLAKE_EPOCH) / timedelta(milliseconds=1)) << SNOWFLAKE_SHIFT)


def _metrics(item: Json) -> Json:
    told = item.get("public_metrics")
    counts = told if isinstance(told, dict) else {}
    # Events tell each count a second time, as a text.
    return {
        "repost_count" if name == "retweet_count" else name: count
        for name, count in counts.items()
        if isinstance(count, int)
    }


def versions(item: Json) -> list[str]:
    """The ids of all versions of a post that X tells, oldest first."""
    chains = [[str(part) for part in item[name]] for name in HISTORIES if item.get(name)]
    return chains[0] if chains else [id_of(item)]


def untangled(text: str) -> str:
    """The text in a form as heavy as before that is quick to search for links."""
    return WORD.sub(lambda word: word[0].replace(".", "-") if _tangled(word[0]) else word[0], text)


def _tangled(word: str) -> bool:
    return word.count(".") > MOST_DOTS or (len(word) > LONGEST_BARE and "://" not in word)


def same_words(ours: str, theirs: str) -> bool:
    """Whether X's copy of a text is ours: it puts names in front, shortens links and tidies characters."""
    return _bare(ours) == _bare(theirs)


def _bare(text: str) -> str:
    text = unicodedata.normalize("NFC", untangled(clean_text(text)))
    for link in extract_urls(text):
        text = text.replace(link, "<link>", 1)
    text = "".join(letter for letter in text if unicodedata.category(letter) != "Cf")
    return " ".join(LEADING_NAMES.sub("", text.strip()).split())
