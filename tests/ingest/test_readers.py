"""Which model reads: the champion where there is one, from the next batch on, in every process."""

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from ingest import doorbell, readers, scoring
from ingest.collect import store
from ingest.models import Message, ReaderModel
from sentiment import engine
from tests.cast import a_bell, a_channel, a_person, a_post
from tests.trial import Model, a_challenger, a_champion, a_model

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def model(monkeypatch: pytest.MonkeyPatch) -> Model:
    a_bell(monkeypatch)
    return a_model(monkeypatch)


def read_one(text: str = "my bill is wrong") -> Message:
    store(a_channel(), [a_post(text)])
    scoring.read_new()
    return Message.objects.latest("id")


def test_without_a_champion_the_model_of_the_settings_reads(model: Model) -> None:
    assert readers.spec_in_charge() == settings.READER
    assert read_one().reader != model.name


def test_a_champion_reads_from_the_next_batch_on_without_a_restart(model: Model) -> None:
    assert read_one().reader == "radd-lexicon"
    row = a_champion("new")
    message = read_one()
    assert (message.reader, message.reader_version, message.follow_up) == ("model-new", "2", 0.8)
    ReaderModel.objects.filter(pk=row.pk).update(role="retired")
    assert read_one().reader == "radd-lexicon"


def test_asking_who_reads_costs_one_query_a_batch(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    readers.read_live(["a"], [None])
    with django_assert_num_queries(1):
        readers.read_live(["a", "b", "c"], [None, None, None])


def test_a_champion_is_loaded_once_a_process_and_let_go_of_when_another_takes_over(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = a_champion("new")
    for _turn in range(3):
        read_one()
    assert model.loads == 1
    ReaderModel.objects.filter(pk=first.pk).update(role="retired")
    other = a_model(monkeypatch, "other")
    a_champion("other")
    read_one()
    assert other.heard
    assert {spec for _process, spec in engine._readers} == {"other"}


def test_a_champion_that_cannot_be_loaded_loses_nothing_and_says_so_on_its_row(model: Model) -> None:
    row = a_champion("new")
    engine.keep_only(())
    model.broken = OSError("the folder is gone")
    message = read_one()
    assert (message.state, message.attempts) == ("new", 1)
    assert message.last_error == "OSError: the folder is gone"
    row.refresh_from_db()
    assert row.trouble == "OSError: the folder is gone"
    assert row.trouble_at is not None
    Message.objects.update(attempts=settings.READ_ATTEMPTS, lease_until=None)
    scoring.read_new()
    message.refresh_from_db()
    assert (message.state, message.read_error) == ("scored", "OSError: the folder is gone")


def test_a_champion_that_loads_again_is_out_of_trouble(model: Model) -> None:
    row = a_champion("new")
    ReaderModel.objects.filter(pk=row.pk).update(trouble="gone", trouble_at=row.added_at)
    read_one()
    row.refresh_from_db()
    assert (row.trouble, row.trouble_at) == ("", None)


def test_the_row_follows_a_champion_that_a_new_release_has_changed(model: Model) -> None:
    row = a_champion("new")
    model.version = "3"
    assert read_one().reader_version == "3"
    row.refresh_from_db()
    assert row.version == "3"


def test_each_model_has_its_own_speed_at_the_doorbell(model: Model) -> None:
    a_champion("new")
    name = readers.counter_of("model-new", "2")
    before = float(doorbell.counters(name).get("messages", 0))
    readers.read_live(["a", "b"], [None, None])
    assert float(doorbell.counters(name)["messages"]) == before + 2


# --- adding -----------------------------------------------------------------------------------------------------------
def test_a_model_is_loaded_and_tried_before_it_is_taken(model: Model) -> None:
    store(a_channel(), [a_post(), a_post()])
    scoring.read_new()
    person = a_person()
    row = readers.add("new", name="The new one", by=person)
    assert (row.name, row.model, row.version, row.spec) == ("The new one", "model-new", "2", "new")
    assert (row.role, row.added_by, row.promoted_at) == ("challenger", person, None)
    assert row.metrics["knows_care"] is True
    assert row.shadow_after == Message.objects.latest("id").pk
    assert model.heard, "it has read something"


def test_what_still_waits_for_live_reading_is_for_the_shadow_too() -> None:
    store(a_channel(), [a_post(), a_post()])
    assert readers.add("new").shadow_after == Message.objects.earliest("id").pk - 1


@pytest.mark.parametrize("spec", ["nonsense", "onnx:/nowhere", "transformers:", "lexicon:x"])
def test_what_cannot_be_loaded_is_refused_with_the_reason(spec: str) -> None:
    with pytest.raises(readers.Unusable):
        readers.add(spec)
    assert not ReaderModel.objects.exists()


def test_a_model_that_loads_but_cannot_read_is_refused(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    engine.reader("new")
    model.broken = RuntimeError("no such operator")
    with pytest.raises(readers.Unusable, match="no such operator"):
        readers.add("new")


def test_only_one_model_is_tried_at_a_time_unless_it_takes_the_others_place(monkeypatch: pytest.MonkeyPatch) -> None:
    first = a_challenger()
    a_model(monkeypatch, "other")
    with pytest.raises(readers.Occupied, match="model-new 2"):
        readers.add("other")
    second = readers.add("other", instead=True)
    first.refresh_from_db()
    assert (first.role, second.role) == ("retired", "challenger")
    assert first.retired_at is not None


@pytest.mark.parametrize("role", ["champion", "challenger"])
def test_the_database_holds_one_champion_and_one_challenger(role: str) -> None:
    first = a_challenger()
    ReaderModel.objects.update(role=role)
    first.pk, first.role = None, role
    with pytest.raises(IntegrityError), transaction.atomic():
        first.save(force_insert=True)
