"""Routing rules, in the API: where tickets go when they come. For admins."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.problems import Problem, problems
from tickets.api.ids import an_id, ids
from tickets.api.kept_rules import KeptRules, RuleSerializer, described, too_slow
from tickets.models import RoutingRule, Ticket
from tickets.steering import action_form, rule_keeping, rule_trial
from tickets.steering.rule_actions import STEPS
from tickets.steering.rule_keeping import Told, Wrong
from tickets.steering.rule_words import kept_trouble, wrong_words
from tickets.steering.seats import LEAST_LOADED, ROUND_ROBIN
from tickets.time_limit import TooSlow
from tickets.verbs.action_codes import spelled

DEEDS = tuple(STEPS)
WAYS = (LEAST_LOADED, ROUND_ROBIN)


class ActionSerializer(serializers.Serializer[Any]):
    """One thing that a rule does: `do`, and what that needs beside it."""

    do = serializers.ChoiceField(choices=DEEDS, help_text="`approval` and `reopened` need nothing beside them.")
    team = an_id("Of `team`.")
    to = an_id("Of `assign`: the person.")
    how = serializers.ChoiceField(choices=WAYS, required=False, help_text="Of `share`.")
    skills = serializers.ListField(
        child=serializers.CharField(max_length=40), required=False, max_length=100, help_text="Of `skills`."
    )
    language = serializers.CharField(
        required=False, allow_blank=True, max_length=8, help_text="Of `language`; empty: the customer's own."
    )
    priority = serializers.ChoiceField(choices=Ticket.Priority.choices, required=False, help_text="Of `priority`.")
    add = ids("Of `tag`: those to put on.")
    remove = ids("Of `tag`: those to take off.")
    policy = an_id("Of `policy`.")
    macro = an_id("Of `macro`.")
    people = ids("Of `notify`.")
    teams = ids("Of `notify`.")
    name = serializers.CharField(read_only=True, required=False, help_text="What its id names, when it was saved.")

    def to_representation(self, instance: Mapping[str, Any]) -> dict[str, Any]:
        return super().to_representation(spelled(instance))


class RoutingRuleSerializer(RuleSerializer, serializers.ModelSerializer[RoutingRule]):
    """For which tickets, and what becomes of them."""

    actions = serializers.ListField(child=ActionSerializer(), max_length=len(DEEDS))
    trouble = serializers.SerializerMethodField(help_text="Why it was passed over last; empty while it works.")

    class Meta:
        model = RoutingRule
        fields = ["id", "name", "brand", "is_on", "conditions", "actions", "trouble", "position", "version",
                  "updated_at"]  # fmt: skip
        read_only_fields = ["id", "position", "updated_at"]

    def get_trouble(self, rule: RoutingRule) -> str:
        return kept_trouble(rule.trouble)


class WentSerializer(serializers.Serializer[Any]):
    """How many tickets go to one team, person or priority: now, and with this rule."""

    name = serializers.CharField()
    now = serializers.IntegerField()
    then = serializers.IntegerField()


class RoutedSerializer(serializers.Serializer[Any]):
    """A ticket that would go another way, in words."""

    id = serializers.IntegerField()
    subject = serializers.CharField()
    language = serializers.CharField(help_text="Of its first message; empty where it is not known.")
    before = serializers.CharField(help_text="Where it goes now.")
    after = serializers.CharField(help_text="Where it would go.")
    because = serializers.CharField()


class RuleTrialSerializer(serializers.Serializer[Any]):
    """What a rule would have changed last week."""

    since = serializers.DateTimeField()
    looked = serializers.IntegerField(help_text="Tickets looked at, the newest first.")
    capped = serializers.BooleanField(help_text="Whether there were more than were looked at.")
    caught = serializers.IntegerField(help_text="Tickets that it would have caught.")
    moved = serializers.IntegerField(help_text="Tickets that would have gone another way.")
    teams = WentSerializer(many=True)
    agents = WentSerializer(many=True)
    priorities = WentSerializer(many=True)
    tickets = RoutedSerializer(source="lines", many=True, help_text="The newest twenty that would go another way.")
    trouble = serializers.CharField(help_text="Why it would be passed over for some; empty where it would not.")


TRIED = {200: RuleTrialSerializer, **problems(400, 403, 422, 503)}


@described(RoutingRuleSerializer)
class RoutingRules(KeptRules[RoutingRule]):
    """Routing rules in their order: the first that fits a ticket is carried out."""

    queryset = RoutingRule.objects.none()
    serializer_class = RoutingRuleSerializer
    keeping = rule_keeping.KEEPING

    def saved(self, pk: int | None, told: dict[str, Any]) -> RoutingRule:
        try:
            return rule_keeping.save(pk, told_in(told), by=self.person, version=told.get("version"))
        except Wrong as error:
            raise _refused(error) from None

    def restored(self, pk: int, version: int) -> RoutingRule:
        try:
            return rule_keeping.restore(pk, version, by=self.person)
        except Wrong as error:
            raise _refused(error) from None

    @extend_schema(operation_id="routing_rules_dry_run", request=RoutingRuleSerializer, responses=TRIED)
    @action(detail=False, methods=["post"], url_path="dry-run")
    def dry_run(self, _request: Request, **_kwargs: Any) -> Response:
        """What a new rule, the last of the list, would have changed last week. Nothing is changed."""
        self.keeping.check(self.person)
        return self._tried(None)

    @extend_schema(
        operation_id="routing_rules_dry_run_of_one",
        request=RoutingRuleSerializer,
        responses=TRIED | problems(404),
    )
    @action(detail=True, methods=["post"], url_path="dry-run", url_name="dry-run-of")
    def dry_run_of(self, _request: Request, **_kwargs: Any) -> Response:
        """What this rule, in its place, would have changed last week were it so. Nothing is changed."""
        return self._tried(self.mine())

    def _tried(self, pk: int | None) -> Response:
        try:
            trial = rule_trial.try_out(pk, told_in(self.told()), timezone.now())
        except Wrong as error:
            raise _refused(error) from None
        except TooSlow:
            raise too_slow() from None
        return Response(RuleTrialSerializer(trial).data)


def told_in(data: Mapping[str, Any]) -> Told:
    """A rule as a request tells it."""
    actions = [action_form.named(one) for one in data["actions"]]
    return Told(data["name"], data["brand_id"], data["is_on"], data["conditions"], actions)


def _refused(error: Wrong) -> Problem:
    code = error.code or (error.action.code if error.action else "bad_conditions")
    return Problem(code, wrong_words(error), HTTPStatus.UNPROCESSABLE_ENTITY)
