"""X (Twitter), API v2.

Mentions are polled, and beside them what search finds by keywords; answers go out as replies. X has no idempotency
key, so an answer whose outcome is unknown is looked for among our own posts before anything is sent again.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import ClassVar

from twitter_text import parse_tweet

from ingest.platforms.base import (
    Account,
    Author,
    Cannot,
    Event,
    ImageLimits,
    Json,
    Kind,
    Length,
    LookedUp,
    OutcomeUnknown,
    Outgoing,
    Page,
    PlatformError,
    Post,
    Sent,
)
from ingest.platforms.entering import Need
from ingest.platforms.told import clean_text
from ingest.platforms.x import dms as x_dms
from ingest.platforms.x import media as x_media
from ingest.platforms.x import prices as x_prices
from ingest.platforms.x import webhook as x_webhook
from ingest.platforms.x.activity import LEGACY_DM, read_event
from ingest.platforms.x.calls import USER_FIELDS, Calls
from ingest.platforms.x.lookup import AT_ONCE, look_up
from ingest.platforms.x.parse import FOUND_BY, QUOTED_AUTHOR, SITE, read_author, read_page, untangled
from ingest.platforms.x.sources import gather, look_back
from ingest.platforms.x.stream import listen
from ingest.platforms.x.subscriptions import register, subscribe
from ingest.platforms.x.threads import thread

PAGE_SIZE = 100
DEFAULT_LIMIT = 280
# Clocks differ: our own answer may carry a time a little before we began to send it.
LOOK_BACK = timedelta(minutes=2)
# X keeps the last 3,200 posts of an account: this many pages, and there is nothing beyond them.
TIMELINE_PAGES = 32


class X:
    """An account on X.

    Credentials: the app's `bearer_token` reads and streams; the four OAuth 1.0a keys read and write, and so does a
    sign-in by OAuth 2.0 (`oauth2_user_token`, `refresh_token`, `expires_at`, with the app's `client_id` and, if it has
    one, `client_secret`), which comes before the keys. Webhooks and their signatures need `consumer_secret`.

    Options: `keywords` to search for, `plan` (`self_serve` or `enterprise`), `limit` (characters), `stream` (`filtered`
    to hear what is found rather than our account's events), `dms` (`on` to poll direct messages of the old kind),
    `owns_app` (false where the app belongs to another account, which pays more for our mentions), `base_url` (a host
    in X's place).
    """

    name: ClassVar[str] = "x"
    label: ClassVar[str] = "X"
    threads: ClassVar[bool] = True
    at_once: ClassVar[int] = AT_ONCE
    needs: ClassVar[tuple[Need, ...]] = (
        Need("bearer_token", secret=True),
        Need("consumer_secret", secret=True),
        # Either these, or a sign-in by OAuth 2.0 for which the app's client_id is needed.
        Need("consumer_key", secret=True, required=False),
        Need("access_token", secret=True, required=False),
        Need("access_token_secret", secret=True, required=False),
        Need("client_id", secret=True, required=False),
        Need("client_secret", secret=True, required=False),
        Need("keywords", required=False),
        Need("plan", required=False, usual="self_serve"),
        Need("stream", required=False),
        Need("dms", required=False),
    )

    def __init__(self, account: Account) -> None:
        self._account = account

    def fetch(self, cursor: Json) -> Page:
        """The next page of mentions, and of what each search finds, oldest first.

        Each source has a walk of its own in the cursor: that of the mentions lies at its top, those of the searches
        under "searches".
        """
        return gather(self._calls, cursor)

    def reply(self, outgoing: Outgoing) -> Sent:
        """Post the answer. X refuses a text that it has just taken, so then ours may be there already: look."""
        if not self._calls.can_write:
            raise PlatformError("no_account", "These credentials can only read", permanent=True)
        if x_dms.is_message(outgoing):
            return x_dms.send(self._calls, outgoing)
        body: Json = {"text": clean_text(outgoing.text), "reply": {"in_reply_to_tweet_id": outgoing.parent_id}}
        if outgoing.images:
            body["media"] = {"media_ids": x_media.ready(self._calls, outgoing, x_media.POST_IMAGE)}
        try:
            answer = self._calls.post("/2/tweets", body)
        except PlatformError as error:
            return self._refused(outgoing, error)
        created = answer.get("data")
        if not isinstance(created, dict) or not created.get("id"):
            raise OutcomeUnknown("outcome_unknown", "X said yes but gave no id", retry_after=60)
        return self._sent(outgoing, str(created["id"]))

    def find_reply(self, outgoing: Outgoing) -> Sent | None:
        """Our own answer under that parent, among what we have posted since the first attempt."""
        if x_dms.is_message(outgoing):
            return x_dms.find(self._calls, outgoing, LOOK_BACK)
        since = (outgoing.first_tried_at - LOOK_BACK).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        token = ""
        for _ in range(TIMELINE_PAGES):
            answer = self._calls.posts(
                f"/2/users/{self._calls.me}/tweets",
                {"start_time": since, "pagination_token": token, "max_results": PAGE_SIZE},
            )
            found = read_page(answer)
            for post in found.posts:
                if post.parent_id == outgoing.parent_id and x_media.is_copy(outgoing, post.text):
                    return self._sent(outgoing, post.external_id)
            token = found.next_token
            if not token:
                break
        return None

    def can_reply(self, kind: Kind, *, names_us: bool, raw: Json | None = None) -> Cannot | None:
        """Since February 2026 X lets self-serve apps answer only those who named the account or quoted it."""
        if not self._calls.can_write:
            return Cannot.NO_ACCOUNT
        if kind is Kind.DM:
            # What X's encrypted chat carries cannot be answered here.
            return None if (raw or {}).get(LEGACY_DM) else Cannot.CLOSED
        if self._account.options.get("plan") == "enterprise":
            return None
        return None if self._summoned(kind, names_us, raw or {}) else Cannot.NOT_SUMMONED

    def look_up(self, ids: Sequence[str]) -> LookedUp:
        """How these posts stand now: edits, figures, and which of them are gone."""
        return look_up(self._calls, ids)

    def thread(self, post: Post) -> Page:
        """Its root, the way down to it and the last seven days of its conversation."""
        return thread(self._calls, post)

    def backfill(self, since: datetime, cursor: Json) -> Page:
        """The next page of what was posted since then: X has the last 800 mentions, and seven days of search."""
        return look_back(self._calls, since, cursor)

    def listen(self, cursor: Json) -> Iterator[Page | None]:
        """Our account's events as they happen; with the option `stream` = "filtered" what its rules find."""
        return listen(self._calls, cursor)

    def challenge(self, query: Mapping[str, str]) -> Json | None:
        """The answer to X's question whether this address is ours; None where it asks nothing."""
        return x_webhook.challenge(self._calls.secret("consumer_secret"), query)

    def register_webhook(self, url: str) -> str:
        """Have X call this address of ours with our account's events; returns the webhook's id."""
        webhook_id = register(self._calls, url)
        subscribe(self._calls, webhook_id)
        return webhook_id

    def events(self, headers: Mapping[str, str], body: bytes, now: datetime) -> tuple[Event, ...]:
        """What a call holds for this account, its signature checked on the raw bytes."""
        secret = self._calls.secret("consumer_secret")
        return x_webhook.events(secret, self._account.external_id, headers, body, now)

    def read_event(self, payload: Json) -> Page:
        """The posts of one event."""
        return read_event(payload, self._calls.us)

    def length(self, text: str) -> Length:
        """Weighted as X weighs: a link is 23, an emoji or a CJK letter 2, an Arabic or Latin letter 1."""
        limit = int(self._account.options.get("limit") or DEFAULT_LIMIT)
        return Length(parse_tweet(unicodedata.normalize("NFC", untangled(clean_text(text)))).weightedLength, limit)

    def image_limits(self, kind: Kind) -> ImageLimits:
        """X says five megabytes; a message holds one picture."""
        most = x_media.MOST_IN_MESSAGE if kind is Kind.DM else x_media.MOST
        return ImageLimits(most, x_media.LARGEST, alt=x_media.LONGEST_ALT)

    def verify(self) -> Author:
        """Who these credentials are on X, for the page that connects a channel."""
        answer = self._calls.get("/2/users/me", {"user.fields": ",".join(USER_FIELDS)}, as_us=True)
        try:
            return read_author(answer["data"])
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise PlatformError("garbled_answer", str(error), retry_after=60) from error

    def _summoned(self, kind: Kind, names_us: bool, raw: Json) -> bool:
        if kind is Kind.REPOST:
            return False
        if names_us or kind is not Kind.QUOTE:
            return names_us
        # The mentions timeline tells quotes of our own posts; search also finds those of others.
        quoted = raw.get(QUOTED_AUTHOR)
        return bool(quoted == self._account.external_id) if quoted else raw.get(FOUND_BY) != "search"

    def _refused(self, outgoing: Outgoing, error: PlatformError) -> Sent:
        words = error.words.lower()
        if error.code == "forbidden" and "duplicate" in words:
            if sent := self.find_reply(outgoing):
                return sent
            raise PlatformError("duplicate", error.words, permanent=True) from error
        if error.code == "not_found" or (error.code == "forbidden" and "deleted" in words):
            raise PlatformError("gone", error.words, permanent=True) from error
        if error.code == "forbidden":
            raise PlatformError("not_allowed", error.words, permanent=True) from error
        raise error

    def _sent(self, outgoing: Outgoing, external_id: str) -> Sent:
        """Where the answer is, and what it cost: self-serve answers only those who asked, at a price of its own."""
        summoned = self._account.options.get("plan") != "enterprise"
        url = f"{SITE}/{self._account.handle.lstrip('@') or 'i'}/status/{external_id}"
        return Sent(external_id, url, charged=x_prices.of_sending(outgoing, summoned=summoned))

    @cached_property
    def _calls(self) -> Calls:
        return Calls(self._account)
