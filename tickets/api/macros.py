"""Macros in the API: several things done to a ticket at once, as people keep them."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from accounts.api.ground import Ground
from accounts.api.pages import NewestFirst
from accounts.api.problems import problems
from tickets.answering import macros, saved_replies
from tickets.api import refusals
from tickets.api.ids import an_id, ids
from tickets.api.kept import KeptSerializer, SayKeptSerializer, read_in, scope_in
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
        fields = ["id", "name", "actions", "whose", "team", "brand", "may_change", "used", "updated_at"]
        read_only_fields = fields


class SayMacroSerializer(SayKeptSerializer):
    """A macro as it is to be."""

    name = serializers.CharField(max_length=80)
    actions = serializers.ListField(
        child=StepSerializer(), min_length=1, max_length=macros.MOST_STEPS,
        help_text="In their order. Given, they take the place of all that stood there.",
    )  # fmt: skip


@extend_schema_view(
    list=extend_schema(responses={200: MacroSerializer(many=True), **problems(400)}),
    retrieve=extend_schema(responses={200: MacroSerializer, **problems(404)}),
)
class Macros(Ground, ReadOnlyModelViewSet[Macro]):
    """My own macros, my teams' and everyone's, of the brands I see; the newest first."""

    queryset = Macro.objects.none()
    serializer_class = MacroSerializer
    filter_backends = []
    pagination_class = NewestFirst
    lookup_value_converter = "int"
    tell = staticmethod(refusals.answer)

    def get_queryset(self) -> QuerySet[Macro]:
        return saved_replies.visible(Macro.objects.all(), self.person)

    def get_serializer_context(self) -> dict[str, Any]:
        # The schema is drawn for nobody.
        return {} if getattr(self, "swagger_fake_view", False) else {"person": self.person}

    @extend_schema(
        operation_id="macros_make",
        request=SayMacroSerializer,
        responses={201: MacroSerializer, **problems(400, 403)},
    )
    def create(self, request: Request) -> Response:
        """Keep a new one."""
        given = read_in(SayMacroSerializer, request.data, self.person, partial=False)
        made = macros.keep(name=given["name"], actions=given["actions"], scope=scope_in(given), by=self.person)
        return Response(self.get_serializer(made).data, status=HTTPStatus.CREATED)

    @extend_schema(
        operation_id="macros_change",
        request=SayMacroSerializer(partial=True),
        responses={200: MacroSerializer, **problems(400, 403, 404)},
    )
    def partial_update(self, request: Request, **_kwargs: Any) -> Response:
        """Change one; what is not given stays."""
        row = self.get_object()
        given = read_in(SayMacroSerializer, request.data, self.person, partial=True)
        name, actions = given.get("name", row.name), given.get("actions", row.actions)
        kept = macros.keep(name=name, actions=actions, scope=scope_in(given, row), by=self.person, pk=row.pk)
        return Response(self.get_serializer(kept).data)

    @extend_schema(operation_id="macros_remove", request=None, responses={204: None, **problems(403, 404)})
    def destroy(self, _request: Request, **_kwargs: Any) -> Response:
        """Forget one."""
        saved_replies.remove(Macro.objects.all(), self.get_object().pk, by=self.person)
        return Response(status=HTTPStatus.NO_CONTENT)
