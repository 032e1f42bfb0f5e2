"""The pages where saved replies and macros are kept, and running a macro on a ticket."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.dressing import choose, dress, offer
from accounts.models import Brand, Role, Team, User
from accounts.permissions import brand_ids, brands_seen
from accounts.unmoved import MovedOn
from tickets.answering import macros, saved_replies
from tickets.answering.saved_replies import Scope
from tickets.models import Macro, SavedReply, Tag, Ticket
from tickets.models.saved import Shared
from tickets.permissions import NotAllowed
from tickets.verbs import lifecycle
from tickets.verbs.action_codes import KINDS, Action, spelled
from tickets.views import seen
from tickets.views.actions import Done
from tickets.views.pane import composer_of, ticket_for
from tickets.views.people import me
from tickets.views.verbs import answer_with, placed

STEPS = macros.MOST_STEPS
# What the steps may need beside their code.
NEEDED = ("saved", "to", "add", "priority", "text")
# Those of the list that such steps can tell.
OFFERED = [code for code, kind in KINDS.items() if kind.in_macros and {*kind.needs[:1]} <= {*NEEDED}]


class ScopedForm(forms.Form):
    """Its name and whose it is."""

    name = forms.CharField(max_length=80, label=gettext_lazy("Name"))
    whose = forms.ChoiceField(label=gettext_lazy("Who uses it"))
    brand = forms.ModelChoiceField(
        Brand.objects.none(),
        required=False,
        label=gettext_lazy("For the brand"),
        empty_label=gettext_lazy("All brands"),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        teams = Team.objects.all() if user.is_admin else user.teams.all()
        offer(self, "brand", brands_seen(user))
        choices = [("own", str(_("Only I")))]
        if user.is_supervisor:
            choices += [(f"team-{team.pk}", str(_("Team %(name)s") % {"name": team.name})) for team in teams]
            choices += [("everyone", str(_("Everyone")))]
        choose(self, "whose", choices)
        dress(self)

    def scope(self) -> Scope:
        """Where it is kept."""
        whose, brand = self.cleaned_data["whose"], self.cleaned_data["brand"]
        if whose.startswith("team-"):
            return Scope("team", Team.objects.get(pk=int(whose[5:])), brand)
        return Scope(whose, None, brand)


class ReplyForm(ScopedForm):
    """A saved reply in both languages."""

    en = forms.CharField(
        required=False, max_length=saved_replies.LONGEST, label=gettext_lazy("In English"),
        widget=forms.Textarea({"rows": 6, "dir": "ltr", "lang": "en"}),
    )  # fmt: skip
    ar = forms.CharField(
        required=False, max_length=saved_replies.LONGEST, label=gettext_lazy("In Arabic"),
        widget=forms.Textarea({"rows": 6, "dir": "rtl", "lang": "ar"}),
    )  # fmt: skip


def colleagues_of(user: User) -> QuerySet[User]:
    """Who works for a brand that this person sees, and admins."""
    people = User.objects.filter(is_active=True).order_by("name")
    allowed = brand_ids(user)
    if allowed is None:
        return people
    return people.filter(Q(role=Role.ADMIN) | Q(teams__brands__in=allowed) | Q(pk=user.pk)).distinct()


def tags_of(user: User) -> QuerySet[Tag]:
    """The tags of the brands that this person sees, and those of all brands."""
    allowed = brand_ids(user)
    tags = Tag.objects.order_by("name")
    return tags if allowed is None else tags.filter(Q(brand=None) | Q(brand__in=allowed))


class MacroForm(ScopedForm):
    """A macro: up to STEPS steps, each with what it needs."""

    def __init__(self, user: User, *args: Any, kept: Sequence[Action] = (), **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        self.kept = [spelled(action) for action in kept]
        codes = [("", "–"), *((code, KINDS[code].by_itself) for code in OFFERED)]
        replies = [("", "–"), *((row.pk, row.name) for row in saved_replies.visible(SavedReply.objects.all(), user))]
        tags = [("", "–"), *tags_of(user).values_list("pk", "name")]
        levels = [("", "–"), *((value, str(label)) for value, label in Ticket.Priority.choices)]
        people = [("", "–"), *colleagues_of(user).values_list("pk", "name")]
        for n in range(1, STEPS + 1):
            self.fields[f"do{n}"] = _choice(self._with_kept(codes, n), _("Step %(n)d") % {"n": n})
            self.fields[f"saved{n}"] = _choice(replies, _("Saved reply"))
            self.fields[f"to{n}"] = _choice(people, _("Person"))
            self.fields[f"add{n}"] = _choice(tags, _("Tag"))
            self.fields[f"priority{n}"] = _choice(levels, _("Priority"))
            self.fields[f"text{n}"] = forms.CharField(
                required=False, max_length=2000, label=_("Note"), widget=forms.TextInput({"dir": "auto"})
            )
        for n, action in enumerate(self.kept, 1):
            if not _is_shown_whole(action):
                self.fields[f"do{n}"].help_text = _(
                    "More of this step was set by a program. It stays while you leave it."
                )
        dress(self)

    def clean(self) -> dict[str, Any]:
        """What a step needs and has not stands at its own field."""
        data = super().clean() or self.cleaned_data
        for n in range(1, STEPS + 1):
            code = str(data.get(f"do{n}") or "")
            need, *others = (KINDS[code].needs if code else ()) or ("",)
            kept = self.kept[n - 1] if n <= len(self.kept) else {}
            by_program = kept.get("do") == code and any(kept.get(name) for name in others)
            if need in NEEDED and not data.get(f"{need}{n}") and not by_program:
                self.add_error(f"{need}{n}", _("A step is not complete."))
        return data

    def _with_kept(self, codes: list[tuple[str, str]], n: int) -> list[tuple[str, str]]:
        """What a step may do, and what this one does already, which programs alone can tell."""
        code = str(self.kept[n - 1].get("do")) if n <= len(self.kept) else ""
        known = KINDS.get(code)
        return codes if known is None or code in OFFERED else [*codes, (code, known.by_itself)]

    def steps(self) -> list[list[forms.BoundField]]:
        """The fields of each step."""
        return [[self[f"{name}{n}"] for name in ("do", *NEEDED)] for n in range(1, STEPS + 1)]

    def actions(self) -> list[dict[str, Any]]:
        """The steps that were chosen. One that stands as it was keeps what this page does not show of it."""
        found: list[dict[str, Any]] = []
        for n in range(1, STEPS + 1):
            code = self.cleaned_data[f"do{n}"]
            need = next(iter(KINDS[code].needs), "") if code else ""
            value = self.cleaned_data.get(f"{need}{n}", "")
            if need != "text" and value:
                value = [int(value)] if need == "add" else int(value)
            kept = self.kept[n - 1] if n <= len(self.kept) else {}
            same = need not in NEEDED or _one(kept.get(need)) == _one(value or None)
            if code and kept.get("do") == code and same:
                found.append(dict(kept))
            elif code:
                found.append({"do": code, **({need: value} if need else {})})
        return found


def _choice(choices: list[tuple[Any, Any]], label: str) -> forms.ChoiceField:
    return forms.ChoiceField(choices=choices, required=False, label=label)


def placed_of(row: Shared) -> dict[str, Any]:
    """Where it is kept, as the form has it."""
    whose = "own" if row.owner_id else f"team-{row.team_id}" if row.team_id else "everyone"
    return {"whose": whose, "brand": row.brand_id}


@require_safe
def pages(request: HttpRequest) -> HttpResponse:
    """Everything this person may use, by whose it is."""
    user = me(request)
    related = ("team", "brand", "owner")
    kept = list(saved_replies.visible(SavedReply.objects.select_related(*related), user)[:500])
    context = {
        "replies": [(row, saved_replies.may_change(row, user)) for row in kept],
        "macros": [
            (row, saved_replies.may_change(row, user))
            for row in saved_replies.visible(Macro.objects.select_related(*related), user)[:200]
        ],
        "here": "saved",
    }
    return render(request, "saved/page.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def reply(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Make one, or change it."""
    user = me(request)
    row = saved_replies.visible(SavedReply.objects.all(), user).filter(pk=pk).first() if pk else None
    if pk and row is None:
        raise Http404
    initial = {"name": row.name, **row.texts, **placed_of(row)} if row else {"whose": "own"}
    form = ReplyForm(user, request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            texts = {code: data[code] for code in saved_replies.LANGUAGES}
            version = seen.brought(request)
            saved_replies.keep(name=data["name"], texts=texts, scope=form.scope(), by=user, pk=pk, version=version)
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        except MovedOn:
            seen.moved_on(form, initial)
        else:
            messages.success(request, _("“%(name)s” is kept.") % {"name": data["name"]})
            return redirect("saved-replies")
    return _drawn(request, "saved/reply.html", form, row)


@require_http_methods(["GET", "HEAD", "POST"])
def macro(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Make one, or change it."""
    user = me(request)
    row = saved_replies.visible(Macro.objects.all(), user).filter(pk=pk).first() if pk else None
    if pk and row is None:
        raise Http404
    data, kept = request.POST if request.method == "POST" else None, row.actions if row else ()
    form = MacroForm(user, data, initial=_initial(row), kept=kept)
    if request.method == "POST" and form.is_valid():
        try:
            name, version = form.cleaned_data["name"], seen.brought(request)
            macros.keep(name=name, actions=form.actions(), scope=form.scope(), by=user, pk=pk, version=version)
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        except MovedOn:
            seen.moved_on(form, _initial(row))
        else:
            messages.success(request, _("“%(name)s” is kept.") % {"name": form.cleaned_data["name"]})
            return redirect("saved-replies")
    return _drawn(request, "saved/macro.html", form, row)


def _drawn(request: HttpRequest, template: str, form: ScopedForm, row: SavedReply | Macro | None) -> HttpResponse:
    may_change = row is None or saved_replies.may_change(row, me(request))
    context = {"row": row, "here": "saved", "may_change": may_change}
    return seen.drawn(request, template, context, form, row.version if row else None)


def _initial(row: Macro | None) -> dict[str, Any]:
    if row is None:
        return {"whose": "own"}
    steps: dict[str, Any] = {}
    for n, action in enumerate(map(spelled, row.actions), 1):
        steps |= {f"do{n}": action.get("do")} | {f"{need}{n}": _one(action.get(need)) for need in NEEDED}
    return {"name": row.name, **placed_of(row), **steps}


def _one(value: Any) -> Any:
    """The form takes one tag where an action may hold several."""
    return value[0] if isinstance(value, list) and value else value


def _is_shown_whole(action: Action) -> bool:
    """Whether the form shows all that a step says."""
    shown = _one(action.get("add"))
    return not set(action) - {"do", *NEEDED} and action.get("add") in ([shown], shown)


@require_POST
def remove(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Forget one."""
    user = me(request)
    try:
        if kind == "macro":
            saved_replies.remove(Macro.objects.all(), pk, by=user)
        else:
            saved_replies.remove(SavedReply.objects.all(), pk, by=user)
    except (SavedReply.DoesNotExist, Macro.DoesNotExist):
        raise Http404 from None
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect("saved-replies")


@require_POST
def run_macro(request: HttpRequest, pk: int, macro_id: int) -> HttpResponse:
    """Carry a macro out on the ticket: the pane as it stands then, with its words in the box."""
    user = me(request)
    ticket, slug = ticket_for(user, pk), placed(request)
    try:
        ran = macros.run(ticket, macro_id, by=user)
    except Macro.DoesNotExist:
        raise Http404 from None
    except lifecycle.EmptyNote:
        return answer_with(request, pk, slug, status=422, problem=_("This macro’s note is empty."))
    except NotAllowed as refusal:
        return answer_with(request, pk, slug, status=422, problem=str(refusal))
    fresh = ticket_for(user, pk)
    done = Done(_("Done: %(macro)s") % {"macro": f"\u2068{ran.name}\u2069"})
    box = composer_of(fresh, text=ran.text)
    return answer_with(request, pk, slug, composer=box, event="radd:macro", more={"done": done})
