"""What every platform looks like to Radd: posts come in by pages, answers go out one by one.

An adapter knows this module and nothing else of ours. It never touches the database, never sleeps for a rate limit
and never decides what a post means.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Protocol

Json = dict[str, Any]


class Kind(StrEnum):
    """What a post is on its platform."""

    MENTION = "mention"
    REPLY = "reply"
    QUOTE = "quote"
    REPOST = "repost"
    DM = "dm"
    COMMENT = "comment"
    REVIEW = "review"
    MAIL = "mail"
    POST = "post"


@dataclass(frozen=True, slots=True)
class Author:
    """The account that wrote a post. `external_id` is the platform's own, opaque and lasting id."""

    external_id: str
    handle: str = ""
    name: str = ""
    avatar_url: str = ""
    followers: int | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """One post as the platform tells it. Ids are opaque strings; times are aware datetimes."""

    external_id: str
    author: Author
    kind: Kind
    text: str
    posted_at: datetime
    conversation_key: str = ""
    parent_id: str = ""
    root_id: str = ""
    # What a quote or repost points to.
    ref_id: str = ""
    url: str = ""
    lang_hint: str = ""
    media: tuple[Json, ...] = ()
    metrics: Json = field(default_factory=dict)
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    raw: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BadItem:
    """An item of a page that could not be understood. It is set aside; the rest of the page goes on."""

    external_id: str
    payload: Any
    error: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page of posts and the cursor to save in the transaction that stores them."""

    posts: tuple[Post, ...]
    cursor: Json
    bad: tuple[BadItem, ...] = ()
    # More is waiting right now: fetch again without waiting for the next poll.
    more: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """Our side of a channel as an adapter needs it: who we are there, and how we may enter."""

    channel_id: int
    external_id: str
    handle: str
    credentials: Json
    options: Json
    timeout: float = 15.0


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One answer on its way out. `key` is the same at every attempt, so a platform may drop a double by it."""

    key: str
    text: str
    parent_id: str
    root_id: str
    conversation_key: str
    to_handle: str
    kind: Kind
    # Nothing of this answer can be on the platform from before this moment.
    first_tried_at: datetime


@dataclass(frozen=True, slots=True)
class Sent:
    """Where an answer ended up."""

    external_id: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Length:
    """A text's length as the platform counts it, and the most it takes."""

    used: int
    limit: int

    @property
    def fits(self) -> bool:
        return 0 < self.used <= self.limit


class Cannot(StrEnum):
    """Why a message cannot be answered on its platform."""

    NOT_SUMMONED = "not_summoned"
    GONE = "gone"
    NO_ACCOUNT = "no_account"


class PlatformError(Exception):
    """The platform, or the way to it, said no.

    `permanent`: trying again cannot help, a person must. `retry_after`: seconds the platform asked us to wait.
    `code`: a word of ours for pages to translate; `words`: what the platform said.
    """

    def __init__(
        self, code: str, words: str = "", *, permanent: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(f"{code}: {words}" if words else code)
        self.code = code
        self.words = words
        self.permanent = permanent
        self.retry_after = retry_after


class OutcomeUnknown(PlatformError):
    """A send broke off: the answer may or may not be on the platform. Look before trying again."""


class Adapter(Protocol):
    """One platform. Made anew for each piece of work, with the account it works for."""

    name: ClassVar[str]
    label: ClassVar[str]

    def __init__(self, account: Account) -> None: ...

    def fetch(self, cursor: Json) -> Page:
        """The next page after `cursor` ({} at the beginning). Raises PlatformError."""
        ...

    def reply(self, outgoing: Outgoing) -> Sent:
        """Post the answer. Raises PlatformError, OutcomeUnknown when it cannot know."""
        ...

    def find_reply(self, outgoing: Outgoing) -> Sent | None:
        """Our own answer under that parent, if an earlier attempt did get through. Raises PlatformError."""
        ...

    def can_reply(self, kind: Kind, *, names_us: bool) -> Cannot | None:
        """None if a message of this kind can be answered by the API, else the reason."""
        ...

    def length(self, text: str) -> Length:
        """The text's length as this platform counts it."""
        ...
