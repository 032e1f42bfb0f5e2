"""What admins decide about people: who works here, as what, in which teams, and who does not any more."""

from collections.abc import Collection, Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.utils.crypto import get_random_string
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _
from rest_framework.authtoken.models import Token

from accounts import audit
from accounts.models import Membership, Role, Team, User
from accounts.names import plain
from accounts.second_step_owed import settle
from accounts.unmoved import check_unmoved, mark_of

# What an admin may set; a person's own tastes are not among them, but for those one needs from the first day.
FIELDS = ("name", "email", "role", "capacity", "skills", "languages", "time_zone", "interface_language")
# Without letters and figures that are taken for one another.
LETTERS = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789"
PASSWORD_LENGTH = 16


class Refused(Exception):
    """It is not done; the message says why, in the language of who asked."""


def check_admin(by: User) -> None:
    """People, teams and brands are for admins. Raises Refused."""
    if not (by.is_active and by.is_admin):
        raise Refused(_("Only admins look after people, teams and brands."))


def _tidy(given: Mapping[str, Any]) -> dict[str, Any]:
    """The same with a name that stays within its own place."""
    return dict(given) | ({"name": plain(given["name"])} if "name" in given else {})


def add(given: Mapping[str, Any], *, teams: Collection[Team], by: User, password: str = "") -> User:
    """Somebody new. Without a password they come in by a link (`door_of`). Raises Refused."""
    check_admin(by)
    given = _tidy(given)
    with transaction.atomic():
        if User.objects.filter(email__iexact=given["email"]).exists():
            raise Refused(_("Somebody with this address is here already."))
        fields = {name: given[name] for name in FIELDS if name in given and name != "email"}
        person = User.objects.create_user(given["email"], password or None, **fields)
        _place(person, teams)
        settle(User.objects.filter(pk=person.pk))
        names = [team.name for team in teams]
        audit.record(by, "person.added", person, role=person.role, teams=names)
    return person


def change(
    person_id: int, given: Mapping[str, Any], *, teams: Collection[Team], by: User, version: int | None = None
) -> User:
    """Set what is given, and the teams. `version`: the one seen. Raises User.DoesNotExist, Refused, MovedOn."""
    check_admin(by)
    given = _tidy(given)
    with transaction.atomic():
        person = _locked(person_id)
        check_unmoved(version_of(person), version)
        if given.get("role", person.role) != Role.ADMIN:
            _check_not_last_admin(person, _("This is the last admin. Make somebody else an admin first."))
        told = {}
        for name in FIELDS:
            if name in given and getattr(person, name) != given[name]:
                told[name] = [getattr(person, name), given[name]]
                setattr(person, name, given[name])
        if User.objects.exclude(pk=person_id).filter(email__iexact=person.email).exists():
            raise Refused(_("Somebody with this address is here already."))
        moved = _place(person, teams)
        if told:
            person.save(update_fields=list(told))
        if "role" in told:
            settle(User.objects.filter(pk=person.pk))
        if told or moved:
            audit.record(by, "person.changed", person, changed=told | moved)
    return person


def version_of(person: User) -> int:
    """Another one where something that an admin sets is another, whoever set it."""
    return mark_of([getattr(person, name) for name in FIELDS], sorted(person.teams.values_list("pk", flat=True)))


def deactivate(person_id: int, *, by: User) -> User:
    """They do not come in any more, on any device, nor do their programs. What they did stays theirs. Raises Refused.

    Their tickets stay in their hands: tickets.steering.departures gives them over in the same transaction.
    """
    check_admin(by)
    with transaction.atomic():
        person = _locked(person_id)
        if person.pk == by.pk:
            raise Refused(_("Somebody else must close your own account."))
        _check_not_last_admin(person, _("This is the last admin. Make somebody else an admin first."))
        if person.is_active:
            person.is_active, person.available = False, False
            person.save(update_fields=["is_active", "available"])
            Token.objects.filter(user=person).delete()
            audit.record(by, "person.left", person)
    return person


def reactivate(person_id: int, *, by: User) -> User:
    """They are back, with the password they had. Raises Refused."""
    check_admin(by)
    with transaction.atomic():
        person = _locked(person_id)
        if not person.is_active:
            person.is_active = True
            person.save(update_fields=["is_active"])
            audit.record(by, "person.back", person)
    return person


def new_password(person_id: int, *, by: User) -> tuple[User, str]:
    """A first password in place of whatever they had, told this once. Raises Refused."""
    check_admin(by)
    made = a_password()
    with transaction.atomic():
        person = _locked(person_id)
        person.set_password(made)
        person.save(update_fields=["password"])
        Token.objects.filter(user=person).delete()
        audit.record(by, "person.password", person)
    return person, made


def a_password() -> str:
    """One that nobody guesses and anybody can read out."""
    return get_random_string(PASSWORD_LENGTH, LETTERS)


def door_of(person: User) -> tuple[str, str]:
    """The two words of the address at which they choose a password. Good until they do, or sign in, or it is too old
    (settings.PASSWORD_RESET_TIMEOUT).
    """
    return urlsafe_base64_encode(force_bytes(person.pk)), default_token_generator.make_token(person)


def link_days() -> int:
    """For how many days such an address is good."""
    return int(settings.PASSWORD_RESET_TIMEOUT // 86_400)


def _locked(person_id: int) -> User:
    """The person, with every admin held: of two who demote each other at once the second is refused."""
    admins = User.objects.filter(role=Role.ADMIN).order_by("pk").select_for_update(of=("self",))
    held = {admin.pk: admin for admin in admins}
    return held.get(person_id) or User.objects.select_for_update().get(pk=person_id)


def _check_not_last_admin(person: User, words: str) -> None:
    others = User.objects.filter(role=Role.ADMIN, is_active=True).exclude(pk=person.pk)
    if person.is_admin and person.is_active and not others.exists():
        raise Refused(words)


def _place(person: User, teams: Collection[Team]) -> dict[str, list[list[str]]]:
    """Put them in these teams and in no others; what changed, as the record tells it."""
    before = set(person.teams.all())
    wanted = set(teams)
    person.memberships.exclude(team__in=wanted).delete()
    Membership.objects.bulk_create([Membership(user=person, team=team) for team in wanted - before])
    names = [sorted(team.name for team in some) for some in (before, wanted)]
    return {"teams": names} if before != wanted else {}
