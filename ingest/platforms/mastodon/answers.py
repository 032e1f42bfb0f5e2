"""Answers on Mastodon: under their parent, as widely seen as it, naming whom they answer, and posted once.

Mastodon drops a double by its Idempotency-Key for an hour; GoToSocial and others ignore the key. So whoever tries again
looks first, among our own posts and under the parent.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import chain
from typing import Any

from ingest.platforms.base import Json, Kind, OutcomeUnknown, Outgoing, PlatformError, Sent, Session
from ingest.platforms.mastodon.limits import Limits
from ingest.platforms.mastodon.media import Media
from ingest.platforms.mastodon.parse import NOT_UNDERSTOOD, moment
from ingest.platforms.mastodon.text import addressed, count, same_words, text_of
from ingest.platforms.mastodon.threads import STATUSES, context
from ingest.platforms.mastodon.wire import DOWN_WAIT, Fields, Wire
from ingest.platforms.told import clean_text, id_of, text_in

# Clocks differ: our own answer may carry a time a little before we began to send it.
LOOK_BACK = timedelta(minutes=2)
PAGE_SIZE = "40"
TIMELINE_PAGES = 25
# Some say 400 and some 422, and both say it for other things too.
TOO_LONG = re.compile(r"too long|character limit|limit (?:of|is) \d+|limit exceeded", re.IGNORECASE)
# Who may see a post. Anything else that a server knows is answered to its author alone.
VISIBILITIES = frozenset({"public", "unlisted", "private", "direct"})


class Answers:
    """Writes for one account."""

    def __init__(self, wire: Wire, us: str, session: Session, limits: Limits) -> None:
        self._wire = wire
        self._us = us
        self._session = session
        self._limits = limits

    def post(self, outgoing: Outgoing) -> Sent:
        """Post it. Raises PlatformError; OutcomeUnknown when it cannot know."""
        parent = self._parent(outgoing)
        words = self._words(outgoing, parent)
        form: list[tuple[str, str]] = [
            ("status", words),
            ("in_reply_to_id", outgoing.parent_id),
            ("visibility", _visibility(outgoing, parent)),
            # What other servers would else take for Markdown or HTML.
            ("content_type", "text/plain"),
        ]
        form += [("language", outgoing.lang)] if outgoing.lang else []
        form += [("media_ids[]", media_id) for media_id in self._media().ready(outgoing)]
        return self._sent(self._send(form, outgoing, words))

    def find(self, outgoing: Outgoing) -> Sent | None:
        """Our own answer under that parent, if an earlier attempt got through. Raises PlatformError."""
        below, parent_is_gone = self._below(outgoing.parent_id)
        # One after the other: most often the second need not be asked for.
        for status in chain(below, self._own(outgoing)):
            if self._is_it(status, outgoing, parent_is_gone=parent_is_gone):
                return self._sent(status)
        return None

    # --- posting ------------------------------------------------------------------------------------------------------
    def _send(self, form: Fields, outgoing: Outgoing, words: str) -> Json:
        try:
            posted = self._wire.post(STATUSES, form, key=outgoing.key).body
        except PlatformError as error:
            if error.code in {"rejected", "not_found", "forbidden"}:
                raise self._meant(error, outgoing, words) from error
            raise
        if not isinstance(posted, dict) or not posted.get("id"):
            raise OutcomeUnknown("outcome_unknown", "The server said yes but gave no id", retry_after=DOWN_WAIT)
        return posted

    def _meant(self, error: PlatformError, outgoing: Outgoing, words: str) -> PlatformError:
        """What a refusal was about. Nothing was posted."""
        limits = self._limits
        used = count(words, per_url=limits.per_url, like_mastodon=limits.like_mastodon)
        if error.code == "forbidden":
            return PlatformError("not_allowed", error.words, permanent=True)
        if error.code == "rejected" and (used > limits.max_chars or TOO_LONG.search(error.words)):
            return PlatformError("too_long", error.words, permanent=True)
        # Servers agree on no word for a parent that is gone: ask for it.
        try:
            self._wire.get(f"{STATUSES}/{outgoing.parent_id}")
        except PlatformError as missing:
            return PlatformError("gone", error.words, permanent=True) if missing.code == "not_found" else missing
        return error

    def _parent(self, outgoing: Outgoing) -> Json:
        """What is answered, as it came in. Asked for where it is not known: a private talk must stay one."""
        if outgoing.parent_raw.get("visibility"):
            return outgoing.parent_raw
        try:
            return self._wire.get(f"{STATUSES}/{outgoing.parent_id}").one()
        except PlatformError as error:
            if error.code == "not_found":
                raise PlatformError("gone", error.words, permanent=True) from error
            raise

    def _words(self, outgoing: Outgoing, parent: Json) -> str:
        author = parent.get("account")
        author = author if isinstance(author, dict) else {}
        ours = str(author.get("id") or "") in {"", self._us}
        acct = outgoing.to_handle if ours else str(author.get("acct") or outgoing.to_handle)
        return addressed(clean_text(outgoing.text), acct, self._limits.domain)

    def _media(self) -> Media:
        return Media(self._wire, self._session, self._limits.max_alt)

    # --- looking ------------------------------------------------------------------------------------------------------
    def _below(self, parent_id: str) -> tuple[list[Json], bool]:
        """What stands under the parent, and whether the parent is gone."""
        try:
            return context(self._wire, parent_id)["descendants"], False
        except PlatformError as error:
            if error.code != "not_found":
                raise
            return [], True

    def _own(self, outgoing: Outgoing) -> Iterator[Json]:
        """What we have posted since the first attempt, newest first."""
        query = {"limit": PAGE_SIZE, "exclude_reblogs": "true"}
        for _ in range(TIMELINE_PAGES):
            answer = self._wire.get(f"/api/v1/accounts/{self._us}/statuses", query)
            page = [status for status in answer.items() if isinstance(status, dict)]
            yield from page
            older = answer.older.get("max_id") or ("" if answer.linked or not page else str(page[-1].get("id") or ""))
            if not (page and older) or older == query.get("max_id") or not _is_since(page[-1], outgoing):
                return
            query["max_id"] = older

    def _is_it(self, status: Json, outgoing: Outgoing, *, parent_is_gone: bool) -> bool:
        try:
            under = str(status.get("in_reply_to_id") or "")
            # A server may take its parent's id from an answer when the parent goes.
            fits = under == outgoing.parent_id or (parent_is_gone and not under)
            ours = id_of(status["account"]) == self._us
            # As it was typed, where a server tells that; else out of its HTML.
            told = text_in(status, "text") or text_of(text_in(status, "content"))
        except NOT_UNDERSTOOD:
            return False
        return ours and fits and _is_since(status, outgoing) and same_words(outgoing.text, told)

    def _sent(self, status: Json) -> Sent:
        return Sent(id_of(status), str(status.get("url") or status.get("uri") or ""), raw=status)


def _visibility(outgoing: Outgoing, parent: Json) -> str:
    told: Any = parent.get("visibility")
    return told if outgoing.kind is not Kind.DM and told in VISIBILITIES else "direct"


def _is_since(status: Json, outgoing: Outgoing) -> bool:
    """Whether it was posted since the first attempt; yes where its time makes no sense."""
    try:
        return moment(status["created_at"]) >= outgoing.first_tried_at - LOOK_BACK
    except NOT_UNDERSTOOD:
        return True
