"""Calling X: which key opens which call, which fields are asked for, and what a call costs.

tweepy signs and sends. It is asked for nothing else: its own methods know only the old names of fields.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any
from urllib.parse import quote

import requests
import tweepy

from ingest.platforms.base import Account, Json, PlatformError, Room
from ingest.platforms.x.oauth import Tokens
from ingest.platforms.x.parse import Us
from ingest.platforms.x.wire import CONNECT_SECONDS, Wire

HOST = "https://api.x.com"
OAUTH1 = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
POST_FIELDS = (
    "attachments", "author_id", "conversation_id", "created_at", "edit_controls", "edit_history_tweet_ids", "entities",
    "in_reply_to_user_id", "lang", "note_tweet", "public_metrics", "referenced_tweets",
)  # fmt: skip
USER_FIELDS = ("name", "profile_image_url", "public_metrics", "username", "verified", "verified_type")
EXPANSIONS = ("attachments.media_keys", "attachments.poll_ids", "author_id", "referenced_tweets.id")
BESIDE = {
    "user.fields": ",".join(USER_FIELDS),
    "media.fields": "alt_text,media_key,preview_image_url,type,url",
    "poll.fields": "end_datetime,id,options,voting_status",
}
OLD_NAMES = {"tweet.fields": ",".join(POST_FIELDS), "expansions": ",".join(EXPANSIONS), **BESIDE}
# Since OpenAPI 2.167: some fields have other names, and what is an id of something else is an expansion.
NEW_NAMES = {
    "post.fields": "attachments,conversation_id,created_at,edit_controls,entities,lang,note_post,public_metrics",
    "expansions": "attachments.media_keys,attachments.poll_ids,author_id,edit_history_post_ids,in_reply_to_user_id,"
    "referenced_posts",
    **BESIDE,
}


class Calls:
    """The calls of one account. `room`: what the last one left of X's rate limit."""

    def __init__(self, account: Account) -> None:
        self.account = account
        # The old names are tried first: both are taken today. An operator may know better (option `names`).
        self._asked = NEW_NAMES if account.options.get("names") == "new" else OLD_NAMES
        self._tokens = Tokens(account)

    @property
    def us(self) -> Us:
        """Who we are."""
        return Us(self.account.external_id, self.account.handle)

    @property
    def me(self) -> str:
        """Our user id. Raises PlatformError where the channel has none."""
        if not self.account.external_id:
            raise PlatformError("not_connected", "The channel has no X user id", permanent=True)
        return quote(self.account.external_id, safe="")

    @property
    def can_write(self) -> bool:
        """Whether these credentials can act in the account's own name."""
        return self._signs or self._tokens.known

    @property
    def reads_as_app(self) -> bool:
        """Whether what we read is what everybody may read, and not what our account is shown."""
        return bool(self.secret("bearer_token")) and not self._tokens.known

    @property
    def room(self) -> Room | None:
        """What the last call left of its rate limit."""
        return self._wire.room

    def get(self, path: str, params: Mapping[str, object] | None = None, *, as_us: bool = False) -> Json:
        """Ask. `as_us`: in the account's own name, even where an app token would do."""
        return self._ask("GET", path, params=_told(params or {}), signed=self._signs if as_us else self._reads_signed)

    def posts(self, path: str, params: Mapping[str, object]) -> Json:
        """Ask for posts with all that belongs to them, by the names X takes for their fields."""
        try:
            return self.get(path, {**params, **self._asked})
        except PlatformError as error:
            if error.code != "rejected" or self._asked is NEW_NAMES or "tweet.fields" not in error.words:
                raise
        # Nobody knows how long X goes on taking the old names.
        self._asked = NEW_NAMES
        return self.get(path, {**params, **self._asked})

    def post(self, path: str, body: Json) -> Json:
        """Write in the account's own name. Raises OutcomeUnknown where it broke off."""
        return self._ask("POST", path, json=body, signed=self._signs)

    def as_app(self, method: str, path: str, body: Json | None = None) -> Json:
        """A call that X takes from the app alone."""
        return self._send(method, path, None, body, self._app_token)

    def stream(self, path: str, params: Mapping[str, object], quiet: float) -> requests.Response:
        """An open connection on which X pushes. `quiet`: seconds without a sign of life after which it has ended."""
        self._check(self._app_token)
        headers = {
            "Authorization": f"Bearer {self._app_token}",
            # Packed, a post would wait for the next one to fill the packet.
            "Accept-Encoding": "identity",
        }
        session: requests.Session = self._client.session
        limits = (min(CONNECT_SECONDS, self.account.timeout), quiet)
        return session.get(f"{HOST}{path}", params=_told(params), headers=headers, stream=True, timeout=limits)

    def secret(self, key: str) -> str:
        """One of the credentials, without the space a person pasted around it."""
        return str(self.account.credentials.get(key) or "").strip()

    def _ask(
        self, method: str, path: str, *, params: Json | None = None, json: Json | None = None, signed: bool
    ) -> Json:
        """A token that X refuses is renewed, and the call made again: what was refused has not been done."""
        renewable = self._tokens.known and not signed
        if not renewable:
            return self._send(method, path, params, json, "" if signed else self.secret("bearer_token"))
        token = self._tokens.current()
        try:
            return self._send(method, path, params, json, token)
        except PlatformError as error:
            fresh = self._tokens.after_refusal(token) if error.code == "bad_credentials" else ""
            if not fresh:
                raise
        return self._send(method, path, params, json, fresh)

    def _send(self, method: str, path: str, params: Json | None, json: Json | None, token: str) -> Json:
        """Once, with this token, or signed without one."""
        self._check(token, *map(self.secret, OAUTH1))
        if not (token or self._signs):
            raise PlatformError("bad_credentials", "There are none", permanent=True)
        self._client.bearer_token = token
        return dict(self._client.request(method, path, params=params, json=json, user_auth=not token).json())

    @property
    def _app_token(self) -> str:
        token = self.secret("bearer_token")
        if not token:
            raise PlatformError("bad_credentials", "X takes this only with the app's bearer_token", permanent=True)
        return token

    @property
    def _signs(self) -> bool:
        """Whether calls in the account's own name are signed (OAuth 1.0a) rather than made with its token."""
        return not self._tokens.known and all(map(self.secret, OAUTH1))

    @property
    def _reads_signed(self) -> bool:
        return self._signs and not self.secret("bearer_token")

    @cached_property
    def _wire(self) -> Wire:
        return Wire(self.account.timeout, str(self.account.options.get("base_url") or ""))

    @cached_property
    def _client(self) -> Any:
        keys = {key: self.secret(key) for key in OAUTH1}
        # It must never sleep through a rate limit.
        client = tweepy.Client(**keys, wait_on_rate_limit=False)
        client.session.mount("https://", self._wire)
        return client

    @staticmethod
    def _check(*secrets: str) -> None:
        if not all(secret.isascii() and secret.isprintable() for secret in secrets):
            raise PlatformError("bad_credentials", "They hold characters no key of X has", permanent=True)


def _told(params: Mapping[str, object]) -> Json:
    """Query parameters without those that are empty."""
    return {name: value for name, value in params.items() if value not in (None, "")}
