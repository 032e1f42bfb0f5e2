"""The generic channel: a team bridges a network of its own by two signed webhooks, one in and one out.

docs/generic-channel.md is the contract. Nothing is polled: a bridge calls us, and whoever answers its calls stores
what `events` gives before saying 200 and reads it afterwards by `read_event`. Answers go out to the bridge, which must
treat their key as idempotent; so an answer whose outcome is unknown may be sent again.
"""

import re
import time
from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar
from urllib.parse import quote, urlsplit

from ingest.platforms.base import (
    Account,
    Author,
    Cannot,
    Event,
    ImageLimits,
    Json,
    Kind,
    Length,
    Outgoing,
    Page,
    PlatformError,
    Sent,
)
from ingest.platforms.entering import Need
from ingest.platforms.webhook import answer as webhook_answer
from ingest.platforms.webhook import format as webhook_format
from ingest.platforms.webhook import signing as webhook_signing
from ingest.platforms.webhook.fields import Fields, Wrong
from ingest.platforms.webhook.wire import Answer, Call, Rules, call, checked

DEFAULT_LIMIT = 5000
# They travel within the JSON of the answer.
MOST_IMAGES, IMAGE_BYTES, LONGEST_ALT = 4, 2_000_000, 2000
WHOLE = re.compile(r"[1-9][0-9]{0,8}")
YES = {"1", "true", "yes", "on"}
# Characters a key may have in a path and in a header as they are; the keys in use, UUIDs, have no others.
PLAIN = "-._~"


