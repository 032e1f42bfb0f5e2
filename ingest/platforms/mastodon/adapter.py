"""Mastodon, and servers that speak its API: GoToSocial, Pleroma, Akkoma and others.

Mentions are read as notifications, by min_id and so without gaps; the stream brings them sooner. Where the servers
differ (ids, limits, how letters are counted, whether a key stops a double, which stream there is) nothing is taken for
granted: the server is asked, or the more careful way is taken.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cached_property
from typing import ClassVar

from ingest.platforms.base import (
    Account,
    Author,
    Cannot,
    ImageLimits,
    Json,
    Kind,
    Length,
    LookedUp,
    Outgoing,
    Page,
    PlatformError,
    Post,
    Room,
    Sent,
)
from ingest.platforms.entering import Need
from ingest.platforms.mastodon.answers import Answers
from ingest.platforms.mastodon.limits import Instance, kept_limits
from ingest.platforms.mastodon.listening import Listener
from ingest.platforms.mastodon.parse import NOT_UNDERSTOOD, read_author, read_status
from ingest.platforms.mastodon.reading import Reader
from ingest.platforms.mastodon.text import count
from ingest.platforms.mastodon.threads import STATUSES, Roots, thread_of
from ingest.platforms.mastodon.wire import DOWN_WAIT, Wire
from ingest.platforms.told import clean_text

# "@name " before an answer that names nobody at its beginning. A name has 30 letters at most on Mastodon, and its host
# is free; elsewhere both count.
ROOM_FOR_NAME = 32
ROOM_FOR_NAME_AND_HOST = 100
LARGEST_IMAGE = 5_000_000
BETWEEN_TAGS = re.compile(r"[\s,،;#]+")


class Mastodon:
    """An account on a server that speaks Mastodon's API.

    Credentials: `access_token`, with the scopes read and write, or read:accounts read:notifications read:statuses
    write:statuses write:media. Options: `base_url` (the server), `hashtags` (a list, or a text with spaces or commas).
    """

    name: ClassVar[str] = "mastodon"
    label: ClassVar[str] = "Mastodon"
    threads: ClassVar[bool] = True
    # A post of visibility `direct` that names the author.
    private_answers: ClassVar[bool] = True
    at_once: ClassVar[int] = 20
    needs: ClassVar[tuple[Need, ...]] = (
        Need("base_url"),
        Need("access_token", secret=True),
        Need("hashtags", required=False),
    )

    def __init__(self, account: Account) -> None:
        self._account = account

    def fetch(self, cursor: Json) -> Page:
        """The next page of mentions, then of each hashtag that is followed."""
        page = self._reader(self._tags).fetch(cursor)
        self._instance.freshen()
        return page

    def listen(self, cursor: Json) -> Iterator[Page | None]:
        """Mentions, edits and deletions as the server pushes them. Hashtags come by `fetch` alone."""
        self._instance.freshen()
        listener = Listener(self._wire, self._reader(()), self._me)
        return listener.pages(self._instance.limits().streaming, cursor)

    def reply(self, outgoing: Outgoing) -> Sent:
        """Post the answer, as widely seen as what it answers."""
        return self._answers.post(outgoing)

    def find_reply(self, outgoing: Outgoing) -> Sent | None:
        """Our own answer, under its parent or among what we have posted since the first attempt."""
        return self._answers.find(outgoing)

    def can_reply(self, kind: Kind, *, names_us: bool, raw: Json | None = None) -> Cannot | None:
        """Whoever has a token may answer anything; a server that refuses says so when it is asked."""
        return None if self._account.credentials.get("access_token") else Cannot.NO_ACCOUNT

    def length(self, text: str) -> Length:
        """Counted as the server counts, room left for the name that an answer must hold. Calls nobody."""
        limits = kept_limits(self._account.session)
        used = count(clean_text(text), per_url=limits.per_url, like_mastodon=limits.like_mastodon)
        name = ROOM_FOR_NAME if limits.like_mastodon else ROOM_FOR_NAME_AND_HOST
        return Length(used, limits.max_chars - (0 if text.lstrip().startswith("@") else name))

    def image_limits(self, kind: Kind) -> ImageLimits:
        """What the server told when it was last asked. Larger pictures than ours look no better in a post."""
        limits = kept_limits(self._account.session)
        size = min(limits.image_bytes, LARGEST_IMAGE)
        return ImageLimits(limits.max_images, size, alt=limits.max_alt, pixels=limits.image_pixels)

    def look_up(self, ids: Sequence[str]) -> LookedUp:
        """One call for each: asking for several at once is newer than many servers."""
        roots, posts, gone = Roots(self._wire), [], set()
        room: Room | None = None
        for post_id in ids:
            try:
                answer = self._wire.get(f"{STATUSES}/{post_id}")
                room = answer.room or room
                posts.append(roots.placed(read_status(answer.one(), self._me)))
            except PlatformError as error:
                if error.code != "not_found":
                    raise
                gone.add(post_id)
            except NOT_UNDERSTOOD as error:
                raise _garbled(error) from error
        return LookedUp(tuple(posts), frozenset(gone), room=room)

    def thread(self, post: Post) -> Page:
        """The thread around a post, from its first post on."""
        return thread_of(self._wire, post, self._me)

    def backfill(self, since: datetime, cursor: Json) -> Page:
        """Mentions since then, then each hashtag."""
        return self._reader(self._tags).backfill(since, cursor)

    def verify(self) -> Author:
        """Who this token is on its server, for the page that connects a channel."""
        told = self._wire.get("/api/v1/accounts/verify_credentials").one()
        self._instance.freshen()
        try:
            return read_author(told)
        except NOT_UNDERSTOOD as error:
            raise _garbled(error) from error

    @property
    def _tags(self) -> tuple[str, ...]:
        told = self._account.options.get("hashtags") or ()
        words = BETWEEN_TAGS.split(told) if isinstance(told, str) else [str(tag).strip().lstrip("#") for tag in told]
        return tuple(dict.fromkeys(word.lower() for word in words if word))

    @property
    def _me(self) -> str:
        if not self._account.external_id:
            raise PlatformError("not_connected", "The channel has no account id", permanent=True)
        return self._account.external_id

    def _reader(self, tags: tuple[str, ...]) -> Reader:
        return Reader(self._wire, self._me, tags, quotes=self._instance.limits().quotes)

    @property
    def _answers(self) -> Answers:
        return Answers(self._wire, self._me, self._account.session, self._instance.limits())

    @cached_property
    def _instance(self) -> Instance:
        return Instance(self._wire, self._account.session)

    @cached_property
    def _wire(self) -> Wire:
        return Wire(self._account)


def _garbled(error: Exception) -> PlatformError:
    return PlatformError("garbled_answer", f"{type(error).__name__}: {error}", retry_after=DOWN_WAIT)
