"""Settings: the scorecards that work is reviewed by."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.dressing import dress
from accounts.unmoved import MovedOn
from tickets.models import Scorecard
from tickets.quality import scorecards
from tickets.quality.marks import HEAVIEST
from tickets.views import seen
from tickets.views.settings_area import admin

HERE = {"here": "settings", "section": "scorecards"}
# Empty lines that a form offers for more questions.
EMPTY = 2


class CardForm(forms.Form):
    """Its name, and whether reviews may be made by it."""

    name = forms.CharField(max_length=80, label=_("Name"), widget=forms.TextInput({"dir": "auto"}))
    is_on = forms.BooleanField(required=False, initial=True, label=_("Used for reviews"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)


class QuestionForm(forms.Form):
    """One question in both languages, and how much it weighs."""

    id = forms.CharField(required=False, max_length=12, widget=forms.HiddenInput())
    en = forms.CharField(
        required=False, max_length=scorecards.LONGEST_QUESTION, label=_("In English"),
        widget=forms.TextInput({"dir": "ltr", "lang": "en"}),
    )  # fmt: skip
    ar = forms.CharField(
        required=False, max_length=scorecards.LONGEST_QUESTION, label=_("In Arabic"),
        widget=forms.TextInput({"dir": "rtl", "lang": "ar"}),
    )  # fmt: skip
    weight = forms.IntegerField(required=False, min_value=1, max_value=HEAVIEST, initial=1, label=_("Weight"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)


Questions = forms.formset_factory(
    QuestionForm, extra=EMPTY, max_num=scorecards.MOST_QUESTIONS, absolute_max=scorecards.MOST_QUESTIONS
)


@require_safe
def cards(request: HttpRequest) -> HttpResponse:
    """Every scorecard."""
    admin(request)
    return render(request, "quality/cards.html", HERE | {"cards": Scorecard.objects.all()})


@require_http_methods(["GET", "HEAD", "POST"])
def card(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """A new scorecard, or one to change."""
    user = admin(request)
    found = get_object_or_404(Scorecard, pk=pk) if pk else None
    data = request.POST if request.method == "POST" else None
    form = CardForm(data, initial={"name": found.name, "is_on": found.is_on} if found else None)
    questions = Questions(data, prefix="q", initial=found.questions if found else None)
    if data is not None and form.is_valid() and questions.is_valid():
        try:
            asked, version = [one.cleaned_data for one in questions], seen.brought(request)
            scorecards.keep(pk, questions=asked, by=user, version=version, **form.cleaned_data)
            return redirect("scorecards")
        except scorecards.Wrong as wrong:
            form.add_error(None, str(wrong))
        except MovedOn:
            seen.moved_on(form)
    context = HERE | {"questions": questions, "card": found}
    version, bad = found.version if found else None, bool(questions.is_bound and questions.total_error_count())
    return seen.drawn(request, "quality/card.html", context, form, version, wrong=bad)


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget it; what was reviewed by it stays as it is."""
    user = admin(request)
    get_object_or_404(Scorecard, pk=pk)
    scorecards.remove(pk, by=user)
    return redirect("scorecards")
