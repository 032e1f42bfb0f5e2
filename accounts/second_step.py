"""Two-step sign-in: a code of an app on the person's phone beside the password, and recovery codes on paper.

Codes are those of RFC 6238 (pyotp): six figures, anew each half-minute. One is taken half a minute early or late, and
never twice. Wrong ones are counted with the person, wherever they come from: only who has the password gets so far.
"""

import hashlib
import unicodedata
from collections.abc import Collection
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple

import pyotp
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare, get_random_string
from django.utils.translation import gettext as _
from rest_framework.authtoken.models import Token

from accounts import audit
from accounts.models import Role, SecondStep, SignInPolicy, User
from accounts.people import LETTERS, Refused, check_admin
from accounts.second_step_owed import settle

ISSUER = "Radd"
HALF_MINUTE = 30
# Half-minutes by which the clock of a phone may be wrong.
DRIFT = (0, -1, 1)
RECOVERY_CODES, PARTS, PART = 10, 3, 4


class Verdict(Enum):
    """What a code was worth."""

    RIGHT = "right"
    WRONG = "wrong"
    LOCKED = "locked"


class Proof(NamedTuple):
    """The verdict on a code, and how many tries are left before the pause."""

    verdict: Verdict
    left: int = 0


# --- asked at the door -----------------------------------------------------------------------------------------------
def has_one(person: User) -> bool:
    """Whether this person signs in with a second step."""
    return SecondStep.objects.filter(user=person, confirmed_at__isnull=False).exists()


def prove(person: User, code: str) -> Proof:
    """Look at a code of the app, or a recovery code, which is used up by it. After too many wrong ones, a pause."""
    now = timezone.now()
    with transaction.atomic():
        step = SecondStep.objects.select_for_update().filter(user=person, confirmed_at__isnull=False).first()
        if step is None:
            return Proof(Verdict.WRONG)
        if step.locked_until and now < step.locked_until:
            return Proof(Verdict.LOCKED)
        right = _takes(step, code, now)
        step.failures = 0 if right else step.failures + 1
        step.locked_until = None
        left = settings.AXES_FAILURE_LIMIT - step.failures
        if left <= 0:
            step.failures, step.locked_until = 0, now + settings.AXES_COOLOFF_TIME
        step.save(update_fields=["failures", "locked_until", "last_step", "recovery"])
    if right:
        return Proof(Verdict.RIGHT, left)
    return Proof(Verdict.WRONG, left) if left > 0 else Proof(Verdict.LOCKED)


def _takes(step: SecondStep, code: str, now: datetime) -> bool:
    """Whether it is right; then what is taken but once is taken off the row, which the caller saves."""
    typed = _plain(code)
    if typed.isdecimal() and len(typed) == pyotp.TOTP(step.secret).digits:
        number = _half_minute_of(step.secret, typed, now, step.last_step)
        step.last_step = number or step.last_step
        return number is not None
    hashed = _hash(typed)
    left = [kept for kept in step.recovery if not constant_time_compare(kept, hashed)]
    used, step.recovery = len(left) < len(step.recovery), left
    return used


def _half_minute_of(secret: str, typed: str, now: datetime, taken: int) -> int | None:
    """The number of the half-minute that this code is of, of those around now and later than the last taken."""
    totp = pyotp.TOTP(secret)
    here = int(now.timestamp()) // HALF_MINUTE
    for number in (here + away for away in DRIFT):
        if number > taken and constant_time_compare(totp.at(number * HALF_MINUTE), typed):
            return number
    return None


def _plain(code: str) -> str:
    """What was typed, without spaces and hyphens; figures of any script are figures."""
    letters = (letter for letter in code if letter.isalnum())
    return "".join(str(unicodedata.digit(letter)) if letter.isdigit() else letter for letter in letters)


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


# --- set up by each for themselves -----------------------------------------------------------------------------------
def begin(person: User) -> None:
    """A secret to give to an app; asked for nowhere until a code of it was shown. Begun again, it is another."""
    with transaction.atomic():
        _refuse_if_on(person)
        fresh: dict[str, Any] = {"secret": pyotp.random_base32(), "confirmed_at": None, "recovery": [], "last_step": 0}
        SecondStep.objects.update_or_create(user=person, defaults=fresh)


