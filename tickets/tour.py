"""The tour of one minute: what each role is shown first, each step beside the real thing on its real page.

A step is skipped where its thing is not on the page (an empty desk has no ticket to show). Who has had a tour, or said
"not now", is kept in User.preferences["tour"], a list of roles: nobody is offered one twice; a new role has its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from tickets import keys

# Keys that are the same for everybody, by the names that the words of steps call them.
FIXED: Mapping[str, str] = {
    "go_open": "↵", "send": "Ctrl ↵", "palette": "Ctrl K", "saved": "/", "mention": "@", "give": "a", "away": "w",
    "confirm": "c", "overturn": "o",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that is pointed at.

    `at`: selectors, the first that is to be seen is the one; `page`: the name of the address it stands on, "" for
    wherever one is; `holds`: "ticket" if a ticket must be open beside it, "list" if on phones the list must be to be
    seen. `words` name keys in braces; `touch` is said where there is no keyboard, if it differs.
    """

    at: str
    title: Promise
    words: Promise
    touch: Promise | None = None
    page: str = "inbox"
    holds: str = ""


LISTS = Step(
    "#listpane",
    _("The next right ticket is on top"),
    _("The list is in the order of what matters: the clock first, then urgency. {next} and {previous} walk it."),
    _("The list is in the order of what matters: the clock first, then urgency."),
    holds="list",
)
ROW = Step(
    "#list .r-row",
    _("A row is read at a glance"),
    _(
        "How long is left, what they wrote, how they feel and which way that goes, and "
        "why they need you. {go_open} opens it."
    ),
    _("How long is left, what they wrote, how they feel and which way that goes, and why they need you. Tap it open."),
    holds="list",
)
VERDICT = Step(
    "#thread .newest .r-read, #thread .newest",
    _("Every verdict shows its reason"),
    _(
        "What was read in a post stands under it, with the words it was read from. If it "
        "is wrong, {correct} corrects it."
    ),
    _("What was read in a post stands under it, with the words it was read from. The pencil corrects it."),
    holds="ticket",
)
ANSWER = Step(
    "#composer",
    _("Answer here"),
    _("{answer} brings you here and {send} sends. {saved} finds saved replies; Undo takes the answer back at once."),
    _("Write, and send. Saved replies are a tap away, and Undo takes the answer back at once."),
    holds="ticket",
)
TOGETHER = Step(
    "#ticket-head .r-subline",
    _("Nobody answers twice"),
    _(
        "Whose it is and who else reads or writes stands here. {note} writes a note for "
        "the team; {mention} calls somebody."
    ),
    _("Whose it is and who else reads or writes stands here. A note is for the team alone; @ calls somebody."),
    holds="ticket",
)
DONE = Step(
    "#ticket-head .push, #ticket-head",
    _("Done with it?"),
    _(
        "{resolve} resolves and opens the next one. {take} takes it, {snooze} lets it "
        "sleep, {undo} takes back what you did."
    ),
    _("Resolve it and the next one opens. The three dots hold the rest: snooze, tags, merge. Everything has Undo."),
    holds="ticket",
)
KEYS = Step(
    ".r-rail .r-jump, .r-tabs",
    _("Everything has a key"),
    _("{help} shows them all. {palette} finds any command, list, ticket or customer. {tour} brings this tour back."),
    _("Search finds any ticket or customer. Under “You” this tour waits, should you want it again."),
    page="",
    holds="list",
)
NAV = Step(
    ".r-rail #rail-links, .r-tabs",
    _("Everybody’s work, in lists"),
    _("What runs out soon, what nobody has, what waits for the customer: each list with its count. Save your own too."),
    _("Monitor is what comes in, Engage is what to answer, Analyse is what came of it."),
)
BOARD: Sequence[Step] = (
    Step(
        "#b-stats",
        _("Today at a glance"),
        _("Coverage is complaints with a fitting answer. It is all up to date while you look; nothing needs a reload."),
        page="board",
    ),
    Step(
        "#board .r-board-t",
        _("Where it will hurt next"),
        _("Clocks that run out soon, the first on top. {give} gives the ticket to somebody, or drag it there."),
        _("Clocks that run out soon, the first on top. Tap a ticket to open it."),
        page="board",
    ),
    Step(
        "#board .r-board-people",
        _("Who can take it"),
        _("Who is here, what they do, and their load against what they can carry. {away} sets somebody away."),
        _("Who is here, what they do, and their load against what they can carry."),
        page="board",
    ),
)
SECOND = Step(
    ".r-page > .r-head",
    _("Answers that wait for you"),
    _("Rules say which answers need a second person. Change the words, send them, or return them with a note."),
    page="approvals",
)
EXAMINED = Step(
    ".r-page > .r-head",
    _("What nobody would have seen"),
    _(
        "Posts set aside as needing no answer, the least certain first. {confirm} "
        "confirms, {overturn} makes a ticket of it."
    ),
    _("Posts set aside as needing no answer, the least certain first. Confirm them, or make a ticket of one."),
    page="examined",
)
SETTING: Sequence[Step] = (
    Step(
        ".r-page > .r-body > *",
        _("Who works here"),
        _("People, their roles, languages and capacity. They decide who gets which ticket."),
        page="settings-people",
    ),
    Step(
        ".r-rules",
        _("Where tickets go"),
        _("The first rule that fits decides. Before you save one, it is tried on last week’s tickets."),
        page="rules",
    ),
    Step(
        ".r-page > .r-body > *",
        _("How soon customers are answered"),
        _(
            "A target for each kind of customer, counted in open hours only. Calendars know "
            "weekends, holidays and Ramadan."
        ),
        page="sla-policies",
    ),
    Step(
        ".r-page > .r-head .r-chip, .r-page > .r-head",
        _("Nothing is lost"),
        _("The books balance what came in against what became of it. If something is missing, it says what."),
        page="books",
    ),
)
CONNECT = Step(
    ".r-page a[href$='connect/'].btn-primary, .r-page > .r-head",
    _("Connect a channel"),
    _("An account or a search where customers write. Its posts arrive by themselves, and answers go out the same way."),
    page="channels",
)
TOURS: Mapping[str, Sequence[Step]] = {
    Role.AGENT: (LISTS, ROW, VERDICT, ANSWER, TOGETHER, DONE, KEYS),
    Role.SUPERVISOR: (NAV, ROW, *BOARD, SECOND, EXAMINED, KEYS),
    Role.ADMIN: (NAV, *SETTING, KEYS, CONNECT),
}


