"""The demo platform, reached like any other platform: pages of posts come in, answers go out.

Options of a demo channel (`path` is the one that must be there):

    path                the world's SQLite file
    corpus              another corpus than the bundled one
    pace                posts a minute (20)
    head_start          posts that are there when the world begins (40)
    late_minutes        between the posts kept for later (30); late_share: how many are (0.1)
    chase_seconds       until an unanswered customer comes back (240)
    follow_up_seconds   until a customer reacts to an answer (6 to 15, by the answer)
    nap_seconds         longer without a look, and the world's clock stood still meanwhile (120)
"""

import sqlite3
import time
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from ingest.platforms.base import (
    Account,
    Author,
    Cannot,
    ImageLimits,
    Json,
    Kind,
    Length,
    OutcomeUnknown,
    Outgoing,
    Page,
    PlatformError,
    Post,
    Sent,
)
from ingest.platforms.demo import corpus
from ingest.platforms.demo.timetable import Pace
from ingest.platforms.demo.world import NAP, Manner, World, enter

PAGE = 100
# Counted as Unicode code points of the composed form (NFC): one for a letter, several for many an emoji.
LONGEST = 280

T = TypeVar("T")


class Demo:
    """A channel's way to the demo platform."""

    name: ClassVar[str] = "demo"
    label: ClassVar[str] = "Demo platform"
    threads: ClassVar[bool] = True
    private_answers: ClassVar[bool] = True

    def __init__(self, account: Account) -> None:
        self._account = account
        self._options = account.options

    def fetch(self, cursor: Json) -> Page:
        """Posts visible by now behind the cursor {"world", "seq"}; another world's cursor counts as none."""

        def look(world: World) -> tuple[str, str, list[sqlite3.Row]]:
            fault = world.next_fault("fetch")
            seq = int(cursor.get("seq") or 0) if cursor.get("world") == world.name else 0
            return fault, world.name, world.after(seq, PAGE + 1)

        fault, world_name, rows = self._visit(look)
        if fault:
            raise _trouble(fault)
        page = rows[:PAGE]
        if not page:
            return Page(posts=(), cursor=cursor)
        return Page(
            posts=tuple(_post(row) for row in page),
            cursor={"world": world_name, "seq": page[-1]["seq"]},
            more=len(rows) > PAGE,
        )

    def reply(self, outgoing: Outgoing) -> Sent:
        """Post our answer; the same key always gives the same answer."""
        if not self.length(outgoing.text).fits:
            raise PlatformError("too_long", f"1 to {LONGEST} characters", permanent=True)

        def speak(world: World) -> tuple[str, str]:
            known = world.answer_of(outgoing.key)
            if known:
                return "", known
            fault = world.next_fault("reply")
            parent = world.find(outgoing.parent_id)
            if parent is None:
                return "gone", ""
            if fault and fault != "answer_lost":
                return fault, ""
            return fault, world.answer(outgoing, parent, self._account.handle, time.time())

        fault, external_id = self._visit(speak)
        if fault:
            raise _trouble(fault)
        return Sent(external_id)

    def find_reply(self, outgoing: Outgoing) -> Sent | None:
        """Our answer with this key, if it is there."""
        found = self._visit(lambda world: world.answer_of(outgoing.key))
        return Sent(found) if found else None

    def can_reply(self, kind: Kind, *, names_us: bool, raw: Json | None = None) -> Cannot | None:
        """Everybody may answer everything here."""
        return None

    def length(self, text: str) -> Length:
        """Code points of the composed form."""
        return Length(used=len(unicodedata.normalize("NFC", text)), limit=LONGEST)

    def image_limits(self, kind: Kind) -> ImageLimits:
        """Four, as on most platforms."""
        return ImageLimits(4, 2_000_000)

    def pictures(self, answer_id: str) -> list[tuple[bytes, str]]:
        """What an answer shows there, in order, each with its description."""
        return self._visit(lambda world: world.pictures_of(answer_id))

    def plan_fault(self, place: str, fault: str) -> None:
        """Let the next fetch or reply go wrong: answer_lost (after it took effect), not_sent, rate_limited, refused."""
        self._visit(lambda world: world.plan_fault(place, fault))

    def _visit(self, errand: Callable[[World], T]) -> T:
        """Do something in the world as it is now; it begins with the first visit."""
        try:
            path, manner, now = Path(self._options["path"]), self._manner(), time.time()
            with enter(path, manner, self._account.timeout) as world:
                if not world.name:
                    world.begin(corpus.read(Path(self._options.get("corpus") or corpus.BUNDLED)), now, self._pace())
                world.advance(now, self._number("nap_seconds", NAP))
                return errand(world)
        except (KeyError, TypeError, ValueError) as error:
            raise PlatformError("bad_options", f"{type(error).__name__}: {error}", permanent=True) from error
        except (OSError, sqlite3.Error) as error:
            raise PlatformError("unreachable", f"{self._options.get('path')}: {error}") from error

    def _manner(self) -> Manner:
        seconds = self._options.get("follow_up_seconds")
        return Manner(
            follow_up_seconds=None if seconds is None else float(seconds),
            chase_seconds=self._number("chase_seconds", Manner().chase_seconds),
        )

    def _pace(self) -> Pace:
        usual = Pace()
        return Pace(
            a_minute=self._number("pace", usual.a_minute),
            head_start=int(self._number("head_start", usual.head_start)),
            late_minutes=self._number("late_minutes", usual.late_minutes),
            late_share=self._number("late_share", usual.late_share),
        )

    def _number(self, name: str, usual: float) -> float:
        value = self._options.get(name)
        return usual if value is None else float(value)


def contact_id(handle: str) -> str:
    """The platform's id of an account."""
    return f"demo-{handle}"


def _post(row: Any) -> Post:
    return Post(
        external_id=row["id"],
        author=Author(
            external_id=contact_id(row["author"]),
            handle=row["author"],
            name=row["name"],
            followers=row["followers"],
        ),
        kind=Kind(row["kind"]),
        text=row["text"],
        posted_at=datetime.fromtimestamp(row["posted_at"], UTC),
        reachable_at=datetime.fromtimestamp(row["posted_at"], UTC),
        conversation_key=row["root"],
        parent_id=row["parent"],
        root_id=row["root"],
        ref_id=row["ref"],
        lang_hint=row["language"],
    )


def _trouble(fault: str) -> PlatformError:
    if fault in {"answer_lost", "not_sent"}:
        return OutcomeUnknown(fault, "no answer came in time")
    if fault == "rate_limited":
        return PlatformError(fault, "too many requests", retry_after=1)
    return PlatformError(fault, permanent=True)
