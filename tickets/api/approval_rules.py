"""Approval rules, in the API: which answers wait for a second person. For admins."""

from http import HTTPStatus
from typing import Any

from rest_framework import serializers

from accounts.api.problems import Problem
from tickets.answering import approval_rules
from tickets.answering.approval_rules import MOST_MINUTES, Told, Wrong
from tickets.api.kept_rules import KeptRules, RuleSerializer, described
from tickets.models import ApprovalRule
from tickets.steering.rule_words import problem_words


class ApprovalRuleSerializer(RuleSerializer, serializers.ModelSerializer[ApprovalRule]):
    """Which answers wait, and how many minutes a second person has."""

    minutes = serializers.IntegerField(min_value=1, max_value=MOST_MINUTES, default=30)

    class Meta:
        model = ApprovalRule
        fields = ["id", "name", "brand", "is_on", "conditions", "minutes", "position", "version", "updated_at"]
        read_only_fields = ["id", "position", "updated_at"]


@described(ApprovalRuleSerializer)
class ApprovalRules(KeptRules[ApprovalRule]):
    """Approval rules in their order: the first that fits an answer is its own."""

    queryset = ApprovalRule.objects.none()
    serializer_class = ApprovalRuleSerializer
    keeping = approval_rules.KEEPING

    def saved(self, pk: int | None, told: dict[str, Any]) -> ApprovalRule:
        rule = Told(told["name"], told["brand_id"], told["is_on"], told["conditions"], told["minutes"])
        try:
            return approval_rules.save(pk, rule, by=self.person, version=told.get("version"))
        except Wrong as error:
            raise _refused(error) from None

    def restored(self, pk: int, version: int) -> ApprovalRule:
        try:
            return approval_rules.restore(pk, version, by=self.person)
        except Wrong as error:
            raise _refused(error) from None


def _refused(error: Wrong) -> Problem:
    words = problem_words(error.problems[0]) if error.problems else str(error)
    return Problem("cannot_be_kept", words, HTTPStatus.UNPROCESSABLE_ENTITY)
