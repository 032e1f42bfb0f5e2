"""Escalation chains, in the API: supervisors read those of their brands, admins write them."""

from http import HTTPStatus
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.problems import Problem, problems
from tickets.api.kept_rules import KeptRules, RuleSerializer, described, too_slow
from tickets.api.trees import Tree
from tickets.models import EscalationChain
from tickets.permissions import check_sets_targets
from tickets.targets import chain_keeping, chain_trial, chain_words
from tickets.targets.chain_keeping import Told, Wrong
from tickets.time_limit import TooSlow

STEPS = (
    'In order: `{"after": minutes, "of": "wall" or "open", "to": {...}, "by": ["mail"]}`. `to` is one of '
    '`{"person": id}`, `{"team": id}` and `{"role": "assignee", "lead", "supervisor" or "admin"}`.'
)


class ChainSerializer(RuleSerializer, serializers.ModelSerializer[EscalationChain]):
    """An escalation chain: when it begins, and whom it tells step by step."""

    steps = serializers.ListField(child=Tree(), help_text=STEPS)

    class Meta:
        model = EscalationChain
        fields = ["id", "name", "brand", "is_on", "conditions", "steps", "position", "version", "updated_at"]
        read_only_fields = ["id", "position", "updated_at"]


class TriedSerializer(serializers.Serializer[Any]):
    """A ticket that a step would have been taken for, and when first."""

    id = serializers.IntegerField()
    subject = serializers.CharField()
    at = serializers.DateTimeField()


class DaySerializer(serializers.Serializer[Any]):
    """How many tickets on one day, by the desk's own clock."""

    day = serializers.DateField()
    count = serializers.IntegerField()


class TakenSerializer(serializers.Serializer[Any]):
    """What would have come of one step."""

    step = serializers.IntegerField(source="place", help_text="From 1.")
    says = serializers.CharField(help_text="When and whom, in words.")
    whom = serializers.CharField(help_text="Whom it would have told.")
    count = serializers.IntegerField(help_text="Tickets, each counted once.")
    days = DaySerializer(many=True)
    tickets = TriedSerializer(source="lines", many=True, help_text="The newest ten.")


class TrialSerializer(serializers.Serializer[Any]):
    """What a chain would have done last week, had nobody acknowledged anything."""

    since = serializers.DateTimeField()
    looked = serializers.IntegerField(help_text="Tickets looked at, the newest first.")
    capped = serializers.BooleanField(help_text="Whether there were more than were looked at.")
    began = serializers.IntegerField(help_text="Tickets it would have begun for.")
    steps = TakenSerializer(many=True)


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
            return chain_keeping.save(pk, told_in(told), by=self.person, version=told.get("version"))
        except Wrong as error:
            raise refused(error) from None

    def restored(self, pk: int, version: int) -> EscalationChain:
        try:
            return chain_keeping.restore(pk, version, by=self.person)
        except Wrong as error:
            raise refused(error) from None

    @extend_schema(request=ChainSerializer, responses={200: TrialSerializer, **problems(400, 403, 422, 503)})
    @action(detail=False, methods=["post"], url_path="dry-run")
    def dry_run(self, _request: Request, **_kwargs: Any) -> Response:
        """What a chain would have done with the last week's tickets, whether it is kept or not. Nothing is changed."""
        check_sets_targets(self.person)
        told = told_in(self.told())
        try:
            chain_keeping.check(told)
            trial = chain_trial.dry_run(told, timezone.now())
        except Wrong as error:
            raise refused(error) from None
        except TooSlow:
            raise too_slow() from None
        return Response(TrialSerializer(trial).data)


def told_in(data: dict[str, Any]) -> Told:
    """A chain as a request tells it."""
    return Told(data["name"], data["brand_id"], data["is_on"], data["conditions"], data["steps"])


def refused(error: Wrong) -> Problem:
    """Why a chain cannot be kept, or tried."""
    return Problem(error.code, chain_words.wrong_words(error.code), HTTPStatus.UNPROCESSABLE_ENTITY)
