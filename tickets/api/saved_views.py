"""Saved views in the API: lists of the inbox that people keep, with their filters and order."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.problems import problems
from accounts.models import User
from tickets.api.kept import Keepsakes, KeptSerializer, SayKeptSerializer, described, read_in, scope_in
from tickets.listing import saved_views
from tickets.listing.filters import NAMES, SEVERAL, TicketFilter
from tickets.listing.lists import VIEWS
from tickets.listing.ordering import SORTS, sort_of
from tickets.listing.saved_views import Asker, Wish, address_of, filters_of, list_of, query_of
from tickets.models import SavedView, Ticket

LISTS, ORDERS = tuple(VIEWS), tuple(SORTS)
FILTERS = "By name, as `GET /api/tickets` takes them; several values of one as a list."


class SavedViewSerializer(KeptSerializer, serializers.ModelSerializer[SavedView]):
    """A list somebody keeps."""

    list = serializers.SerializerMethodField(help_text="The list of the inbox that it stands upon.")
    filters = serializers.SerializerMethodField(help_text=FILTERS)
    sort = serializers.SerializerMethodField(help_text="Its order.")
    address = serializers.SerializerMethodField(help_text="The page where it is opened.")

    class Meta:
        model = SavedView
        fields = ["id", "name", "list", "filters", "sort", "whose", "team", "brand", "may_change", "address",
                  "version", "updated_at"]  # fmt: skip
        read_only_fields = fields

    def get_list(self, row: SavedView) -> str:
        return list_of(row)

    @extend_schema_field({"type": "object", "additionalProperties": {}})
    def get_filters(self, row: SavedView) -> dict[str, Any]:
        return filters_of(row)

    def get_sort(self, row: SavedView) -> str:
        return sort_of(row.sort, VIEWS[list_of(row)].sorts).slug

    def get_address(self, row: SavedView) -> str:
        return address_of(row)


# A value as an address would carry it.
WORD = serializers.CharField(max_length=200)


@extend_schema_field({"type": "object", "additionalProperties": {}})
class Filters(serializers.DictField):
    """Filters by name: each a word or a number, or a list of them."""

    def to_internal_value(self, data: Any) -> dict[str, list[str]]:
        told: dict[str, Any] = super().to_internal_value(data)
        unknown = [name for name in told if name not in NAMES]
        if unknown:
            raise ValidationError([_("Choose one of: %(views)s.") % {"views": ", ".join(NAMES)}])
        return {
            name: [WORD.run_validation(one) for one in (value if isinstance(value, list) else [value])]
            for name, value in told.items()
        }


class SaySavedViewSerializer(SayKeptSerializer):
    """A saved view as it is to be."""

    name = serializers.CharField(max_length=saved_views.LONGEST)
    list = serializers.ChoiceField(choices=LISTS, required=False, help_text="Of a new one: all.")
    filters = Filters(required=False, help_text=f"{FILTERS} Given, they take the place of all that stood there.")
    sort = serializers.ChoiceField(choices=ORDERS, required=False, help_text="Left out: the list's own.")


class DirectionSerializer(serializers.Serializer[Any]):
    """One place up, or down."""

    up = serializers.BooleanField()


@described("saved_views", SavedViewSerializer, SaySavedViewSerializer)
class SavedViews(Keepsakes[SavedView]):
    """My own saved views, my teams' and everyone's, of the brands I see; in the order of the rail."""

    queryset = SavedView.objects.none()
    serializer_class = SavedViewSerializer
    pagination_class = None
    said = SaySavedViewSerializer

    def get_queryset(self) -> QuerySet[SavedView]:
        return saved_views.visible(self.person)

    def keep(self, given: dict[str, Any], row: SavedView | None) -> SavedView:
        wish, pk = wish_in(given, self.person, row), row.pk if row else None
        kept = saved_views.keep(wish, by=self.person, pk=pk, version=given.get("version"))
        kept.refresh_from_db()
        return kept

    def forget(self, pk: int) -> None:
        saved_views.remove(pk, by=self.person)

    @extend_schema(
        operation_id="saved_views_move",
        request=DirectionSerializer,
        responses={200: SavedViewSerializer(many=True), **problems(400, 403, 404)},
    )
    @action(methods=["post"], detail=True)
    def move(self, request: Request, **_kwargs: Any) -> Response:
        """One place up or down on the rail; all of them as they stand then."""
        pk = self.get_object().pk
        given = read_in(DirectionSerializer, request.data, self.person, partial=False)
        saved_views.move(pk, up=given["up"], by=self.person)
        return Response(self.get_serializer(self.get_queryset(), many=True).data)


def wish_in(given: Mapping[str, Any], person: User, row: SavedView | None = None) -> Wish:
    """What a request wants the view to be; what is not told stays as it is in `row`. Raises ValidationError."""
    slug = given.get("list") or (list_of(row) if row else "all")
    query = dict(row.query) if row else {}
    if "filters" in given:
        query = _query(slug, given["filters"], person)
    sorts = VIEWS[slug].sorts
    sort = given.get("sort") or (row.sort if row else "")
    if "sort" in given and sort not in sorts:
        raise ValidationError({"sort": [_("Choose one of: %(views)s.") % {"views": ", ".join(sorts)}]})
    name = given.get("name", row.name if row else "")
    return Wish(name, {**query, "list": slug}, sort_of(sort, sorts).slug, scope_in(given, row))


def _query(slug: str, filters: Mapping[str, list[str]], person: User) -> dict[str, Any]:
    """The filters as a view keeps them, each tried as the list would. Raises ValidationError."""
    asked = QueryDict(mutable=True)
    for name, values in filters.items():
        asked.setlist(name, list(dict.fromkeys(values)) if name in SEVERAL else values[-1:])
    asker: Any = Asker(person)
    tried = TicketFilter(asked, queryset=Ticket.objects.none(), request=asker)
    if not tried.is_valid():
        wrong = [f"{name}: {error}" for name, errors in tried.form.errors.items() for error in errors]
        raise ValidationError({"filters": wrong})
    return query_of(slug, asked)
