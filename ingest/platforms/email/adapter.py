"""E-mail: a mailbox read by IMAP, answered by SMTP.

A mail's id is its Message-ID, so that a mailbox may be read again from the start at any time. A place in a mailbox is
UIDVALIDITY and a UID; when the first changes, all uids mean something else, and the last days are read again.
An answer's Message-ID comes from its delivery: at every attempt it is the same, and can be looked for.
"""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import ClassVar

from ingest.platforms.base import (
    BEAT,
    Account,
    Author,
    BadItem,
    Cannot,
    ImageLimits,
    Json,
    Kind,
    Length,
    Outgoing,
    Page,
    PlatformError,
    Post,
    Sent,
)
from ingest.platforms.email import smtp as email_smtp
from ingest.platforms.email.compose import Letter, compose, mark_of, message_id_of
from ingest.platforms.email.imap import Folder, Mailbox, mailbox
from ingest.platforms.email.options import Settings, settings_of
from ingest.platforms.email.parse import NOT_UNDERSTOOD, Arrived, read_head, read_mail
from ingest.platforms.entering import Need

PAGE_SIZE = 50
PAGE_BYTES = 24 * 1024 * 1024
# A page ends early when it has taken so many times the limit of one call: its cursor is worth more than its rest.
PATIENCE = 3
DEFAULT_LIMIT = 50_000
# Our clock writes the date of an answer; it may have been set back a little between two attempts.
LOOK_BACK = timedelta(minutes=2)
# Searches by day know no time of day and no zone.
A_DAY = timedelta(days=1)
HEAD_KEPT = 2_000
# What is left of a beat is for the words before and after the wait.
BEAT_SHARE = 0.9