def steps_of(user: User) -> list[dict[str, str]]:
    """A person's tour for the script, in the language that is on; keys, as they have them, in ⟦ ⟧."""
    own = keys.chosen(user)["map"]
    named = {**{key.code: own.get(key.code, key.key) for key in keys.KEYS}, **FIXED}
    shown = {code: f"⟦{keys.show(key)}⟧" for code, key in named.items()}
    return [
        {
            "at": step.at,
            "page": reverse(step.page) if step.page else "",
            "holds": step.holds,
            "title": str(step.title),
            "words": str(step.words).format_map(shown),
            "touch": str(step.touch or step.words),
        }
        for step in TOURS[user.role]
    ]


def is_offered(user: User) -> bool:
    """Whether this person has not yet been offered the tour of their role."""
    had = user.preferences.get("tour")
    return not isinstance(had, list) or user.role not in had


def had(user: User) -> bool:
    """They took the tour of their role, or did not want it: it is offered no more. "
    "False if that was known already."""
    with transaction.atomic():
        held = User.objects.select_for_update().get(pk=user.pk)
        new = is_offered(held)
        if new:
            before = held.preferences.get("tour")
            roles = [*before, held.role] if isinstance(before, list) else [held.role]
            held.preferences = held.preferences | {"tour": roles}
            held.save(update_fields=["preferences"])
    user.preferences = held.preferences
    return new
