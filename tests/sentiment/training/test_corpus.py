"""Claims about training rows: our labels find their post, validation texts stay out, what is not known is left open."""

import hashlib

import pytest

from sentiment.training import corpus
from sentiment.training.corpus import Row
from tests.sentiment.training import tiny

SEMEVAL = "sentiment/semeval_train.jsonl"
COMPLAINTS = "complaints/complaints_train.jsonl"
OFFENSIVE = "tweets/offensive_train.jsonl"


def label(file: str, text: str, **labels: object) -> dict[str, object]:
    sha = hashlib.sha256(text.encode()).hexdigest()[:16]
    return {"file": file, "sha": sha, "follow_up": "yes", "sure": 1, "reasons": ["question"], **labels}


@pytest.fixture
def data(tmp_path, monkeypatch):
    """Invented rows under the names of the public files, with labels of ours on two of them."""
    labels = tmp_path / "labels.jsonl"
    tiny.write(
        labels,
        [
            label(SEMEVAL, "when does it open @Someone", sentiment="positive", urgency="high"),
            label(OFFENSIVE, "answer me please", sentiment="negative"),
            label(SEMEVAL, "a text that is nowhere"),
        ],
    )
    monkeypatch.setattr(corpus, "SHARED_LABELS", labels)
    folder = tiny.save_data(tmp_path / "data", each=6)
    tiny.write(
        folder / SEMEVAL, [{"text": "when does it open @Someone", "label": 1}, {"text": "Good  phone", "label": 2}]
    )
    tiny.write(folder / OFFENSIVE, [{"text": "answer me please", "label": 1}, {"text": "not one of ours", "label": 0}])
    return folder


def found(data, source: str) -> dict[str, Row]:
    return {row.text: row for row in corpus.public(data) if row.source == source}


def test_our_labels_join_a_public_post_by_its_hash(data):
    row = found(data, "semeval")["when does it open @user"]
    assert (row.follow_up, row.reasons, row.urgency, row.sure) == (1.0, ("question",), "high", 0.75)
    assert row.sentiment == 1, "the published tone stays"


def test_a_public_post_without_a_label_of_ours_knows_only_what_was_published(data):
    row = found(data, "semeval")["Good phone"]
    assert (row.sentiment, row.follow_up, row.reasons, row.urgency) == (2, None, None, "")


def test_of_some_files_only_the_posts_we_labelled_are_taken(data):
    assert set(found(data, "tweeteval")) == {"answer me please"}
    assert found(data, "tweeteval")["answer me please"].sentiment == 0


def test_complaints_are_known_as_complaints_alone(data):
    rows = found(data, "complaints").values()
    assert {row.complaint for row in rows} == {True, False}
    assert all(row.sentiment is None and row.reasons is None for row in rows)


def test_texts_of_the_validation_files_are_shut_out_however_they_are_spelt(data):
    held = next(row for row in corpus.validation(data) if row.source == "gold_dev")
    shouted = held.text.upper().replace("@USER", "@somebody")
    tiny.write(data / SEMEVAL, [{"text": shouted, "label": 0}, {"text": "x", "label": 0}])
    assert set(found(data, "semeval")) == {"x"}


def test_a_text_that_a_source_has_twice_is_taken_once(data):
    tiny.write(data / SEMEVAL, [{"text": "twice", "label": 0}, {"text": " twice ", "label": 2}])
    assert [row.sentiment for row in corpus.public(data) if row.source == "semeval"] == [0]


def test_the_language_is_the_files_where_it_says_so(data):
    languages = {row.source: set() for row in corpus.public(data)}
    for row in corpus.public(data):
        languages[row.source].add(row.language)
    assert languages["umsab"] == {"ar", "en", "fr", "de", "it", "pt", "es"}
    assert languages["arsarcasm"] == languages["arabic_reviews"] == {"ar"}
    assert languages["semeval"] == {"en"}


def test_a_missing_file_is_named(data):
    (data / SEMEVAL).unlink()
    with pytest.raises(FileNotFoundError, match="semeval_train"):
        corpus.public(data)


def test_without_labels_of_ours_the_public_posts_are_still_there(data, monkeypatch):
    monkeypatch.setattr(corpus, "SHARED_LABELS", data / "none.jsonl")
    assert len(found(data, "semeval")) == 2
    assert found(data, "tweeteval") == {}


def complaints(data, monkeypatch, *texts: str, **labels: object) -> list[Row]:
    """Rows of the source of complaints, every other one a complaint, each labelled by us too."""
    tiny.write(data / COMPLAINTS, [{"text": text, "label": n % 2} for n, text in enumerate(texts)])
    tiny.write(data / "ours.jsonl", [label(COMPLAINTS, text, **labels) for text in texts])
    monkeypatch.setattr(corpus, "SHARED_LABELS", data / "ours.jsonl")
    return list(found(data, "complaints").values())


def test_a_share_of_the_complaints_is_held_apart_and_the_same_always(data, monkeypatch):
    texts = [f"nothing came in week {n}" for n in range(500)]
    held = {row.text for row in complaints(data, monkeypatch, *texts) if row.split == "val"}
    assert len(held) / 500 == pytest.approx(corpus.HELD_COMPLAINTS, abs=0.05)
    assert {row.text for row in corpus.held(data)} == held
    assert {row.text for row in complaints(data, monkeypatch, *reversed(texts)) if row.split == "val"} == held


def test_where_others_heard_a_complaint_and_we_none_it_is_one_too(data, monkeypatch):
    calm, asked = complaints(data, monkeypatch, "thanks", "when will it be here")
    assert (calm.reasons, asked.reasons) == (("question",), ("question", "complaint"))
    *_, fault = complaints(data, monkeypatch, "thanks", "it does not start", reasons=["fault_report"])
    assert fault.reasons == ("fault_report",), "a calm one, told apart by our labels alone"


def test_validation_rows_are_marked_as_such(data):
    rows = corpus.validation(data) + corpus.sentiment_file(data / "sentiment/tweeteval_val.jsonl", "tweeteval", "en")
    assert {row.split for row in rows} == {"val"}
    assert {row.source for row in rows} == {"gold_dev", "arabic_real_dev", "tweeteval"}


def test_our_own_posts_bring_their_splits_and_their_facts():
    rows = corpus.own()
    assert {row.split for row in rows} >= {"train", "val"}
    assert {row.language for row in rows} == {"ar", "en"}
    assert any(row.parent for row in rows)
    assert {"dialect", "sector", "hard"} == set(rows[0].facts)


def test_a_correction_knows_only_what_a_person_corrected(tmp_path):
    file = tmp_path / "corrections.jsonl"
    tiny.write(file, [{"text": "where is it", "lang": "en", "follow_up": "yes", "confirmed": ["follow_up"]}])
    (row,) = corpus.corrections(file)
    assert (row.source, row.follow_up, row.sentiment, row.reasons, row.sure) == ("correction", 1.0, None, None, 1.0)