class Email:
    """A mailbox.

    Credentials: `username` and `password`, or `refresh_token` and `client_secret` where the provider wants tokens (see
    `oauth`); `smtp_username`, `smtp_password` where sending has its own. Options are those of `options.Settings`, by
    the same names; `imap_…` and `smtp_…` for host, port and security.
    """

    name: ClassVar[str] = "email"
    label: ClassVar[str] = "E-mail"
    threads: ClassVar[bool] = False
    needs: ClassVar[tuple[Need, ...]] = (
        Need("address"),
        Need("username", required=False),
        Need("password", secret=True, required=False),
        Need("refresh_token", secret=True, required=False),
        Need("client_id", required=False),
        Need("client_secret", secret=True, required=False),
        Need("token_url", required=False),
        Need("imap_host"),
        Need("imap_port", required=False, usual="993"),
        Need("imap_security", required=False, usual="ssl"),
        Need("smtp_host", required=False),
        Need("smtp_port", required=False, usual="465"),
        Need("smtp_security", required=False, usual="ssl"),
        Need("smtp_username", required=False),
        Need("smtp_password", secret=True, required=False),
        Need("from_name", required=False),
        Need("aliases", required=False),
        Need("folder", required=False, usual="INBOX"),
        Need("sent_folder", required=False),
        Need("token", required=False, usual="subject"),
        Need("days", required=False, usual="7"),
    )

    def __init__(self, account: Account) -> None:
        self._account = account

    # --- in -------------------------------------------------------------------------------------------------------
    def fetch(self, cursor: Json) -> Page:
        """The next page. At the beginning, and where the mailbox was renumbered, from the last `days` days on."""
        with self._mailbox() as box:
            folder = box.open(self._settings.folder)
            return self._next(box, folder, _known(cursor, folder) or self._afresh(folder, None))

    def backfill(self, since: datetime, cursor: Json) -> Page:
        """The next page of what arrived since then, up to what was there when the backfill began."""
        with self._mailbox() as box:
            folder = box.open(self._settings.folder)
            place = _known(cursor, folder) or self._afresh(folder, since)
            page = self._walk(box, folder, place) if "walk" in place else Page((), place)
        return replace(page, posts=tuple(post for post in page.posts if (post.reachable_at or since) >= since))

    def listen(self, cursor: Json) -> Iterator[Page | None]:
        """Pages as mail comes in, told by IDLE; None where none came."""
        with self._mailbox() as box:
            folder = box.open(self._settings.folder)
            place = _known(cursor, folder) or {"uidvalidity": folder.uidvalidity, "uid": folder.top}
            while True:
                page = self._beyond(box, folder, place)
                place = page.cursor
                if page.posts or page.bad:
                    yield page
                if not page.more and not box.wait(BEAT * BEAT_SHARE):
                    yield None

    # --- out ------------------------------------------------------------------------------------------------------
    def reply(self, outgoing: Outgoing) -> Sent:
        """Send the answer, then keep a copy among what was sent, unless the server has done so itself."""
        settings, smtp = self._settings, self._settings.smtp
        if smtp is None:
            raise PlatformError("no_account", "The channel has no SMTP server", permanent=True)
        if outgoing.parent_raw.get("automatic"):
            raise PlatformError("not_allowed", "That mail was sent by a machine", permanent=True)
        now = datetime.now(UTC)
        letter = compose(outgoing, settings, now)
        email_smtp.send(
            smtp,
            letter.content,
            sender=settings.address,
            to=letter.to,
            copy_to=settings.address if settings.copy_to_self else "",
            domain=settings.domain,
            timeout=settings.timeout,
        )
        return Sent(letter.message_id, raw={"to": letter.to, "copy": self._keep_copy(letter, now)})

    def find_reply(self, outgoing: Outgoing) -> Sent | None:
        """Our answer among what was sent, or in our own mailbox: by its Message-ID, else by its mark."""
        settings = self._settings
        since = outgoing.first_tried_at - LOOK_BACK
        ways = (("Message-ID", f"<{message_id_of(outgoing, settings)}>"), ("X-Radd-Delivery", mark_of(outgoing)))
        with self._mailbox() as box:
            sent = settings.sent_folder or box.sent_folder()
            for folder in dict.fromkeys(filter(None, (sent, settings.folder))):
                box.open(folder)
                for name, value in ways:
                    uids = box.by_header(name, value, (since - A_DAY).date())
                    for head, laid in box.heads(uids) if uids else ():
                        found = read_head(head, laid)
                        if found.says(name, value) and found.at >= since:
                            return Sent(found.message_id, raw={"folder": folder})
        return None

    def can_reply(self, kind: Kind, *, names_us: bool, raw: Json | None = None) -> Cannot | None:
        """Machines are never answered."""
        if not str(self._account.options.get("smtp_host") or "").strip():
            return Cannot.NO_ACCOUNT
        return Cannot.AUTOMATIC if raw and raw.get("automatic") else None

    def length(self, text: str) -> Length:
        """In characters. Mail has no limit of its own; ours is one that people still read."""
        return Length(len(text), int(self._account.options.get("limit") or DEFAULT_LIMIT))

    def image_limits(self, kind: Kind) -> ImageLimits:
        """So many that the whole letter, written in letters alone, stays below what most servers take (25 MB)."""
        return ImageLimits(5, 3_000_000)

    def verify(self) -> Author:
        """Enter both servers, open the folder, send nothing."""
        settings = self._settings
        with self._mailbox() as box:
            box.open(settings.folder)
        if settings.smtp:
            email_smtp.check(settings.smtp, domain=settings.domain, timeout=settings.timeout)
        address = settings.address.lower()
        return Author(address, address, settings.sender_name)

    # --- reading --------------------------------------------------------------------------------------------------
    def _afresh(self, folder: Folder, since: datetime | None) -> Json:
        """A walk through what arrived lately, up to what is there now."""
        day = (since or datetime.now(UTC) - timedelta(days=self._settings.days)) - A_DAY
        walk = {"since": day.astimezone(UTC).date().isoformat(), "top": folder.top}
        return {"uidvalidity": folder.uidvalidity, "uid": 0, "walk": walk}

    def _next(self, box: Mailbox, folder: Folder, place: Json) -> Page:
        if "walk" in place:
            page = self._walk(box, folder, place)
            if page.more or page.posts or page.bad:
                return replace(page, more=True)
            place = page.cursor
        return self._beyond(box, folder, place)

    def _walk(self, box: Mailbox, folder: Folder, place: Json) -> Page:
        """The next of those that arrived since the walk's day. Its end is the walk's top: the rest is read by uid."""
        walk = place["walk"]
        day = datetime.fromisoformat(walk["since"]).date()
        waiting = box.since(day, place["uid"], walk["top"])
        done = {"uidvalidity": folder.uidvalidity, "uid": walk["top"]}
        return self._page(box, folder, waiting, done, {"walk": walk})

    def _beyond(self, box: Mailbox, folder: Folder, place: Json) -> Page:
        """The next of those with a greater uid, whenever they say to have arrived."""
        waiting, last = box.after(place["uid"], folder.top)
        done = {"uidvalidity": folder.uidvalidity, "uid": last}
        page = self._page(box, folder, waiting, done, {})
        return replace(page, more=page.more or last < folder.top)

    def _page(self, box: Mailbox, folder: Folder, waiting: list[int], done: Json, more: Json) -> Page:
        """Read the first of those that wait. `done`: the cursor when all have been read; `more`: added when not."""
        settings = self._settings
        began = time.monotonic()
        wanted = waiting[:PAGE_SIZE]
        sizes = _affordable(box.sizes(wanted) if wanted else {}, settings.max_bytes)
        posts: list[Post] = []
        bad: list[BadItem] = []
        last = 0
        read: set[int] = set()
        for arrived in box.read(folder, sizes, settings.max_bytes):
            _understand(arrived, settings, posts, bad)
            read.add(arrived.uid)
            last = arrived.uid
            if time.monotonic() - began > PATIENCE * settings.timeout:
                break
        else:
            last = max(sizes, default=wanted[-1] if wanted else 0)
        skipped = [uid for uid in wanted if uid <= last and uid not in read]
        bad += [_unreadable(folder, uid) for uid in skipped if box.there(uid)]
        all_done = not waiting or last >= waiting[-1]
        cursor = done if all_done else {"uidvalidity": folder.uidvalidity, "uid": last, **more}
        return Page(_once(posts), cursor, bad=tuple(bad), more=not all_done)

    def _keep_copy(self, letter: Letter, now: datetime) -> str:
        """What became of the copy: saved, there, off, no folder, or the code of what went wrong. Never raises.

        The letter is sent: whatever happens to the copy, it must not be sent again.
        """
        settings = self._settings
        if not settings.save_sent:
            return "off"
        try:
            with self._mailbox() as box:
                folder = settings.sent_folder or box.sent_folder()
                if not folder:
                    return "no folder"
                box.open(folder)
                if box.by_header("Message-ID", f"<{letter.message_id}>", (now - A_DAY).date()):
                    return "there"
                box.save(folder, letter.content, now)
        except PlatformError as error:
            return error.code
        return "saved"

    def _mailbox(self) -> AbstractContextManager[Mailbox]:
        return mailbox(self._settings.imap, self._settings.timeout)

    @cached_property
    def _settings(self) -> Settings:
        return settings_of(self._account)


