"""Escalation chains, in the API: supervisors read those of their brands, admins write them."""

from http import HTTPStatus
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from accounts.api.problems import Problem
from tickets.api.kept_rules import CONDITIONS, KeptRules, described
from tickets.models import EscalationChain
from tickets.targets import chain_keeping, chain_words
from tickets.targets.chain_keeping import Told, Wrong

STEPS = (
    'In order: `{"after": minutes, "of": "wall" or "open", "to": {...}, "by": ["mail"]}`. `to` is one of '
    '`{"person": id}`, `{"team": id}` and `{"role": "assignee", "lead", "supervisor" or "admin"}`.'
)


class ChainSerializer(serializers.ModelSerializer[EscalationChain]):
    """An escalation chain: when it begins, and whom it tells step by step."""

    brand = serializers.IntegerField(source="brand_id", allow_null=True, required=False, default=None, min_value=1)
    conditions = serializers.DictField(help_text=CONDITIONS)
    steps = serializers.ListField(child=serializers.DictField(), help_text=STEPS)
    is_on = serializers.BooleanField(default=True)

    class Meta:
        model = EscalationChain
        fields = ["id", "name", "brand", "is_on", "conditions", "steps", "position", "version", "updated_at"]
        read_only_fields = ["id", "position", "version", "updated_at"]


@described(ChainSerializer)
class Chains(KeptRules[EscalationChain]):
    """Escalation chains in their order. Of one that is removed no ticket begins it; those on their way up it go on."""

    queryset = EscalationChain.objects.none()
    serializer_class = ChainSerializer
    keeping = chain_keeping.KEEPING

    def get_queryset(self) -> QuerySet[EscalationChain]:
        return chain_keeping.chains(self.person)

    def saved(self, pk: int | None, told: dict[str, Any]) -> EscalationChain:
        try:
            return chain_keeping.save(pk, told_in(told), by=self.person)
        except Wrong as error:
            raise refused(error) from None

    def restored(self, pk: int, version: int) -> EscalationChain:
        try:
            return chain_keeping.restore(pk, version, by=self.person)
        except Wrong as error:
            raise refused(error) from None


def told_in(data: dict[str, Any]) -> Told:
    """A chain as a request tells it."""
    return Told(data["name"], data["brand_id"], data["is_on"], data["conditions"], data["steps"])


def refused(error: Wrong) -> Problem:
    """Why a chain cannot be kept, or tried."""
    return Problem(error.code, chain_words.wrong_words(error.code), HTTPStatus.UNPROCESSABLE_ENTITY)
