"""Pages of tickets, in the order and with the cursors of the inbox."""

from collections.abc import Sequence
from typing import Any, Protocol, cast

from django.db.models import QuerySet
from rest_framework.views import APIView

from accounts.api.pages import Keyset, bad_cursor
from tickets.listing.lists import VIEWS, page_of
from tickets.listing.ordering import BadCursor
from tickets.models import Ticket


class Listing(Protocol):
    """A view that lists tickets: which list, in which order, and the tickets with all that the API shows."""

    @property
    def slug(self) -> str: ...

    @property
    def sort(self) -> str: ...

    @property
    def whole(self) -> QuerySet[Ticket]: ...


class TicketPages(Keyset):
    """The rows are found as the inbox finds them, then read with all that the API shows."""

    def find(self, queryset: QuerySet[Any], after: str, size: int, view: APIView) -> tuple[Sequence[Ticket], str]:
        listing = cast("Listing", view)
        try:
            page = page_of(VIEWS[listing.slug], queryset, after, size, sort=listing.sort)
        except BadCursor:
            raise bad_cursor() from None
        found = listing.whole.in_bulk([row.id for row in page.rows])
        return [found[row.id] for row in page.rows if row.id in found], page.next
