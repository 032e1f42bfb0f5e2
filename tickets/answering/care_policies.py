"""The brand's policy of answers, written by admins."""

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Brand, User
from tickets.answering.guard.findings import USUAL, Code, Level
from tickets.models import CarePolicy
from tickets.permissions import NotAllowed

OFF = "off"
LEVELS = (Level.STOP.value, Level.SECOND.value, Level.ADVICE.value, OFF)


def change(
    brand: Brand,
    *,
    guard: Mapping[str, str],
    own_domains: Sequence[str],
    canned_counts: bool,
    approval_minutes: int,
    by: User,
) -> CarePolicy:
    """Write the policy whole. Raises NotAllowed."""
    if not by.is_admin:
        raise NotAllowed(_("Only admins say what answers may be."))
    with transaction.atomic():
        policy, _made = CarePolicy.objects.select_for_update(of=("self",)).get_or_create(brand=brand)
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
