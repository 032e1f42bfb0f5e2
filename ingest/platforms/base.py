"""What every platform looks like to Radd: posts come in by pages, answers go out one by one.

An adapter knows this module and nothing else of ours. It never touches the database, never sleeps for a rate limit
and never decides what a post means. `Adapter` is what every platform has; what only some can do stands after it, one
protocol each, and is asked for by `isinstance`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Protocol, runtime_checkable

from ingest.cleaning import remember_secrets, remember_tokens, told

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
    # When the platform itself had it, by a clock its author cannot set; None where nobody vouches for `posted_at`.
    reachable_at: datetime | None = None
    # Fetched only so that others can be understood: other people's words in a thread. Never a ticket of its own.
    context: bool = False
    # What the platform said, and what the adapter itself will want to know when this post is answered.
    raw: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BadItem:
    """An item of a page that could not be understood. It is set aside; the rest of the page goes on."""

    external_id: str
    payload: Any
    error: str


@dataclass(frozen=True, slots=True)
class Room:
    """What a platform's rate limit still allows, as its last answer told."""

    limit: int
    remaining: int
    resets_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of posts and the cursor to save in the transaction that stores them."""

    posts: tuple[Post, ...]
    cursor: Json
    bad: tuple[BadItem, ...] = ()
    # More is waiting right now: fetch again without waiting for the next poll.
    more: bool = False
    # What the platform charges for, and how many of each: names of its price list (ingest.prices).
    charged: Mapping[str, int] = field(default_factory=dict)
    room: Room | None = None


class Session(Protocol):
    """What an adapter remembers between pieces of work, and nobody may see: tokens that are renewed by being used."""

    def get(self) -> Json:
        """As it was last kept; {} at first."""
        ...

    def renew(self, make: Callable[[Json], Json]) -> Json:
        """Keep what `make` makes of the newest; returns it. One at a time: others wait, and then see the new one.

        `make` may call the platform, and must return what it is given where somebody else has renewed it meanwhile.
        """
        ...


class Unkept:
    """A session that lasts as long as this object: where there is no channel yet to keep it."""

    def __init__(self, value: Json | None = None) -> None:
        self._value: Json = value or {}

    def get(self) -> Json:
        """As it was last kept."""
        return self._value

    def renew(self, make: Callable[[Json], Json]) -> Json:
        """Keep what is made."""
        self._value = make(self._value)
        remember_tokens(self._value)
        return self._value


@dataclass(frozen=True, slots=True)
class Account:
    """Our side of a channel as an adapter needs it: who we are there, and how we may enter."""

    channel_id: int
    external_id: str
    handle: str
    credentials: Json = field(repr=False)
    options: Json
    timeout: float = 15.0
    session: Session = field(default_factory=Unkept, repr=False)

    def __post_init__(self) -> None:
        remember_secrets(self.credentials)


@dataclass(frozen=True, slots=True)
class Image:
    """A picture that goes out with an answer."""

    content: bytes
    media_type: str
    alt: str


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
    # Nothing of this answer can be on the platform from before this moment. The same at every attempt.
    first_tried_at: datetime
    # `Post.raw` of what is answered.
    parent_raw: Json = field(default_factory=dict)
    # The language it is written in, as a two-letter code; empty if unknown.
    lang: str = ""
    images: tuple[Image, ...] = ()


@dataclass(frozen=True, slots=True)
class Sent:
    """Where an answer ended up."""

    external_id: str
    url: str = ""
    charged: Mapping[str, int] = field(default_factory=dict)
    raw: Json = field(default_factory=dict)


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
    # Its author has closed it to answers, or us out.
    CLOSED = "closed"
    # Sent by a machine: an out-of-office note, a bounce, a newsletter.
    AUTOMATIC = "automatic"


class PlatformError(Exception):
    """The platform, or the way to it, said no.

    `permanent`: trying again cannot help, a person must. `retry_after`: seconds the platform asked us to wait.
    `code`: a word of ours for pages to translate; `words`: what the platform said.
    """

    def __init__(
        self, code: str, words: str = "", *, permanent: bool = False, retry_after: float | None = None
    ) -> None:
        # Platforms quote what they were told, and libraries where they told it.
        words = told(words)
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
    threads: ClassVar[bool]
    """A long answer may go out as several posts, each under the one before it."""

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

    def can_reply(self, kind: Kind, *, names_us: bool, raw: Json | None = None) -> Cannot | None:
        """None if such a message can be answered by the API, else the reason. `raw`: its `Post.raw`."""
        ...

    def length(self, text: str) -> Length:
        """The text's length as this platform counts it."""
        ...