def confirm(person: User, code: str) -> list[str]:
    """The app has it: from now on sign-in asks for its codes. The recovery codes, told this once. Raises Refused.

    Programs that signed in with the password alone are out, and sign in again.
    """
    now = timezone.now()
    with transaction.atomic():
        _refuse_if_on(person)
        step = SecondStep.objects.select_for_update().filter(user=person).first()
        number = _half_minute_of(step.secret, _plain(code), now, 0) if step else None
        if step is None or number is None:
            raise Refused(_("That code is not the app's. Is the clock of the phone right?"))
        codes = _new_codes(step)
        step.confirmed_at, step.last_step = now, number
        step.save()
        Token.objects.filter(user=person).delete()
        settle(User.objects.filter(pk=person.pk))
        audit.record(person, "person.second_step_on", person)
    return codes


def new_codes(person: User, code: str) -> list[str]:
    """Recovery codes in place of those there were, told this once. Raises Refused."""
    _check(person, code)
    with transaction.atomic():
        step = SecondStep.objects.select_for_update().get(user=person)
        codes = _new_codes(step)
        step.save(update_fields=["recovery"])
        audit.record(person, "person.recovery_codes", person)
    return codes


def turn_off(person: User, code: str) -> None:
    """The password alone will do again, where the role may have it so. Raises Refused."""
    if is_demanded(person.role):
        raise Refused(_("Your role signs in with two steps."))
    _check(person, code)
    with transaction.atomic():
        SecondStep.objects.filter(user=person).delete()
        audit.record(person, "person.second_step_off", person)


def _check(person: User, code: str) -> None:
    proof = prove(person, code)
    if proof.verdict is Verdict.LOCKED:
        raise Refused(_("Too many tries. Wait 15 minutes."))
    if proof.verdict is Verdict.WRONG:
        raise Refused(_("That code is not right."))


def _refuse_if_on(person: User) -> None:
    if has_one(person):
        raise Refused(_("It is on already."))


def _new_codes(step: SecondStep) -> list[str]:
    """Ten codes, and their hashes on the row."""
    made = [
        "-".join(get_random_string(PART, LETTERS.lower()) for _part in range(PARTS)) for _n in range(RECOVERY_CODES)
    ]
    step.recovery = [_hash(_plain(code)) for code in made]
    return made


def address_for(person: User, secret: str) -> str:
    """What the QR code says: the secret with whose it is, as apps read it."""
    return pyotp.TOTP(secret).provisioning_uri(name=person.email, issuer_name=ISSUER)


# --- decided by admins -----------------------------------------------------------------------------------------------
def reset(person_id: int, *, by: User) -> User:
    """For who lost phone and paper: they sign in by the password alone, and set it up again where their role must.

    Their programs are out. Raises User.DoesNotExist, Refused.
    """
    check_admin(by)
    with transaction.atomic():
        person = User.objects.select_for_update().get(pk=person_id)
        gone, _rows = SecondStep.objects.filter(user=person).delete()
        if gone:
            Token.objects.filter(user=person).delete()
            settle(User.objects.filter(pk=person.pk))
            audit.record(by, "person.second_step_reset", person)
    return person


def demanded_roles() -> list[str]:
    """The roles that must sign in with a second step."""
    policy = SignInPolicy.objects.first()
    return policy.second_step_roles if policy else []


def is_demanded(role: str) -> bool:
    return role in demanded_roles()


def demand(roles: Collection[str], *, by: User) -> None:
    """Say which roles must; who of them has none sets one up before any other page opens. Raises Refused."""
    check_admin(by)
    wanted = [role.value for role in Role if role.value in roles]
    with transaction.atomic():
        policy, _made = SignInPolicy.objects.select_for_update().get_or_create(pk=1)
        was = policy.second_step_roles
        if was == wanted:
            return
        policy.second_step_roles = wanted
        policy.save()
        settle(User.objects.all())
        audit.record(by, "sign_in.changed", policy, changed={"second_step_roles": [was, wanted]})
