"""Customers in the API: whose account a ticket is from, what is said of them, and what helped who asked alike."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.problems import Problem, problems
from accounts.models import User
from tickets.api.serializers import ActivitySerializer
from tickets.customers import joining, keeping, persons, similar
from tickets.customers.persons import Account, Person
from tickets.models import Activity, Ticket


class AccountSerializer(serializers.Serializer[Account]):
    """One account of a customer."""

    id = serializers.IntegerField(source="contact.pk")
    platform = serializers.CharField(source="contact.platform")
    handle = serializers.CharField(source="contact.handle")
    name = serializers.CharField(source="contact.display_name")
    followers = serializers.IntegerField(source="contact.followers", allow_null=True)
    linked_by = serializers.CharField(help_text="Who linked it; empty where nobody did.")
    linked_at = serializers.DateTimeField(allow_null=True)


class CustomerSerializer(serializers.Serializer[Person]):
    """A customer over all their accounts."""

    id = serializers.IntegerField(
        source="customer.pk", allow_null=True, default=None, help_text="Null while nobody has said anything of them."
    )
    name = serializers.CharField()
    tier = serializers.IntegerField(source="customer.tier_id", allow_null=True, default=None)
    notes = serializers.CharField()
    notes_by = serializers.CharField(help_text="Who wrote them last; empty where it is not known.")
    notes_at = serializers.DateTimeField(allow_null=True, help_text="When; null where it is not known.")
    notes_mark = serializers.CharField(help_text="Give it back as `seen` with changed notes.")
    accounts = AccountSerializer(many=True)
    figures = serializers.SerializerMethodField()

    @extend_schema_field(
        {
            "type": "object",
            "properties": {
                "tickets": {"type": "integer"},
                "live": {"type": "integer"},
                "lift": {"type": "number", "nullable": True},
                "lifts": {"type": "integer"},
                "messages_30_days": {"type": "integer"},
            },
        }
    )
    def get_figures(self, who: Person) -> dict[str, Any]:
        """Over all accounts: tickets, the mean lift of those that have one, messages."""
        known = persons.figures(who, timezone.now())
        return {name: getattr(known, name) for name in ("tickets", "live", "lift", "lifts", "messages_30_days")}


class SolvedSerializer(serializers.Serializer[Any]):
    """A solved ticket like this one, and the answer its customer got last."""

    ticket = serializers.IntegerField()
    subject = serializers.CharField()
    lift = serializers.FloatField(allow_null=True)
    resolved_at = serializers.DateTimeField(allow_null=True)
    answer = serializers.CharField()
    language = serializers.CharField()
    author = serializers.CharField()


class WhichAccountSerializer(serializers.Serializer[Any]):
    """An account of the same brand."""

    account = serializers.IntegerField(min_value=1)


class TierOfSerializer(serializers.Serializer[Any]):
    """One of the brand's tiers."""

    tier = serializers.IntegerField(allow_null=True, help_text="Null: as with everybody.")


class NameOfSerializer(serializers.Serializer[Any]):
    """What we call them."""

    name = serializers.CharField(allow_blank=True, max_length=keeping.LONGEST_NAME)


class NotesOfSerializer(serializers.Serializer[Any]):
    """Notes, and the mark of those they were changed from."""

    notes = serializers.CharField(allow_blank=True, max_length=joining.LONGEST_NOTES, trim_whitespace=False)
    seen = serializers.CharField(max_length=16, help_text="`notes_mark` as it was read.")


SAID = {200: ActivitySerializer, 204: None, **problems(400, 403, 404)}


class Customers:
    """What is known and said of a ticket's customer. Each verb answers with the line that undoes it."""

    person: User
    given: Callable[..., dict[str, Any]]
    get_object: Callable[[], Ticket]
    _done: Callable[[Callable[[Ticket], Activity | None]], Response]

    @extend_schema(operation_id="tickets_customer", responses={200: CustomerSerializer, **problems(404)})
    @action(methods=["get"], detail=True, pagination_class=None, filterset_class=None)
    def customer(self, _request: Request, **_kwargs: Any) -> Response:
        """Whose ticket it is: accounts, tier, notes, figures."""
        return Response(CustomerSerializer(persons.person_of(self.get_object().contact)).data)

    @extend_schema(
        operation_id="tickets_similar", responses={200: SolvedSerializer(many=True), **problems(404)}, filters=False
    )
    @action(methods=["get"], detail=True, pagination_class=None, filterset_class=None)
    def similar(self, _request: Request, **_kwargs: Any) -> Response:
        """Solved tickets of people who asked alike, the likest first, with the answers that helped."""
        return Response(SolvedSerializer(similar.like(self.get_object()), many=True).data)

    @extend_schema(operation_id="tickets_link_account", request=WhichAccountSerializer, responses=SAID)
    @action(methods=["post"], detail=True, url_path="link-account")
    def link_account(self, _request: Request, **_kwargs: Any) -> Response:
        """Say that another account is this customer's too: their posts join one ticket from then on."""
        account = self.given(WhichAccountSerializer)["account"]
        return self._done(lambda ticket: joining.link(ticket.pk, contact=account, by=self.person))

    @extend_schema(operation_id="tickets_unlink_account", request=WhichAccountSerializer, responses=SAID)
    @action(methods=["post"], detail=True, url_path="unlink-account")
    def unlink_account(self, _request: Request, **_kwargs: Any) -> Response:
        """Say that it is somebody else's after all."""
        account = self.given(WhichAccountSerializer)["account"]
        return self._done(lambda ticket: joining.unlink(ticket.pk, contact=account, by=self.person))

    @extend_schema(operation_id="tickets_customer_tier", request=TierOfSerializer, responses=SAID)
    @action(methods=["post"], detail=True, url_path="customer-tier")
    def customer_tier(self, _request: Request, **_kwargs: Any) -> Response:
        """Say how dear their plan is; the clocks of their tickets follow."""
        to = self.given(TierOfSerializer)["tier"]
        return self._done(lambda ticket: keeping.set_tier(ticket.pk, to=to, by=self.person))

    @extend_schema(operation_id="tickets_customer_name", request=NameOfSerializer, responses=SAID)
    @action(methods=["post"], detail=True, url_path="customer-name")
    def customer_name(self, _request: Request, **_kwargs: Any) -> Response:
        """Say what we call them; empty for the name of their account."""
        name = self.given(NameOfSerializer)["name"]
        return self._done(lambda ticket: keeping.set_name(ticket.pk, name=name, by=self.person))

    @extend_schema(operation_id="tickets_customer_notes", request=NotesOfSerializer, responses=SAID | problems(409))
    @action(methods=["post"], detail=True, url_path="customer-notes")
    def customer_notes(self, _request: Request, **_kwargs: Any) -> Response:
        """Change the notes; refused (409) with what stands there where somebody else wrote since `seen`."""
        given = self.given(NotesOfSerializer)
        try:
            return self._done(lambda ticket: keeping.keep_notes(ticket.pk, by=self.person, **given))
        except keeping.NotesChanged as changed:
            words = _("Somebody else changed the notes since. Join the two, then keep them.")
            raise Problem("notes_changed", words, HTTPStatus.CONFLICT, notes=changed.now) from None