# --- what only some platforms can do --------------------------------------------------------------------------------
BEAT = 20.0
"""Seconds after which a listener says that nothing came."""


@runtime_checkable
class Streams(Protocol):
    """The platform pushes. A stream is always backed by `fetch`, which alone decides what is complete."""

    def listen(self, cursor: Json) -> Iterator[Page | None]:
        """Pages as they are pushed, from `cursor` on ({} for now on); None at least every `BEAT` seconds.

        A page's cursor belongs to the stream and is not that of `fetch`. Raises PlatformError where the connection
        ends; closing the iterator closes the connection.
        """
        ...


@dataclass(frozen=True, slots=True)
class LookedUp:
    """How posts stand now: those that are there, with their words and figures, and the ids of those that are gone."""

    posts: tuple[Post, ...]
    gone: frozenset[str] = frozenset()
    charged: Mapping[str, int] = field(default_factory=dict)
    room: Room | None = None


@runtime_checkable
class LooksUp(Protocol):
    """Posts can be asked for by their ids: edits, deletions and reach come in so."""

    at_once: ClassVar[int]
    """Ids one call takes."""

    def look_up(self, ids: Sequence[str]) -> LookedUp:
        """How these posts stand now. Raises PlatformError."""
        ...


@runtime_checkable
class TellsThreads(Protocol):
    """What was said around a post can be asked for."""

    def thread(self, post: Post) -> Page:
        """Its root, the way down to it and what others said there, each with `context` set unless it is our own.

        Raises PlatformError.
        """
        ...


@runtime_checkable
class Backfills(Protocol):
    """The past can be read."""

    def backfill(self, since: datetime, cursor: Json) -> Page:
        """The next page of what was posted since then; its cursor ({} at first) belongs to this backfill."""
        ...


@dataclass(frozen=True, slots=True)
class Event:
    """One thing a platform told by webhook. `key` is the same whenever it tells it again."""

    key: str
    payload: Json


@runtime_checkable
class Receives(Protocol):
    """The platform calls us."""

    def challenge(self, query: Mapping[str, str]) -> Json | None:
        """The answer by which we prove to be who registered the webhook; None if nothing was asked."""
        ...

    def events(self, headers: Mapping[str, str], body: bytes, now: datetime) -> tuple[Event, ...]:
        """What a call holds, its signature checked on the raw bytes. Raises PlatformError("bad_signature")."""
        ...

    def read_event(self, payload: Json) -> Page:
        """The posts of one event; the cursor is {}."""
        ...


@runtime_checkable
class AnswersInPrivate(Protocol):
    """A public post can be answered in private: an `Outgoing` of kind `dm` under it reaches its author alone."""

    private_answers: ClassVar[bool]


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """What pictures one answer may hold: JPEG and PNG, at most so many of so many bytes each.

    `alt`: letters of a picture's description. `pixels`: of a picture, None where it does not matter.
    """

    most: int
    most_bytes: int
    alt: int = 1000
    pixels: int | None = None


@runtime_checkable
class SendsImages(Protocol):
    """Answers may hold pictures."""

    def image_limits(self, kind: Kind) -> ImageLimits:
        """What an answer to such a message may hold. Calls nobody."""
        ...
