"""What may be done to a ticket beside answering it, in the API: the verbs of the pages, and undo."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.problems import problems
from accounts.models import User
from tickets.answering import macros
from tickets.api.ids import LARGEST
from tickets.api.serializers import ActivitySerializer, TicketSerializer
from tickets.incidents import placing
from tickets.models import Activity, Macro, Ticket
from tickets.permissions import NotAllowed
from tickets.verbs import dismissing, linking, merging, parting, priority, snoozing, tagging, undoing


class SnoozeSerializer(serializers.Serializer[Any]):
    """Until when it rests."""

    until = serializers.DateTimeField(allow_null=True, help_text="Null: until the customer writes.")


class TagsSerializer(serializers.Serializer[Any]):
    """Tags by their ids, or by name: a name nobody has used is made."""

    add = serializers.ListField(child=serializers.IntegerField(), default=list, max_length=20)
    remove = serializers.ListField(child=serializers.IntegerField(), default=list, max_length=20)
    names = serializers.ListField(
        child=serializers.CharField(max_length=40), default=list, max_length=20, help_text="To put on, by name."
    )


class PrioritySerializer(serializers.Serializer[Any]):
    """From 1, urgent, to 4, low."""

    priority = serializers.ChoiceField(choices=Ticket.Priority.choices)


class OtherSerializer(serializers.Serializer[Any]):
    """Another ticket of the same brand."""

    ticket = serializers.IntegerField(min_value=1)


class SplitSerializer(serializers.Serializer[Any]):
    """Which messages become a ticket of their own."""

    messages = serializers.ListField(child=serializers.IntegerField(), min_length=1, max_length=500)


class NoAnswerSerializer(serializers.Serializer[Any]):
    """Why nobody is owed an answer."""

    reason = serializers.ChoiceField(choices=list(dismissing.REASONS_WHY.items()))
    text = serializers.CharField(required=False, default="", allow_blank=True, max_length=dismissing.LONGEST)


class PlacedSerializer(serializers.Serializer[Any]):
    """Which incident it is of."""

    incident = serializers.IntegerField(min_value=1, allow_null=True, help_text="Null: of none.")


class MacroToRunSerializer(serializers.Serializer[Any]):
    """Which macro."""

    macro = serializers.IntegerField(min_value=1, max_value=LARGEST)


class RanSerializer(serializers.Serializer[Any]):
    """What came of a macro."""

    text = serializers.CharField(help_text="Words for the answer, for a person to read first; mostly none.")
    steps = serializers.IntegerField()
    ticket = TicketSerializer(help_text="As it stands now.")


class UndoSerializer(serializers.Serializer[Any]):
    """What to take back."""

    activity = serializers.IntegerField(min_value=1, help_text="The line that the verb answered with.")


# The line of the record that undoes it; nothing where nothing changed.
DONE = {200: ActivitySerializer, 204: None, **problems(400, 403, 404)}


class Actions:
    """The verbs. Each answers with its line in the record: give its id to `undo` to take it back."""

    person: User
    given: Callable[..., dict[str, Any]]
    get_object: Callable[[], Ticket]

    def _done(self, verb: Callable[[Ticket], Activity | None]) -> Response:
        ticket = self.get_object()
        try:
            line = verb(ticket)
        except Ticket.DoesNotExist:
            raise NotFound(_("That ticket is not there. Choose another.")) from None
        return Response(ActivitySerializer(line).data) if line else Response(status=204)

    @extend_schema(operation_id="tickets_snooze", request=SnoozeSerializer, responses=DONE)
    @action(methods=["post"], detail=True)
    def snooze(self, _request: Request, **_kwargs: Any) -> Response:
        """Let it rest until a time, or until the customer writes."""
        until = self.given(SnoozeSerializer)["until"]
        return self._done(lambda ticket: snoozing.snooze(ticket.pk, until=until, by=self.person))

    @extend_schema(operation_id="tickets_wake", request=None, responses=DONE)
    @action(methods=["post"], detail=True)
    def wake(self, _request: Request, **_kwargs: Any) -> Response:
        """End its rest now."""
        return self._done(lambda ticket: snoozing.wake(ticket.pk, by=self.person))

    @extend_schema(operation_id="tickets_tags", request=TagsSerializer, responses=DONE)
    @action(methods=["post"], detail=True)
    def tags(self, _request: Request, **_kwargs: Any) -> Response:
        """Put tags on and take others off."""
        given = self.given(TagsSerializer)

        def verb(ticket: Ticket) -> Activity | None:
            made = [tagging.make(name, ticket=ticket).pk for name in given["names"]]
            return tagging.tag(ticket.pk, add=[*given["add"], *made], remove=given["remove"], by=self.person)

        return self._done(verb)

    @extend_schema(operation_id="tickets_priority", request=PrioritySerializer, responses=DONE)
    @action(methods=["post"], detail=True)
    def priority(self, _request: Request, **_kwargs: Any) -> Response:
        """Say how soon it wants somebody."""
        to = int(self.given(PrioritySerializer)["priority"])
        return self._done(lambda ticket: priority.set_priority(ticket.pk, to=to, by=self.person))

    @extend_schema(operation_id="tickets_merge", request=OtherSerializer, responses=DONE)
    @action(methods=["post"], detail=True)
    def merge(self, _request: Request, **_kwargs: Any) -> Response:
        """Move all of it into another ticket, and close it."""
        into = self.given(OtherSerializer)["ticket"]
        return self._done(lambda ticket: merging.merge(ticket.pk, into=into, by=self.person))

    @extend_schema(operation_id="tickets_split", request=SplitSerializer, responses=DONE)
    @action(methods=["post"], detail=True)
    def split(self, _request: Request, **_kwargs: Any) -> Response:
        """Make a ticket of some of its messages; `to` in the line's data is its number."""
        messages = self.given(SplitSerializer)["messages"]
        return self._done(lambda ticket: parting.part(ticket.pk, messages=messages, by=self.person)[1])

    @extend_schema(operation_id="tickets_link", request=OtherSerializer, responses=DONE)
    @action(methods=["post"], detail=True)
    def link(self, _request: Request, **_kwargs: Any) -> Response:
        """Say that another ticket has to do with it."""
        other = self.given(OtherSerializer)["ticket"]
        return self._done(lambda ticket: linking.link(ticket.pk, to=other, by=self.person))

    @extend_schema(operation_id="tickets_unlink", request=OtherSerializer, responses=DONE)
    @action(methods=["post"], detail=True)
    def unlink(self, _request: Request, **_kwargs: Any) -> Response:
        """Take a link back."""
        other = self.given(OtherSerializer)["ticket"]
        return self._done(lambda ticket: linking.unlink(ticket.pk, to=other, by=self.person))

    @extend_schema(operation_id="tickets_no_answer", request=NoAnswerSerializer, responses=DONE)
    @action(methods=["post"], detail=True, url_path="no-answer")
    def no_answer(self, _request: Request, **_kwargs: Any) -> Response:
        """Settle it: nobody is owed an answer, and why."""
        given = self.given(NoAnswerSerializer)
        return self._done(lambda ticket: dismissing.no_answer(ticket.pk, by=self.person, **given))

    @extend_schema(operation_id="tickets_incident", request=PlacedSerializer, responses=DONE)
    @action(methods=["post"], detail=True)
    def incident(self, _request: Request, **_kwargs: Any) -> Response:
        """Put it into an incident of its brand, or take it out of the one it is in."""
        to = self.given(PlacedSerializer)["incident"]
        if to is None:
            return self._done(lambda ticket: placing.take_out(ticket.pk, by=self.person))
        return self._done(lambda ticket: placing.put_in(ticket.pk, incident=to, by=self.person))

    @extend_schema(
        operation_id="tickets_macro",
        request=MacroToRunSerializer,
        responses={200: RanSerializer, **problems(400, 403, 404, 422)},
    )
    @action(methods=["post"], detail=True)
    def macro(self, _request: Request, **_kwargs: Any) -> Response:
        """Carry out a macro: all of its steps or none. Nothing is sent: words for an answer come back as `text`."""
        ticket = self.get_object()
        try:
            ran = macros.run(ticket, self.given(MacroToRunSerializer)["macro"], by=self.person)
        except Macro.DoesNotExist:
            raise NotFound(_("That macro is not there. Choose another.")) from None
        told = {"text": ran.text, "steps": ran.steps, "ticket": self.get_object()}
        return Response(RanSerializer(told).data)

    @extend_schema(operation_id="tickets_spam", request=None, responses=DONE)
    @action(methods=["post"], detail=True)
    def spam(self, _request: Request, **_kwargs: Any) -> Response:
        """Mark it as spam, and close it."""
        return self._done(lambda ticket: dismissing.spam(ticket.pk, by=self.person))

    @extend_schema(
        operation_id="tickets_undo",
        request=UndoSerializer,
        responses={200: TicketSerializer, **problems(400, 403, 404)},
    )
    @action(methods=["post"], detail=True)
    def undo(self, _request: Request, **_kwargs: Any) -> Response:
        """Take back what you did, as long as nobody has gone on from there."""
        ticket = self.get_object()
        line = Activity.objects.filter(pk=self.given(UndoSerializer)["activity"], ticket=ticket).first()
        if line is None:
            raise NotAllowed(_("This cannot be undone."))
        undoing.undo(line.pk, by=self.person)
        return Response(TicketSerializer(self.get_object()).data)