class Webhook:
    """A channel bridged by its own team.

    Credentials: `secret`, and `previous_secret` while it is being replaced. Options: `answer_url`; `answers` (`all`,
    `none`, or the kinds that can be answered), `limit` (code points), `images` (how many an answer may hold, 0 to 9),
    `can_look` (the bridge tells what it has under a key), `account_id` and `account_handle` (who we are there),
    `network` (whose the authors' ids are; the channel's own if empty); and for the server's operator `allow_http` and
    `allow_private`.
    """

    name: ClassVar[str] = "webhook"
    label: ClassVar[str] = "Generic channel"
    # A review site would put the second part in the place of the first.
    threads: ClassVar[bool] = False
    needs: ClassVar[tuple[Need, ...]] = (
        Need("secret", secret=True),
        Need("previous_secret", secret=True, required=False),
        Need("account_id", required=False, usual="us"),
        Need("account_handle", required=False),
        Need("network", required=False),
        Need("answer_url", required=False),
        Need("answers", required=False, usual="all"),
        Need("limit", required=False, usual=str(DEFAULT_LIMIT)),
        Need("can_look", required=False),
    )

    def __init__(self, account: Account) -> None:
        self._account = account

    # --- in -----------------------------------------------------------------------------------------------------------
    def fetch(self, cursor: Json) -> Page:
        """Nothing: what comes in is pushed."""
        return Page((), cursor)

    def challenge(self, _query: Mapping[str, str]) -> Json | None:
        """None: both sides know the secret, so there is nothing to prove beforehand."""
        return None

    def events(self, headers: Mapping[str, str], body: bytes, now: datetime) -> tuple[Event, ...]:
        """The events of one call, its signature and age checked before anything is parsed.

        Raises PlatformError: "bad_signature" (to be answered 401), "too_large" (413), "bad_payload" (400), all of them
        permanent and about this call alone, and "bad_credentials" (503) where we have no secret to check it by.
        """
        webhook_format.check_size(body)
        webhook_signing.check(self._secrets, headers, body, now)
        return webhook_format.split(body)

    def read_event(self, payload: Json) -> Page:
        """The post of one event, or the bad item it is."""
        account = self._account
        network = self._text("network") or str(account.channel_id)
        return webhook_format.read(payload, webhook_format.Sides(account.external_id, account.handle, network))

    # --- out ----------------------------------------------------------------------------------------------------------
    def reply(self, outgoing: Outgoing) -> Sent:
        """Hand the answer to the bridge. What it has under the key already it does not post again."""
        body = webhook_answer.answer_body(outgoing, self._account)
        keyed = {"Idempotency-Key": quote(outgoing.key, safe=PLAIN)}
        return webhook_answer.read_sent(self._post(body, keyed, writing=True), outgoing)

    def find_reply(self, outgoing: Outgoing) -> Sent | None:
        """What the bridge has under this key, if it can tell; else None: to send it again is safe by contract."""
        if not self._flag("can_look"):
            return None
        parts = urlsplit(self._answer_url)
        url = parts._replace(path=f"{parts.path.rstrip('/')}/{quote(outgoing.key, safe=PLAIN)}").geturl()
        answer = call(Call("GET", url, self._signed(b"")), self._rules)
        return webhook_answer.read_found(answer, outgoing)

    def can_reply(self, kind: Kind, *, names_us: bool, raw: Json | None = None) -> Cannot | None:
        """By the channel's kinds, and by what the bridge said of this message in `no_answer`."""
        if not self._text("answer_url") or kind not in self._answers:
            return Cannot.NO_ACCOUNT
        told = (raw or {}).get("no_answer")
        return Cannot(told) if isinstance(told, str) and told in set(Cannot) else None

    def length(self, text: str) -> Length:
        """Unicode code points."""
        told = WHOLE.fullmatch(self._text("limit"))
        return Length(len(text), int(told[0]) if told else DEFAULT_LIMIT)

    def image_limits(self, kind: Kind) -> ImageLimits:
        """As many as the bridge says it can pass on."""
        told = self._text("images")
        most = int(told) if re.fullmatch(r"[0-9]", told) else MOST_IMAGES
        return ImageLimits(most, IMAGE_BYTES, alt=LONGEST_ALT)

    def verify(self) -> Author:
        """Who we are there. A bridge with an address is rung up: its yes to a ping means that it shares our secret."""
        _ = self._secrets
        told = Fields({})
        if self._text("answer_url"):
            answer = self._post(b'{"type": "ping"}', {}, writing=False)
            if not 200 <= answer.status < 300:
                raise webhook_answer.refusal(answer, writing=False)
            told = Fields(answer.told or {})
        try:
            account = told.part("account")
            return Author(
                external_id=self._text("account_id") or account.text("id", webhook_format.LONGEST_AUTHOR_ID) or "us",
                handle=self._text("account_handle") or account.text("handle", webhook_format.LONGEST_NAME),
                name=account.text("name", webhook_format.LONGEST_NAME),
                avatar_url=account.link("avatar_url"),
            )
        except Wrong as error:
            raise PlatformError("garbled_answer", str(error), retry_after=webhook_answer.DOWN_WAIT) from error

    def _post(self, body: bytes, more: dict[str, str], *, writing: bool) -> Answer:
        headers = {"Content-Type": "application/json", **more, **self._signed(body)}
        return call(Call("POST", self._answer_url, headers, body, writing), self._rules)

    def _signed(self, body: bytes) -> dict[str, str]:
        return {webhook_signing.HEADER: webhook_signing.sign(self._secrets, body, int(time.time()))}

    @property
    def _secrets(self) -> tuple[bytes, ...]:
        return webhook_signing.secrets_of(self._account.credentials)

    @property
    def _answer_url(self) -> str:
        url = self._text("answer_url")
        if not url:
            raise PlatformError("no_account", "The channel has no answer_url", permanent=True)
        checked(url, self._rules)
        return url

    @property
    def _rules(self) -> Rules:
        return Rules(self._account.timeout, self._flag("allow_http"), self._flag("allow_private"))

    @property
    def _answers(self) -> set[str]:
        """The kinds of messages that can be answered."""
        told = self._account.options.get("answers")
        words = told if isinstance(told, list) else self._text("answers").replace(",", " ").split()
        names = {str(word).lower() for word in words}
        return set(Kind) if not names or names & {"all", *YES} else names

    def _flag(self, name: str) -> bool:
        """Forms write what they are told as text."""
        return self._text(name).lower() in YES

    def _text(self, name: str) -> str:
        told = self._account.options.get(name)
        return "" if told is None else str(told).strip()
