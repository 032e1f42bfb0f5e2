"""What people send with a ticket's buttons and boxes."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.dressing import offer
from accounts.models import User
from tickets.listing.lists import VIEWS

# How far ahead an answer may be scheduled.
LATEST = timedelta(days=30)
# Of `later`: the time of their own.
OWN = "1"


class Placed(forms.Form):
    """Every form of the pane says from which list it was sent, so that the same pane can be drawn again."""

    view = forms.ChoiceField(choices=[(slug, slug) for slug in VIEWS], required=False)

    def clean_view(self) -> str:
        return self.cleaned_data["view"] or "mine"


class AnswerForm(Placed):
    """An answer: its words, the position the page was drawn at, and the key that makes sending twice send once."""

    text = forms.CharField(required=False, strip=False, max_length=10_000)
    seen = forms.IntegerField(min_value=0)
    key = forms.UUIDField()
    resolve = forms.BooleanField(required=False)
    private = forms.BooleanField(required=False)
    # A moment that tickets.verbs.snoozing offers: the ticket rests until then.
    snooze = forms.CharField(required=False, max_length=20)
    # Send it later: at a moment that tickets.verbs.snoozing offers, or with OWN at `at`, in the person's time zone.
    later = forms.CharField(required=False, max_length=20)
    at = forms.DateTimeField(required=False)

    def clean(self) -> dict[str, Any]:
        """A time stands for something only where it was asked for."""
        data = super().clean() or self.cleaned_data
        at, now = data.get("at"), timezone.now()
        if data.get("later") != OWN:
            data["at"] = None
        elif at is None or not now < at <= now + LATEST:
            self.add_error("at", _("choose a time within the next 30 days."))
        return data


class OutsideForm(Placed):
    """That the customer was answered elsewhere: where it stands and its words, as far as they are known."""

    text = forms.CharField(required=False, strip=False, max_length=10_000)
    link = forms.CharField(required=False, max_length=2000)
    seen = forms.IntegerField(min_value=0)
    key = forms.UUIDField(required=False)


class NoteForm(Placed):
    """A note for the team."""

    text = forms.CharField(required=False, max_length=10_000)


class AssignForm(Placed):
    """Whom to give the ticket to; nobody puts it back in the queue."""

    to = forms.ModelChoiceField(queryset=User.objects.none(), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "to", User.objects.filter(is_active=True))
