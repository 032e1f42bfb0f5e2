"""The models that read: the one in charge beside the one on trial, and the way from trial to charge."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.permissions import may_choose_reader
from ingest.models import ReaderModel, Reread, ShadowReading
from ingest.shadow import LABELS
from tickets import labels
from tickets.incoming import promotion
from tickets.numbers import whole
from tickets.reports import readers as report
from tickets.reports.readers import ALL, Agreement, Comparison, Side
from tickets.views.doors import done, supervisor
from tickets.views.marks import language_name, percent
from tickets.views.people import me

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table about both: what it tells, and the two values as they are shown."""

    title: str
    live: str
    shadow: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One label of one message that the two read differently, in words."""

    label: str
    live: str
    shadow: str


@require_safe
def readers(request: HttpRequest) -> HttpResponse:
    """Both models side by side, the newest disagreements, and the models there were."""
    user = supervisor(request)
    champion, challenger, retired = report.both()
    context: dict[str, Any] = {
        "champion": champion,
        "challenger": challenger,
        "retired": retired,
        "of_settings": settings.READER,
        "may_choose": may_choose_reader(user),
        "reread": Reread.objects.first(),
        "now": timezone.now(),
        "here": "readers",
    }
    if challenger is not None:
        context |= _compared(request, user, challenger, champion)
    return render(request, "monitor/readers.html", context)


def _compared(
    request: HttpRequest, user: User, challenger: ReaderModel, champion: ReaderModel | None
) -> dict[str, Any]:
    found = report.compare_lately(challenger, champion)
    shown = [language for language in report.LANGUAGES if found.read.get(language)]
    label = request.GET.get("label", "")
    label = label if label in LABELS else ""
    rows = list(report.disagreements(challenger, user, label, _before(request))[: SHOWN + 1])
    return {
        "found": found,
        "days": report.DAYS,
        "languages": [_language(language) for language in shown],
        "lines": _lines(found, shown),
        "agreement": [(labels.name_of(name), _cells(cells, shown)) for name, cells in found.agreement.items()],
        "nearness": [(labels.name_of(row.label), row) for row in found.nearness],
        "disagreements": [(row, _differences(row)) for row in rows[:SHOWN]],
        "older": rows[SHOWN - 1].pk if len(rows) > SHOWN else None,
        "choices": [("", _("All labels")), *((name, labels.name_of(name)) for name in LABELS)],
        "label": label,
    }


def _before(request: HttpRequest) -> int | None:
    return whole(request.GET.get("before"))


def _language(code: str) -> str:
    if code == ALL:
        return pgettext("languages", "All")
    return pgettext("languages", "Others") if code == "other" else language_name(code)


def _cells(cells: dict[str, Agreement], shown: list[str]) -> list[Agreement | None]:
    return [cells.get(language) for language in shown]


def _lines(found: Comparison, shown: list[str]) -> list[Line]:
    """What can be said of both in one number each."""
    live, shadow = found.live.get(ALL, Side(None, None, None)), found.shadow.get(ALL, Side(None, None, None))
    lines = [
        Line(_("Messages a second"), _number(found.live_speed), _number(found.shadow_speed)),
        Line(_("Mean confidence in the sentiment"), percent(live.tone_confidence), percent(shadow.tone_confidence)),
        Line(
            _("Mean confidence in the follow-up"),
            percent(live.follow_up_confidence),
            percent(shadow.follow_up_confidence),
        ),
        *(
            Line(
                _("Calibration error of %(label)s, on corrected messages") % {"label": labels.IN_A_SENTENCE[label]},
                percent(found.calibration.get(("live", label))),
                percent(found.calibration.get(("shadow", label))),
            )
            for label in ("sentiment", "follow_up")
        ),
    ]
    for language in shown:
        title = _("Would be shown to a person: %(language)s") % {"language": _language(language)}
        lines.append(Line(title, percent(found.live[language].coverage), percent(found.shadow[language].coverage)))
    # What is known of neither is no line of a comparison.
    return [line for line in lines if {line.live, line.shadow} != {"–"}]


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}" if value >= 10 else f"{value:.1f}"


def _differences(row: ShadowReading) -> list[Difference]:
    return [
        Difference(labels.name_of(label), *(labels.word(label, _said(row, label, side)) for side in ("live_", "")))
        for label in row.differs
    ]


def _said(row: ShadowReading, label: str, side: str) -> str | list[str]:
    if label == "follow_up":
        return "yes" if getattr(row, f"{side}needs_person") else "no"
    said: str | list[str] = getattr(row, f"{side}{label}")
    return said


# --- choosing -------------------------------------------------------------------------------------------------------
@require_POST
def promote(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a model in charge; what the comparison says today is kept with it."""
    champion, challenger, _retired = report.both()
    figures = report.compare(challenger, champion).summary() if challenger and challenger.pk == pk else None
    chosen = done(lambda: promotion.promote(pk, by=me(request), figures=figures))
    messages.info(request, _("%(name)s reads from now on.") % {"name": chosen})
    return redirect("readers")


@require_POST
def retire(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a model out of use."""
    chosen = done(lambda: promotion.retire(pk, by=me(request)))
    messages.info(request, _("%(name)s is retired.") % {"name": chosen})
    return redirect("readers")
