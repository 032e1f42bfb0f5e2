"""What a person's word does to a message's columns, and the row it leaves."""

from typing import Any

import pytest

from accounts.models import User
from ingest.corrections import NoSuchValue, checked, follow_up_said, said, write
from ingest.models import Correction, Message
from tests.cast import a_channel, a_person, a_post, receive

pytestmark = pytest.mark.django_db


@pytest.fixture
def message() -> Message:
    """Read as negative, normal, without reasons; its model knows nothing of follow-up."""
    (message,) = receive(a_channel(), a_post("my bill is wrong"))
    return message


@pytest.fixture
def person(message: Message) -> User:
    return a_person(message.channel.brand)


def columns(message: Message, *names: str) -> dict[str, Any]:
    return Message.objects.values(*names).get(pk=message.pk)


def test_a_correction_says_who_when_old_new_and_which_model_was_wrong(message: Message, person: User) -> None:
    made = write(message, "sentiment", "neutral", by=person, note="plain question")
    assert made is not None
    kept = Correction.objects.get()
    assert (kept.message, kept.label, kept.old, kept.new) == (message, "sentiment", "negative", "neutral")
    assert (kept.user, kept.reader, kept.reader_version, kept.note) == (person, "test-reader", "1", "plain question")
    assert kept.at == made.at
    assert str(kept).endswith("negative -> neutral")


@pytest.mark.parametrize(
    ("label", "value", "written"),
    [
        ("sentiment", "positive", {"negative": 0.0, "neutral": 0.0, "positive": 1.0}),
        ("follow_up", "yes", {"follow_up": 1.0, "threshold": None}),
        ("follow_up", "no", {"follow_up": 0.0, "threshold": None}),
        ("reasons", ["question", "complaint"], {"cues": ["complaint", "question"]}),
        ("urgency", "high", {"urgency": "high"}),
        ("trigger", "overcharging", {"trigger": "overcharging"}),
        ("aim", "refund", {"aim": "refund"}),
    ],
)
def test_what_a_person_says_stands_on_the_message_without_a_doubt(
    message: Message, person: User, label: str, value: Any, written: dict[str, Any]
) -> None:
    write(message, label, value, by=person)
    assert columns(message, *written) == written
    assert columns(message, "person_said") == {"person_said": [label]}
    assert said(Message.objects.get(), label) == checked(label, value)


def test_the_models_threshold_is_kept(message: Message, person: User) -> None:
    message.follow_up, message.threshold = 0.4, 0.3
    message.save()
    assert said(message, "follow_up") == "yes"
    write(message, "follow_up", "no", by=person)
    assert columns(message, "follow_up", "threshold") == {"follow_up": 0.0, "threshold": 0.3}


@pytest.mark.parametrize(
    ("follow_up", "threshold", "answer"),
    [(None, None, None), (0.3, 0.3, "yes"), (0.29, 0.3, "no"), (0.5, None, "yes"), (0.49, None, "no")],
)
def test_follow_up_is_said_by_the_threshold(follow_up: float | None, threshold: float | None, answer: str) -> None:
    assert follow_up_said(follow_up, threshold) == answer


def test_what_was_made_of_a_label_counts_as_standing_there_and_the_models_word_is_kept(
    message: Message, person: User
) -> None:
    assert write(message, "follow_up", "yes", by=person, stood="yes") is None
    guessed = write(message, "follow_up", "no", by=person, stood="yes")
    assert guessed is not None
    assert guessed.old == "yes"
    message.follow_up = 0.1
    sure = write(message, "follow_up", "no", by=person, stood="yes")
    assert sure is not None
    assert (sure.old, sure.new) == ("no", "no")


def test_saying_what_stands_there_is_no_row(message: Message, person: User) -> None:
    assert write(message, "sentiment", "negative", by=person) is None
    assert write(message, "reasons", [], by=person) is None
    assert write(message, "trigger", "", by=person) is None
    assert not Correction.objects.exists()
    assert columns(message, "person_said", "negative") == {"person_said": [], "negative": 0.9}


def test_correcting_back_is_one_more_row(message: Message, person: User) -> None:
    write(message, "sentiment", "positive", by=person)
    write(message, "sentiment", "negative", by=person)
    rows = Correction.objects.order_by("id").values_list("old", "new")
    assert list(rows) == [("negative", "positive"), ("positive", "negative")]
    assert columns(message, "person_said") == {"person_said": ["sentiment"]}


def test_labels_that_a_person_said_are_named_once_each_in_one_order(message: Message, person: User) -> None:
    message.person_said = ["language"]
    for label, value in (("aim", "refund"), ("sentiment", "neutral"), ("aim", "apology")):
        write(message, label, value, by=person)
    assert columns(message, "person_said") == {"person_said": ["sentiment", "aim", "language"]}


def test_what_no_model_could_read_a_person_can(message: Message, person: User) -> None:
    Message.objects.update(negative=None, neutral=None, positive=None, read_error="odd", reader="", reader_version="")
    message.refresh_from_db()
    made = write(message, "sentiment", "neutral", by=person)
    assert made is not None
    assert (made.old, made.reader) == (None, "")
    assert columns(message, "neutral", "read_error") == {"neutral": 1.0, "read_error": ""}


def test_what_a_person_said_stays_when_that_person_is_gone(message: Message, person: User) -> None:
    write(message, "sentiment", "neutral", by=person)
    person.delete()
    assert Correction.objects.get().user is None


@pytest.mark.parametrize(
    ("label", "value"),
    [
        ("mood", "bad"),
        ("sentiment", "angry"),
        ("sentiment", ""),
        ("sentiment", None),
        ("sentiment", ["negative"]),
        ("follow_up", True),
        ("reasons", "complaint"),
        ("reasons", ["complaint", "weather"]),
        ("reasons", [["complaint"]]),
        ("reasons", [None]),
        ("urgency", "High"),
        ("trigger", "rude"),
        ("aim", 7),
    ],
)
def test_there_is_no_other_label_or_value(label: str, value: Any) -> None:
    with pytest.raises(NoSuchValue):
        checked(label, value)


def test_reasons_are_kept_in_one_order_and_once_each() -> None:
    assert checked("reasons", ("thanks", "question", "thanks")) == ["question", "thanks"]
