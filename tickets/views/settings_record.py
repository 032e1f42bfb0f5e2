"""Settings: the record of who changed what, to be read, narrowed and taken along as a table."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import StringIO
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.dressing import choose, dress
from accounts.models import AuditEntry, User
from tickets.numbers import whole
from tickets.record_words import AREAS, details, what, who
from tickets.views.settings_area import admin

SECTION = {"here": "settings", "section": "record"}
SHOWN, MOST = 50, 20_000
NOBODY = "0"
# What a spreadsheet takes for a formula where a cell begins with it, in both widths.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class Narrowing(forms.Form):
    """By person, by kind and by day; what is empty or makes no sense narrows nothing."""

    person = forms.ChoiceField(required=False, label=gettext_lazy("By whom"))
    kind = forms.ChoiceField(required=False, label=gettext_lazy("About"))
    since = forms.DateField(
        required=False, label=gettext_lazy("From day"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        required=False, label=gettext_lazy("To day"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.order_by("name", "id").values_list("id", "name")[:1000]
        named = [(str(pk), name) for pk, name in people]
        choose(self, "person", [("", _("Anybody")), *named, (NOBODY, _("Nobody by name"))])
        choose(self, "kind", [("", _("Everything")), *((slug, label) for slug, (label, _rows) in AREAS.items())])
        dress(self)

    def rows(self) -> QuerySet[AuditEntry]:
        """The lines that fit, newest first."""
        self.is_valid()
        given, rows = self.cleaned_data, AuditEntry.objects.order_by("-id")
        if person := given.get("person"):
            rows = rows.filter(actor=None if person == NOBODY else int(person))
        if kind := given.get("kind"):
            rows = rows.filter(AREAS[kind][1])
        return rows.filter(_between(given.get("since"), given.get("until")))

    def query(self) -> str:
        """What narrows, as the rest of an address."""
        return urlencode({name: self.data[name] for name in self.fields if self.data.get(name)})


def _between(since: date | None, until: date | None) -> Q:
    """From the first moment of one day to the last of another, in the zone of who reads."""
    found = Q()
    if since:
        found &= Q(at__gte=_midnight(since))
    if until and until < date.max:
        found &= Q(at__lt=_midnight(until + timedelta(days=1)))
    return found


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


@dataclass(frozen=True, slots=True)
class Line:
    """One change as it is read."""

    at: datetime
    who: str
    what: str
    name: str
    details: list[str]


@require_safe
def record(request: HttpRequest) -> HttpResponse:
    """A page of it; `before` is the last number of the page before."""
    admin(request)
    form = Narrowing(request.GET)
    rows, before = form.rows(), whole(request.GET.get("before"))
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: SHOWN + 1])
    context = SECTION | {
        "form": form,
        "lines": [_line(entry) for entry in found[:SHOWN]],
        "next": found[SHOWN - 1].pk if len(found) > SHOWN else None,
        "before": before,
        "query": form.query(),
        "most": MOST,
        "now": timezone.now(),
    }
    return render(request, "settings/record.html", context)


def _line(entry: AuditEntry) -> Line:
    return Line(entry.at, who(entry), what(entry), entry.subject_name, details(entry))


@require_safe
def as_table(request: HttpRequest) -> HttpResponse:
    """What fits as comma-separated values, newest first; times are UTC."""
    admin(request)
    response = HttpResponse(table(Narrowing(request.GET).rows()[:MOST]), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="radd-record.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response


def table(entries: Iterable[AuditEntry]) -> str:
    """The lines as a spreadsheet opens them: told to be UTF-8 by its first letter, and no cell is a formula."""
    written = StringIO()
    writer = csv.writer(written)
    writer.writerow([_("When"), _("By whom"), _("What"), _("Name"), _("Details"), _("Code")])
    for entry in entries:
        line = _line(entry)
        cells = (line.who, line.what, line.name, _("; ").join(line.details), entry.verb)
        writer.writerow([entry.at.isoformat(timespec="seconds"), *map(harmless, cells)])
    return "\ufeff" + written.getvalue()


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula. Marks of direction say nothing in a table, and hide a sign."""
    plain = cell.translate(MARKS)
    return f"'{plain}" if plain.lstrip(" ").startswith(FORMULA) else plain


MARKS = dict.fromkeys(map(ord, "\u2066\u2067\u2068\u2069\u200e\u200f"))
