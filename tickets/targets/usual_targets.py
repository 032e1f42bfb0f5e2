"""Targets to start from: an urgent and a usual policy around the clock, and whom a late ticket is told to."""

from django.utils import timezone

from accounts.models import Brand
from tickets.models import EscalationChain, SlaPolicy

LATE = {"all": [{"field": "clock", "op": "any", "value": ["breached"]}]}
STEPS = [{"after": 0, "to": {"role": "supervisor"}}, {"after": 30, "to": {"role": "admin"}}]
# Minutes: first answer, next answers, resolution.
POLICIES = (("Urgent", 1, (15, 15, 480)), ("Usual", None, (60, 60, 1440)))


def make(brand: Brand) -> bool:
    """Make them where there is no policy at all, not even one that was turned off; whether it did."""
    if SlaPolicy.objects.exists() or EscalationChain.objects.exists():
        return False
    for position, (name, priority, (first, following, solved)) in enumerate(POLICIES):
        SlaPolicy.objects.create(
            name=f"{name} · {brand}"[:80], position=position, brand=brand, priority=priority,
            first_answer=first, next_answer=following, resolution=solved,
        )  # fmt: skip
    EscalationChain.objects.create(
        name=f"Late · {brand}"[:80], brand=brand, conditions=LATE, steps=STEPS, updated_at=timezone.now()
    )
    return True