def _known(cursor: Json, folder: Folder) -> Json | None:
    """The cursor, if its uids still mean what they meant: a mailbox put back from a copy may forget to say so."""
    same = cursor.get("uidvalidity") == folder.uidvalidity
    return cursor if same and "uid" in cursor and cursor["uid"] <= folder.top else None


def _affordable(sizes: dict[int, int], max_bytes: int) -> dict[int, int]:
    """The first of them that one page can carry; at least one."""
    weight = 0
    taken: dict[int, int] = {}
    for uid in sorted(sizes):
        weight += min(sizes[uid], max_bytes)
        if taken and weight > PAGE_BYTES:
            break
        taken[uid] = sizes[uid]
    return taken


def _understand(arrived: Arrived, settings: Settings, posts: list[Post], bad: list[BadItem]) -> None:
    try:
        posts.append(read_mail(arrived, settings))
    except NOT_UNDERSTOOD as error:
        payload = {
            "uid": arrived.uid,
            "uidvalidity": arrived.uidvalidity,
            "head": arrived.content[:HEAD_KEPT].decode("utf-8", "replace"),
        }
        where = f"uid-{arrived.uidvalidity}-{arrived.uid}"
        bad.append(BadItem(where, payload, f"{type(error).__name__}: {error}"[:500]))


def _unreadable(folder: Folder, uid: int) -> BadItem:
    payload = {"uid": uid, "uidvalidity": folder.uidvalidity}
    return BadItem(f"uid-{folder.uidvalidity}-{uid}", payload, "The server lists this mail and does not give it")


def _once(posts: list[Post]) -> tuple[Post, ...]:
    """Each id once: the same mail may lie in a folder twice, sent to two addresses of ours."""
    return tuple({post.external_id: post for post in reversed(posts)}.values())[::-1]
