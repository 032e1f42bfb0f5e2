"""Which incident a policy is for, as its form and its page tell it: none, any, one kind, or one incident.

In the form: "", "any", "kind:outage", "incident:7".
"""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Brand
from tickets.models import Incident, SlaPolicy
from tickets.numbers import whole
from tickets.targets.clocks import ANY

KIND, ONE = "kind:", "incident:"
# So many open incidents a menu holds, the newest first.
MOST = 100


def offered(policy: SlaPolicy) -> Sequence[tuple[str, Any]]:
    """What there is to choose: besides kinds the incidents that are open, and the policy's own. One query or two."""
    rows = list(Incident.objects.filter(closed_at=None).select_related("brand").order_by("-begins_at", "-id")[:MOST])
    if policy.incident_id and all(row.pk != policy.incident_id for row in rows):
        rows += Incident.objects.filter(pk=policy.incident_id).select_related("brand")
    kinds = [(f"{KIND}{value}", label) for value, label in Incident.Kind.choices]
    choices: list[tuple[str, Any]] = [("", _("Any")), (ANY, _("Of any incident")), (_("Of one kind"), kinds)]
    if rows:
        choices.append((_("Of one incident"), [(f"{ONE}{row.pk}", f"{row.name} · {row.brand}") for row in rows]))
    return choices


def told_of(policy: SlaPolicy) -> str:
    """A policy's, as the form tells it."""
    if policy.incident_id:
        return f"{ONE}{policy.incident_id}"
    return policy.event if policy.event in {"", ANY} else f"{KIND}{policy.event}"


def put(policy: SlaPolicy, told: str, brand: Brand | None) -> bool:
    """Put on a policy what the form tells, one of `offered`; False where the incident is of another brand."""
    policy.incident, policy.event = None, ""
    if told.startswith(ONE):
        policy.incident = Incident.objects.filter(pk=whole(told.removeprefix(ONE)) or 0).first()
        return policy.incident is not None and (brand is None or policy.incident.brand_id == brand.pk)
    policy.event = told.removeprefix(KIND)
    return True


def words_of(policy: SlaPolicy) -> str:
    """For a chip on the list of policies; empty where it does not matter."""
    if policy.incident is not None:
        return policy.incident.name
    if policy.event == ANY:
        return _("Of any incident")
    return str(Incident.Kind(policy.event).label) if policy.event in Incident.Kind.values else ""
