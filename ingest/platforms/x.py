"""X (Twitter), API v2, by tweepy.

Mentions are polled; answers go out as replies. X has no idempotency key, so an answer whose outcome is unknown is
looked for among our own posts before anything is sent again.
"""

import unicodedata
from datetime import timedelta
from functools import cached_property
from typing import Any, ClassVar

import tweepy
from twitter_text import parse_tweet

from ingest.platforms.base import (
    Account,
    Author,
    Cannot,
    Json,
    Kind,
    Length,
    OutcomeUnknown,
    Outgoing,
    Page,
    PlatformError,
    Sent,
)
from ingest.platforms.x_parse import SITE, Found, age, clean, read_author, read_page, same_words, untangled
from ingest.platforms.x_wire import Wire

OAUTH1 = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
POST_FIELDS = [
    "attachments", "author_id", "conversation_id", "created_at", "edit_controls", "edit_history_tweet_ids", "entities",
    "in_reply_to_user_id", "lang", "note_tweet", "public_metrics", "referenced_tweets",
]  # fmt: skip
USER_FIELDS = ["name", "profile_image_url", "public_metrics", "username", "verified", "verified_type"]
MEDIA_FIELDS = ["alt_text", "media_key", "preview_image_url", "type", "url"]
EXPANSIONS = ["attachments.media_keys", "author_id", "referenced_tweets.id"]
PAGE_SIZE = 100
DEFAULT_LIMIT = 280
# Clocks differ: our own answer may carry a time a little before we began to send it.
LOOK_BACK = timedelta(minutes=2)
# X keeps the last 3,200 posts of an account: this many pages, and there is nothing beyond them.
TIMELINE_PAGES = 32


