"""The brand's policy of answers, written by admins."""

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Brand, User
from accounts.unmoved import check_unmoved
from tickets.answering.guard.findings import USUAL, Code, Level
from tickets.models import CarePolicy
from tickets.permissions import NotAllowed

OFF = "off"
LEVELS = (Level.STOP.value, Level.SECOND.value, Level.ADVICE.value, OFF)


# The version of a policy that nobody has written yet: the usual one.
UNWRITTEN = 0


def version_of(brand: Brand) -> int:
    """Which save of it this is."""
    policy = CarePolicy.objects.filter(brand=brand).first()
    return policy.version if policy else UNWRITTEN


def change(
    brand: Brand,
    *,
    guard: Mapping[str, str],
    own_domains: Sequence[str],
    canned_counts: bool,
    approval_minutes: int,
    by: User,
    version: int | None = None,
) -> CarePolicy:
    """Write the policy whole. `version`: the one seen (`version_of`). Raises NotAllowed, MovedOn."""
    if not by.is_admin:
        raise NotAllowed(_("Only admins say what answers may be."))
    with transaction.atomic():
        policy, made = CarePolicy.objects.select_for_update(of=("self",)).get_or_create(brand=brand)
        check_unmoved(UNWRITTEN if made else policy.version, version)
        # What is as usual is not written down, so that a better usual reaches everyone.
        known = set(Code) - {Code.ADDRESSES_ASK}
        policy.guard = {
            code: level
            for code, level in guard.items()
            if code in known and level in LEVELS and level != USUAL[Code(code)]
        }
        policy.own_domains = [domain.strip().lower().lstrip("@") for domain in own_domains if domain.strip()][:50]
        policy.canned_counts, policy.approval_minutes, policy.updated_by = canned_counts, approval_minutes, by
        policy.save()
        audit.record(by, "policy.changed", brand)
    return policy
