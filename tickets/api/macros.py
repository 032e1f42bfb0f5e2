"""Macros in the API: several things done to a ticket at once, as people keep them."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from tickets.answering import macros, saved_replies
from tickets.api.ids import an_id, ids
from tickets.api.kept import Keepsakes, KeptSerializer, SayKeptSerializer, described, scope_in
from tickets.models import Macro, Ticket
from tickets.verbs import dismissing, lifecycle
from tickets.verbs.action_codes import KINDS, spelled

STEPS = tuple(code for code, kind in KINDS.items() if kind.in_macros)


class StepSerializer(serializers.Serializer[Any]):
    """One step: `do`, and what that needs beside it."""

    do = serializers.ChoiceField(choices=STEPS)
    saved = an_id("Of `reply`: the saved reply whose words go into the answer's box.")
    text = serializers.CharField(required=False, max_length=lifecycle.LONGEST_NOTE, help_text="Of `note`.")
    to = an_id("Of `assign`: the person.")
    add = ids("Of `tag`: those to put on.")
    remove = ids("Of `tag`: those to take off.")
    priority = serializers.ChoiceField(choices=Ticket.Priority.choices, required=False, help_text="Of `priority`.")
    until = serializers.CharField(
        required=False, max_length=40, help_text="Of `snooze`; left out: until the customer writes."
    )
    reason = serializers.ChoiceField(
        choices=list(dismissing.REASONS_WHY.items()), required=False, help_text="Of `no_answer`."
    )

    def to_representation(self, instance: Mapping[str, Any]) -> dict[str, Any]:
        return super().to_representation(spelled(instance))


class MacroSerializer(KeptSerializer, serializers.ModelSerializer[Macro]):
    """Several steps, carried out in order: all of them or none."""

    actions = StepSerializer(many=True, read_only=True)

    class Meta:
        model = Macro
        fields = ["id", "name", "actions", "whose", "team", "brand", "may_change", "used", "version", "updated_at"]
        read_only_fields = fields


class SayMacroSerializer(SayKeptSerializer):
    """A macro as it is to be."""

    name = serializers.CharField(max_length=80)
    actions = serializers.ListField(
        child=StepSerializer(), min_length=1, max_length=macros.MOST_STEPS,
        help_text="In their order. Given, they take the place of all that stood there.",
    )  # fmt: skip


@described("macros", MacroSerializer, SayMacroSerializer)
class Macros(Keepsakes[Macro]):
    """My own macros, my teams' and everyone's, of the brands I see; the newest first."""

    queryset = Macro.objects.none()
    serializer_class = MacroSerializer
    said = SayMacroSerializer

    def get_queryset(self) -> QuerySet[Macro]:
        return saved_replies.visible(Macro.objects.all(), self.person)

    def keep(self, given: dict[str, Any], row: Macro | None) -> Macro:
        told = {"name": row.name, "actions": row.actions} | given if row else given
        return macros.keep(
            name=told["name"], actions=told["actions"], scope=scope_in(given, row), by=self.person,
            pk=row.pk if row else None, version=given.get("version"),
        )  # fmt: skip

    def forget(self, pk: int) -> None:
        saved_replies.remove(Macro.objects.all(), pk, by=self.person)
