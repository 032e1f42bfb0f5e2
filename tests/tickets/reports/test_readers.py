"""The comparison of two models: each figure is worked out by hand here."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Role, User
from ingest import corrections, shadow
from ingest.models import Channel, Message, ReaderModel, ShadowReading
from tests.cast import a_brand, a_care_reader, a_channel, a_person, said
from tests.trial import Model, a_challenger
from tickets.reports import readers as report
from tickets.reports.readers import calibration_of, compare, disagreements, kappa, kappa_of_sets

pytestmark = pytest.mark.django_db
NAMES = st.sampled_from(["a", "b", "c"])


@pytest.fixture
def row(model: Model) -> ReaderModel:
    return a_challenger()


@pytest.fixture
def channel(row: ReaderModel) -> Channel:
    return a_channel()


def beside(channel: Channel, row: ReaderModel, text: str = "my bill is wrong", **fields: Any) -> ShadowReading:
    """A message read by both alike, but for the fields given."""
    message = said(channel, text, read=a_care_reader)
    while shadow.read_some():
        pass
    ShadowReading.objects.filter(message=message, reader=row).update(**fields)
    return ShadowReading.objects.get(message=message, reader=row)


# --- agreement --------------------------------------------------------------------------------------------------------
def test_agreement_is_counted_by_label_and_language(channel: Channel, row: ReaderModel) -> None:
    beside(channel, row)
    beside(channel, row, sentiment="neutral")
    beside(channel, row, language="ar")
    beside(channel, row, language="fr", sentiment="positive")
    tone = compare(row, None).agreement["sentiment"]
    assert {name: (cell.same, cell.compared) for name, cell in tone.items()} == {
        "all": (2, 4),
        "en": (1, 2),
        "ar": (1, 1),
        "other": (0, 1),
    }
    assert tone["all"].share == 0.5


def test_what_one_of_them_knows_nothing_of_is_not_compared(channel: Channel, row: ReaderModel) -> None:
    beside(channel, row, live_threshold=None, live_trigger="", live_aim="")
    beside(channel, row, live_needs_person=None)
    beside(channel, row, "love it", live_sentiment="")
    found = compare(row, None).agreement
    assert {label: cells["all"].compared for label, cells in found.items()} == {
        "sentiment": 2,
        "follow_up": 2,
        "reasons": 3,
        "urgency": 3,
        "trigger": 1,
        "aim": 1,
    }


def test_only_the_window_and_answers_of_the_model_now_in_charge_count(channel: Channel, row: ReaderModel) -> None:
    beside(channel, row)
    beside(channel, row, at=timezone.now() - timedelta(days=report.DAYS + 1))
    beside(channel, row, live_version="0")
    beside(channel, row, error="boom")
    champion = ReaderModel(model="test-reader", version="1")
    found = compare(row, champion)
    assert (found.read["all"], found.failed) == (1, 1)
    assert found.agreement["sentiment"]["all"].compared == 1
    assert compare(row, ReaderModel(model="never", version="1")).agreement == {}


def test_without_a_champion_the_newest_message_tells_what_reads(channel: Channel, row: ReaderModel) -> None:
    beside(channel, row)
    found = compare(row, None)
    assert (found.live_model, found.live_version) == ("test-reader", "1")


def test_kappa_of_a_table_from_a_textbook() -> None:
    pairs = {("yes", "yes"): 20, ("yes", "no"): 5, ("no", "yes"): 10, ("no", "no"): 15}
    assert kappa(pairs) == pytest.approx(0.4)


@pytest.mark.parametrize("pairs", [{}, {("a", "a"): 7}])
def test_where_there_is_nothing_to_disagree_about_there_is_no_kappa(pairs: dict[tuple[str, str], int]) -> None:
    assert kappa(pairs) is None
    assert kappa_of_sets({}) is None


@given(st.dictionaries(st.tuples(NAMES, NAMES), st.integers(1, 50), min_size=1))
def test_kappa_lies_between_its_ends_and_is_one_for_full_agreement(pairs: dict[tuple[str, str], int]) -> None:
    for measured in (kappa(pairs), kappa_of_sets(pairs)):
        assert measured is None or -1.0001 <= measured <= 1.0001
    same = {(name, name): count for (name, _other), count in pairs.items()}
    assert kappa(same) is None or kappa(same) == pytest.approx(1)


def test_sets_of_reasons_are_compared_name_by_name() -> None:
    assert kappa_of_sets({("a b", "a b"): 5, ("c", "c"): 5}) == pytest.approx(1)
    half_right = kappa_of_sets({("a b", "a"): 5, ("c", "c"): 5})
    assert half_right is not None
    assert 0 < half_right < 1


# --- people -----------------------------------------------------------------------------------------------------------
def corrected(shadow_reading: ShadowReading, label: str, value: object) -> None:
    message = Message.objects.get(pk=shadow_reading.message_id)
    corrections.write(message, label, value, by=a_person())


def test_who_is_nearer_to_peoples_corrections(channel: Channel, row: ReaderModel) -> None:
    corrected(beside(channel, row, negative=0.2, neutral=0.7, sentiment="neutral"), "sentiment", "neutral")
    corrected(beside(channel, row, negative=0.99, neutral=0.01), "sentiment", "neutral")
    corrected(beside(channel, row, follow_up=0.2, needs_person=False), "follow_up", "no")
    corrected(beside(channel, row, reasons=["question"]), "reasons", ["question"])
    corrected(beside(channel, row, urgency="low"), "urgency", "high")
    found = {n.label: n for n in compare(row, None).nearness}
    assert list(found) == ["sentiment", "follow_up", "reasons", "urgency"]
    tone = found["sentiment"]
    assert (tone.corrected, tone.live_right, tone.shadow_right) == (2, 0, 1)
    assert (tone.live_nearer, tone.shadow_nearer) == (1, 1)
    assert (found["follow_up"].shadow_right, found["follow_up"].shadow_nearer) == (1, 1)
    assert (found["reasons"].shadow_right, found["reasons"].live_right) == (1, 0)
    assert (found["urgency"].shadow_nearer, found["urgency"].live_nearer) == (0, 0)


def test_a_persons_last_word_counts_once(channel: Channel, row: ReaderModel) -> None:
    reading = beside(channel, row)
    for word in ("neutral", "positive", "negative"):
        corrected(reading, "sentiment", word)
    (tone,) = compare(row, None).nearness
    assert (tone.corrected, tone.live_right, tone.shadow_right) == (1, 1, 1)


def test_calibration_is_measured_on_what_people_corrected(channel: Channel, row: ReaderModel) -> None:
    corrected(beside(channel, row, follow_up=0.8), "follow_up", "no")
    found = compare(row, None).calibration
    assert found["shadow", "follow_up"] == pytest.approx(0.8)
    assert found["live", "follow_up"] == pytest.approx(0.93)


def test_calibration_error_is_the_mean_distance_over_tenths() -> None:
    rows = [("live", "sentiment", 9, 30, 0.95, 0.9), ("live", "sentiment", 5, 10, 0.55, 0.75)]
    assert calibration_of(rows) == {("live", "sentiment"): pytest.approx((30 * 0.05 + 10 * 0.2) / 40)}


# --- how sure, how much, how fast -------------------------------------------------------------------------------------
def test_confidence_coverage_and_speed(channel: Channel, row: ReaderModel) -> None:
    beside(channel, row, negative=0.6, neutral=0.3, positive=0.1, follow_up=0.3, needs_person=False, seconds=0.1)
    beside(channel, row, language="ar", seconds=0.3)
    found = compare(row, None)
    assert found.shadow["all"].tone_confidence == pytest.approx(0.75)
    assert found.shadow["en"].follow_up_confidence == pytest.approx(0.7)
    assert (found.shadow["en"].coverage, found.shadow["ar"].coverage, found.live["all"].coverage) == (0, 1, 1)
    assert found.shadow_speed == pytest.approx(5)
    assert found.summary()["messages"] == 2


def test_with_nothing_read_yet_there_are_no_figures(row: ReaderModel) -> None:
    found = compare(row, None)
    assert (found.read.get("all"), found.agreement, found.nearness, found.calibration) == (0, {}, [], {})


# --- disagreements ----------------------------------------------------------------------------------------------------
def test_disagreements_are_newest_first_by_label_and_of_ones_own_brands(channel: Channel, row: ReaderModel) -> None:
    first = beside(channel, row, differs=["sentiment"])
    second = beside(channel, row, differs=["urgency", "aim"])
    beside(channel, row)
    other = beside(a_channel(a_brand()), row, differs=["sentiment"])
    supervisor = a_person(channel.brand, role=Role.SUPERVISOR)
    assert list(disagreements(row, supervisor)) == [second, first]
    assert list(disagreements(row, supervisor, "aim")) == [second]
    assert list(disagreements(row, supervisor, before=second.pk)) == [first]
    assert other in disagreements(row, an_admin())


def an_admin() -> User:
    return a_person(role=Role.ADMIN)