class X:
    """An account on X.

    Credentials: `bearer_token` to read, the four OAuth 1.0a keys to read and write, or `oauth2_user_token` for both.
    Options: `base_url` (another host in X's place), `plan` (`self_serve` or `enterprise`), `limit` (characters).
    """

    name: ClassVar[str] = "x"
    label: ClassVar[str] = "X"

    def __init__(self, account: Account) -> None:
        self._account = account

    def fetch(self, cursor: Json) -> Page:
        """The next page of mentions.

        X tells the newest first, so several pages are walked backwards from the newest down to `since_id`, which
        moves, to the newest of the walk's first page, only when the walk has ended: broken off, it is taken up again.
        """
        walk = cursor.get("pending") or {"newest_id": "", "next_token": "", "since_id": cursor.get("since_id", "")}
        try:
            found = self._mentions(walk)
        except PlatformError as error:
            if error.code != "rejected" or not walk["next_token"] or walk.get("restarted"):
                raise
            # X forgets page tokens. Begin this walk again, once: what is stored already is known by its id.
            again = {**walk, "newest_id": "", "next_token": "", "restarted": True}
            return Page((), {**cursor, "pending": again}, more=True)
        return Page(found.posts, _advance(cursor, walk, found), bad=found.bad, more=bool(found.next_token))

    def reply(self, outgoing: Outgoing) -> Sent:
        """Post the answer. X refuses a text that it has just taken, so then ours may be there already: look."""
        if not self._can_write:
            raise PlatformError("no_account", "These credentials can only read", permanent=True)
        try:
            answer = self._client.create_tweet(
                text=clean(outgoing.text), in_reply_to_tweet_id=outgoing.parent_id, user_auth=self._signs
            )
        except PlatformError as error:
            return self._refused(outgoing, error)
        created = answer.get("data")
        if not isinstance(created, dict) or not created.get("id"):
            raise OutcomeUnknown("outcome_unknown", "X said yes but gave no id", retry_after=60)
        return self._sent(str(created["id"]))

    def find_reply(self, outgoing: Outgoing) -> Sent | None:
        """Our own answer under that parent, among what we have posted since the first attempt."""
        token = None
        for _ in range(TIMELINE_PAGES):
            answer = self._client.get_users_tweets(
                self._me,
                start_time=outgoing.first_tried_at - LOOK_BACK,
                pagination_token=token,
                max_results=PAGE_SIZE,
                tweet_fields=POST_FIELDS,
                expansions=["referenced_tweets.id"],
                user_auth=self._reads_signed,
            )
            found = read_page(answer)
            for post in found.posts:
                if post.parent_id == outgoing.parent_id and same_words(outgoing.text, post.text):
                    return self._sent(post.external_id)
            token = found.next_token
            if not token:
                break
        return None

    def can_reply(self, kind: Kind, *, names_us: bool, raw: Json | None = None) -> Cannot | None:
        """Since February 2026 X lets self-serve apps answer only those who named the account or quoted it."""
        if not self._can_write:
            return Cannot.NO_ACCOUNT
        if self._account.options.get("plan") == "enterprise":
            return None
        summoned = kind is Kind.QUOTE or (names_us and kind is not Kind.REPOST)
        return None if summoned else Cannot.NOT_SUMMONED

    def length(self, text: str) -> Length:
        """Weighted as X weighs: a link is 23, an emoji or a CJK letter 2, an Arabic or Latin letter 1."""
        limit = int(self._account.options.get("limit") or DEFAULT_LIMIT)
        return Length(parse_tweet(unicodedata.normalize("NFC", untangled(clean(text)))).weightedLength, limit)

    def verify(self) -> Author:
        """Who these credentials are on X, for the page that connects a channel."""
        answer = self._client.get_me(user_fields=USER_FIELDS, user_auth=self._signs)
        try:
            return read_author(answer["data"])
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise PlatformError("garbled_answer", str(error), retry_after=60) from error

    def _mentions(self, walk: Json) -> Found:
        answer = self._client.get_users_mentions(
            self._me,
            since_id=walk["since_id"] or None,
            pagination_token=walk["next_token"] or None,
            max_results=PAGE_SIZE,
            tweet_fields=POST_FIELDS,
            user_fields=USER_FIELDS,
            media_fields=MEDIA_FIELDS,
            expansions=EXPANSIONS,
            user_auth=self._reads_signed,
        )
        found = read_page(answer)
        if found.next_token and found.next_token == walk["next_token"]:
            raise PlatformError("garbled_answer", "X names the same page as the next one", retry_after=60)
        return found

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

    def _sent(self, external_id: str) -> Sent:
        return Sent(external_id, f"{SITE}/{self._account.handle.lstrip('@') or 'i'}/status/{external_id}")

    @property
    def _me(self) -> str:
        if not self._account.external_id:
            raise PlatformError("not_connected", "The channel has no X user id", permanent=True)
        return self._account.external_id

    @property
    def _signs(self) -> bool:
        """Whether calls in the account's own name are signed (OAuth 1.0a) rather than made with its token."""
        return not self._secret("oauth2_user_token") and all(map(self._secret, OAUTH1))

    @property
    def _reads_signed(self) -> bool:
        return self._signs and not self._secret("bearer_token")

    @property
    def _can_write(self) -> bool:
        return self._signs or bool(self._secret("oauth2_user_token"))

    def _secret(self, key: str) -> str:
        return str(self._account.credentials.get(key) or "").strip()

    @cached_property
    def _client(self) -> Any:
        token = self._secret("oauth2_user_token") or self._secret("bearer_token")
        keys = {key: self._secret(key) for key in OAUTH1}
        if not (token or self._signs):
            raise PlatformError("bad_credentials", "There are none", permanent=True)
        if not all(secret.isascii() and secret.isprintable() for secret in (token, *keys.values())):
            raise PlatformError("bad_credentials", "They hold characters no key of X has", permanent=True)
        # Plain dicts: tweepy's own models know only the old field names. It must never sleep through a rate limit.
        client = tweepy.Client(token or None, **keys, return_type=dict, wait_on_rate_limit=False)
        client.session.mount("https://", Wire(self._account.timeout, str(self._account.options.get("base_url") or "")))
        return client


def _advance(cursor: Json, walk: Json, found: Found) -> Json:
    """The cursor after this page of the walk."""
    newest = walk["newest_id"] or found.newest_id
    if found.next_token:
        return {**cursor, "pending": {**walk, "newest_id": newest, "next_token": found.next_token}}
    since = max(newest, walk["since_id"], key=age)
    return {"since_id": since} if since else {}
