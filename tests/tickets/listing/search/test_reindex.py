"""Words are taken anew after the rules by which they are kept became others: whole, resumable, and never a gap."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from ingest.models import Channel
from tests.cast import a_ticket
from tests.tickets.listing.search.conftest import Find
from tickets.listing.search import indexing
from tickets.models import Ticket, TicketMessage


@pytest.fixture
def three(channel: Channel, found: Find) -> list[Ticket]:
    """Tickets whose words were kept by rules under which nobody finds them, the oldest first."""
    rows = [a_ticket(channel, "the tower is down", by=name) for name in ("reem", "omar", "salma")]
    assert len(found("tower")) == 3
    with connection.cursor() as sql:
        sql.execute("UPDATE tickets_searchrow SET words = ''")
    assert found("tower") == []
    return rows


def run(*words: str) -> str:
    out = StringIO()
    call_command("reindex", "--no-progress", *words, stdout=out)
    return out.getvalue()


def test_every_message_is_found_by_its_words_as_they_are_kept_now(three: list[Ticket], found: Find) -> None:
    assert "3 messages would be read" in run("--dry-run")
    assert found("tower") == []
    assert "3 messages are found" in run()
    assert len(found("tower")) == 3


def test_stopped_it_says_where_to_go_on_and_goes_on_there(
    three: list[Ticket], found: Find, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_by_one(monkeypatch, stops_after=1)
    with pytest.raises(CommandError) as stopped:
        run()
    newest = TicketMessage.objects.latest("pk").pk
    assert str(stopped.value) == f"Stopped after 1. Run the same command again with --below {newest}."
    assert stopped.value.returncode == 130
    assert found("tower") == [three[-1].pk]
    monkeypatch.undo()
    assert "2 messages are found" in run("--below", str(newest))
    assert len(found("tower")) == 3


def test_what_stood_in_line_when_it_was_killed_is_done_by_the_desk(
    three: list[Ticket], found: Find, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as killed:
        killed.setattr(indexing, "index_some", lambda _limit: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            run()
    # Its own stage takes up what waits.
    assert len(found("tower")) == 3


def one_by_one(monkeypatch: pytest.MonkeyPatch, *, stops_after: int) -> None:
    """The command takes one message at a time, and somebody presses Ctrl-C after so many."""
    anew = indexing.anew
    taken: list[int | None] = []

    def one(below: int | None) -> tuple[int, int | None]:
        if len(taken) == stops_after:
            raise KeyboardInterrupt
        taken.append(below)
        return anew(below, limit=1)

    monkeypatch.setattr(indexing, "anew", one)
