"""The shadow: a challenger reads each live message once, after live reading, and touches none."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from ingest import corrections, scoring, shadow
from ingest.collect import store
from ingest.models import Message, ReaderModel, ShadowReading
from sentiment.reading import Failure, Reading
from tests.cast import a_bell, a_care_reader, a_channel, a_person, a_post, a_reader, an_own_post, at_once
from tests.trial import Model, a_challenger, a_model

pytestmark = pytest.mark.django_db
LONG_AGO = timedelta(days=1)


@pytest.fixture(autouse=True)
def model(monkeypatch: pytest.MonkeyPatch) -> Model:
    a_bell(monkeypatch)
    return a_model(monkeypatch)


def read_live(*texts: str, read: scoring.Read = a_reader) -> list[Message]:
    channel = a_channel()
    store(channel, [a_post(text, by=f"person{turn}") for turn, text in enumerate(texts)])
    while scoring.read_new(read=read):
        pass
    return list(Message.objects.filter(channel=channel).order_by("id"))


def abandoned() -> None:
    """Whoever held these has died, and the leases are over."""
    ShadowReading.objects.filter(at=None).update(lease_until=timezone.now() - timedelta(seconds=1))


def everything(model: type[Message] = Message) -> list[dict[str, Any]]:
    return list(model.objects.order_by("id").values())


def test_without_a_challenger_nothing_is_read(model: Model) -> None:
    read_live("my bill is wrong")
    assert shadow.read_some() == 0
    assert not ShadowReading.objects.exists()


def test_each_message_read_since_is_read_once_and_none_is_touched(model: Model) -> None:
    read_live("read before it came")
    row = a_challenger()
    (message, _other) = read_live("my bill is wrong", "love it")
    before = everything()
    assert (shadow.read_some(), shadow.read_some()) == (2, 0)
    assert everything() == before
    assert ShadowReading.objects.filter(reader=row).count() == 2
    theirs = ShadowReading.objects.get(message=message)
    assert (theirs.negative, theirs.follow_up, theirs.threshold, theirs.needs_person) == (0.9, 0.8, 0.4, True)
    assert (theirs.sentiment, theirs.reasons, theirs.urgency) == ("negative", ["complaint"], "normal")
    assert (theirs.trigger, theirs.aim, theirs.language) == ("overcharging", "solution", "en")
    assert theirs.at is not None
    assert theirs.seconds is not None
    assert (theirs.live_model, theirs.live_version, theirs.live_sentiment) == ("test-reader", "1", "negative")


def test_small_batches_oldest_first(model: Model) -> None:
    a_challenger()
    read_live(*[f"text {turn}" for turn in range(5)])
    model.heard.clear()
    assert shadow.read_some(limit=2) == 2
    assert sorted(model.heard[0]) == ["text 0", "text 1"]


def test_live_reading_goes_first() -> None:
    a_challenger()
    read_live("my bill is wrong")
    store(a_channel(), [a_post("just in")])
    assert shadow.read_some() == 0
    Message.objects.filter(state="new").update(lease_until=timezone.now() + timedelta(minutes=1), attempts=1)
    assert shadow.read_some() == 1, "what rests after a failure holds nobody up"


def test_only_customers_words_that_were_read_and_are_still_there() -> None:
    a_challenger()
    gone, unread, kept = read_live("gone", "unread", "kept")
    store(a_channel(), [an_own_post()])
    Message.objects.filter(pk=gone.pk).update(deleted_at=timezone.now(), text="")
    Message.objects.filter(pk=unread.pk).update(read_at=None, read_error="boom")
    shadow.read_some()
    assert [row.message for row in ShadowReading.objects.all()] == [kept]


def test_a_reply_is_read_with_what_it_answers() -> None:
    a_challenger()
    channel = a_channel()
    store(channel, [an_own_post("Is it still down?", external_id="own"), a_post("yes, still", parent_id="own")])
    scoring.read_new(read=a_reader)
    heard: list[Sequence[str | None]] = []

    def read(texts: Sequence[str], parents: Sequence[str | None]) -> list[Reading | Failure]:
        heard.append(parents)
        return a_reader(texts)

    shadow.read_some(read=read)
    assert heard == [["Is it still down?"]]


def test_a_text_that_cannot_be_read_is_kept_with_its_error_and_its_batch_goes_on() -> None:
    a_challenger()
    read_live("one", "two")
    Message.objects.filter(text="one").update(text="poison")
    assert shadow.read_some() == 2
    found = {row.message.text: row.error for row in ShadowReading.objects.select_related("message")}
    assert found == {"poison": "ValueError: this text breaks the model", "two": ""}
    assert shadow.read_some() == 0


def test_what_a_dead_worker_held_is_read_alone_by_another_and_given_up_after_so_many_tries(model: Model) -> None:
    row = a_challenger()
    read_live("one", "two")
    held = shadow._claim_fresh(row, 9)
    assert len(held) == 2
    assert shadow.read_some() == 0, "the lease still runs"
    abandoned()
    model.heard.clear()
    assert shadow.read_some() == 2
    assert sorted(model.heard) == [["one"], ["two"]]
    ShadowReading.objects.update(at=None, attempts=settings.READ_ATTEMPTS)
    abandoned()
    assert shadow.read_some() == 2
    assert set(ShadowReading.objects.values_list("error", flat=True)) == {"The reader stopped while reading this text."}


def test_a_challenger_that_fails_as_a_whole_says_so_rests_and_goes_on(model: Model) -> None:
    row = a_challenger()
    read_live("my bill is wrong")
    shadow.engine.keep_only(())
    model.broken = OSError("no memory")
    assert shadow.read_some() == 0
    row.refresh_from_db()
    assert (row.trouble, row.tries) == ("OSError: no memory", 0)
    claim = ShadowReading.objects.get()
    assert (claim.at, claim.attempts) == (None, 0)
    model.broken = None
    assert shadow.read_some() == 0, "it rests"
    ReaderModel.objects.update(trouble_at=timezone.now() - timedelta(minutes=2))
    abandoned()
    assert shadow.read_some() == 1
    row.refresh_from_db()
    assert row.trouble == ""


def test_a_challenger_that_kills_its_process_again_and_again_is_left_alone(model: Model) -> None:
    row = a_challenger(tries=shadow.MOST_CRASHES)
    read_live("my bill is wrong")
    model.heard.clear()
    assert shadow.read_some() == 0
    assert model.heard == []
    row.refresh_from_db()
    assert "died 6 times" in row.trouble


def test_a_begun_batch_is_counted_before_the_model_is_asked() -> None:
    row = a_challenger()
    read_live("my bill is wrong")
    seen: list[int] = []

    def read(texts: Sequence[str], parents: Sequence[str | None]) -> list[Reading | Failure]:
        seen.append(ReaderModel.objects.get(pk=row.pk).tries)
        return a_reader(texts)

    shadow.read_some(read=read)
    assert (seen, ReaderModel.objects.get(pk=row.pk).tries) == ([1], 0)


def test_another_model_under_the_same_spec_is_refused(model: Model) -> None:
    row = a_challenger()
    read_live("my bill is wrong")
    model.version = "3"
    assert shadow.read_some() == 0
    row.refresh_from_db()
    assert "add it again" in row.trouble
    assert not ShadowReading.objects.exclude(at=None).exists()


def test_the_mark_passes_what_is_dealt_with_and_stops_at_what_is_not() -> None:
    row = a_challenger()
    first, second, third = read_live("one", "two", "three")
    Message.objects.update(received_at=timezone.now() - LONG_AGO)
    Message.objects.filter(pk=second.pk).update(state="new", lease_until=timezone.now() + LONG_AGO, attempts=1)
    assert shadow.read_some() == 2
    row.refresh_from_db()
    assert row.shadow_after == first.pk
    Message.objects.filter(pk=second.pk).update(state="scored", lease_until=None)
    assert shadow.read_some() == 1
    row.refresh_from_db()
    assert row.shadow_after == third.pk


def test_the_mark_does_not_pass_what_is_so_fresh_that_an_older_one_may_still_come() -> None:
    row = a_challenger()
    mark = row.shadow_after
    read_live("one")
    shadow.read_some()
    row.refresh_from_db()
    assert row.shadow_after == mark


# --- beside the live answers ------------------------------------------------------------------------------------------
def test_what_a_person_has_corrected_is_compared_by_what_the_model_had_said() -> None:
    a_challenger()
    (message,) = read_live("my bill is wrong", read=a_care_reader)
    for label, value in (("sentiment", "neutral"), ("follow_up", "no"), ("sentiment", "positive"), ("reasons", [])):
        message.refresh_from_db()
        corrections.write(message, label, value, by=a_person())
    shadow.read_some()
    row = ShadowReading.objects.get()
    assert (row.live_sentiment, row.live_negative) == ("negative", None)
    assert (row.live_needs_person, row.live_follow_up, row.live_threshold) == (True, None, 0.4)
    assert row.live_reasons == ["complaint"]
    assert row.differs == []


def test_labels_that_differ_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    a_model(monkeypatch, "contrary", contrary=True)
    a_challenger("contrary")
    read_live("my bill is wrong", read=a_care_reader)
    shadow.read_some()
    assert ShadowReading.objects.get().differs == list(shadow.LABELS)


def test_a_live_model_that_knows_tone_only_is_not_blamed_for_triggers_and_aims() -> None:
    a_challenger()
    read_live("my bill is wrong")
    shadow.read_some()
    row = ShadowReading.objects.get()
    assert row.differs == ["reasons"]
    assert row.live_needs_person is True, "as triage would have it: it sounds unhappy"


@pytest.mark.parametrize(
    ("follow_up", "threshold", "negative", "reasons", "wanted"),
    [
        (0.5, 0.4, 0.0, [], True),
        (0.3, 0.4, 0.9, ["complaint"], False),
        (None, None, 0.42, [], True),
        (None, None, 0.41, ["question"], True),
        (None, None, 0.41, ["thanks"], False),
    ],
)
def test_a_reading_calls_for_a_person_by_its_threshold_else_by_tone_and_reasons(
    follow_up: float | None, threshold: float | None, negative: float, reasons: list[str], wanted: bool
) -> None:
    assert shadow.needs_person(follow_up, threshold, negative, reasons) is wanted


@pytest.mark.django_db(transaction=True)
def test_workers_side_by_side_read_each_message_once() -> None:
    a_challenger()
    read_live(*[f"text {turn}" for turn in range(30)])

    def work() -> int:
        done = 0
        for _turn in range(20):
            done += shadow.read_some(limit=3)
        return done

    at_once(work, work, work)
    while shadow.read_some():
        pass
    assert ShadowReading.objects.exclude(at=None).count() == 30
    assert not ShadowReading.objects.filter(at=None).exists()
