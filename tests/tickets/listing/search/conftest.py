"""Search as a person uses it: words in, tickets out."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from tests.cast import now
from tickets.listing.search.asking import asked
from tickets.listing.search.finding import find
from tickets.listing.search.indexing import index_some
from tickets.models import Ticket

Find = Callable[..., list[int]]


def work_off_words() -> None:
    """Take note of whatever waits."""
    while index_some():
        pass


@pytest.fixture
def found(agent: User) -> Find:
    """The ids of the tickets that the agent, or somebody else, finds by these words, in order."""

    def search(text: str, *, by: User | None = None, **options: Any) -> list[int]:
        work_off_words()
        return [hit.ticket for hit in find(asked(text), by or agent, Ticket.objects.all(), now(), **options).hits]

    return search
