"""How I want to be told, in the API: by which ways of what, and when I am not to be disturbed."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.ground import Ground
from accounts.api.problems import problems
from accounts.models import User
from accounts.reckoning import zone_of
from tickets.api import refusals
from tickets.news import notice_wishes
from tickets.news.notice_wishes import WAYS, Kind, Quiet, Wishes, wishes_of


class WaysSerializer(serializers.Serializer[Any]):
    """By which ways I am told, for each kind of notice; an empty list: by none."""

    def get_fields(self) -> dict[str, Any]:
        return {
            kind.value: serializers.ListField(
                child=serializers.ChoiceField(choices=WAYS), max_length=len(WAYS), help_text=str(kind.label)
            )
            for kind in Kind
        }


class QuietSerializer(serializers.Serializer[Any]):
    """From one time of day until another, past midnight where it ends before it begins."""

    def get_fields(self) -> dict[str, Any]:
        return {
            name: serializers.TimeField(source=source, format="%H:%M", input_formats=["%H:%M"])
            for name, source in (("from", "begins"), ("until", "ends"))
        }


class WishesSerializer(serializers.Serializer[Any]):
    """How I want to be told."""

    ways = WaysSerializer(help_text="Kinds that are left out stay as they are.")
    quiet = QuietSerializer(allow_null=True, help_text="When neither browser nor sound disturbs me; null: never.")
    mail_hour = serializers.IntegerField(min_value=0, max_value=23, help_text="When the daily mail comes.")
    title = serializers.BooleanField(help_text="Whether the page's title counts what I have not read.")
    time_zone = serializers.CharField(read_only=True, help_text="Mine, by which these times are.")


class NoticeWishes(Ground):
    """What I want to be told, and how. Everybody's own: nobody reads or sets another's."""

    tell = staticmethod(refusals.answer)

    @extend_schema(operation_id="notice_wishes", responses={200: WishesSerializer, **problems()})
    def get(self, _request: Request) -> Response:
        """As I chose; as is usual where I never chose."""
        return _told(self.person)

    @extend_schema(
        operation_id="notice_wishes_change",
        request=WishesSerializer(partial=True),
        responses={200: WishesSerializer, **problems(400)},
    )
    def patch(self, request: Request) -> Response:
        """Choose otherwise; what is not given stays."""
        given = WishesSerializer(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        notice_wishes.keep(self.person, wishes_in(given.validated_data, wishes_of(self.person)))
        return _told(self.person)


def _told(person: User) -> Response:
    mine = wishes_of(person)
    ways = {kind: [way for way in WAYS if way in chosen] for kind, chosen in mine.ways.items()}
    told = {"ways": ways, "quiet": mine.quiet, "mail_hour": mine.mail_hour, "title": mine.title}
    return Response(WishesSerializer(told | {"time_zone": zone_of(person).key}).data)


def wishes_in(given: Mapping[str, Any], mine: Wishes) -> Wishes:
    """What a request wants; what it does not tell stays as it is in `mine`. Raises ValidationError."""
    told = {name: given[name] for name in ("mail_hour", "title") if name in given}
    ways = {kind: frozenset(chosen) for kind, chosen in given.get("ways", {}).items()}
    quiet = _quiet(given["quiet"]) if "quiet" in given else mine.quiet
    return replace(mine, ways={**mine.ways, **ways}, quiet=quiet, **told)


def _quiet(given: Mapping[str, Any] | None) -> Quiet | None:
    if given is None:
        return None
    begins, ends = given.get("begins"), given.get("ends")
    if begins is None or ends is None or begins == ends:
        raise ValidationError({"quiet": [_("Say from when until when: two different times.")]})
    return Quiet(begins, ends)
