"""Claims about the bundled model: it tells complaint from praise in both languages, alike in any batch."""

import json

import pytest

from sentiment import engine
from sentiment.backends import onnx
from sentiment.backends.cores import THREADS_VARIABLE, threads
from sentiment.text import clean

COMPLAINTS = [
    "Worst service ever. Two weeks without internet and nobody answers my emails!",
    "I am so disappointed, the food arrived cold and the driver was rude.",
    "You charged me twice and refuse to give my money back. Thieves!",
    "أسوأ خدمة عملاء، أسبوعين بدون انترنت ولا أحد يرد علينا",
    "الاكل وصل بارد وطعمه سيء جدا والسائق قليل ادب",
    "انا زعلان جدا منكم، النت بطيء وكل يوم يقطع واسلوبكم سيء",
]
PRAISE = [
    "Thank you so much, your team was wonderful and solved it in minutes!",
    "I love this app, best update yet. Great job!",
    "شكرا لكم، خدمة رائعة وسريعة جدا",
    "تجربة ممتازة والموظف كان محترم، الله يعطيكم العافية",
]


@pytest.mark.parametrize("text", COMPLAINTS)
def test_complaints_read_negative(text):
    (reading,) = engine.read([text])
    assert reading.sentiment == "negative"
    assert reading.valence < -0.3


@pytest.mark.parametrize("text", PRAISE)
def test_praise_reads_positive(text):
    (reading,) = engine.read([text])
    assert reading.sentiment == "positive"
    assert reading.valence > 0.5


VERSION = json.loads((onnx.BUNDLED / "config.json").read_text())["radd_version"]


def test_a_reading_names_the_model_that_made_it():
    (reading,) = engine.read(["hello"])
    assert (reading.model, reading.version) == ("radd-reader", VERSION)


def test_a_text_scores_the_same_alone_and_in_any_batch():
    texts = [clean(text) for text in (*COMPLAINTS, *PRAISE, "😡", "hm", "the same " * 80)]
    reader = engine.reader("onnx")
    together = reader.score(texts)
    alone = [reader.score([text])[0] for text in texts]
    for one, other in zip(together, alone, strict=True):
        assert one.negative == pytest.approx(other.negative, abs=1e-3)
        assert one.positive == pytest.approx(other.positive, abs=1e-3)


def test_no_texts_no_scores():
    assert engine.reader("onnx").score([]) == []


def test_a_long_text_is_read_by_its_beginning_and_its_end():
    filler = "we went there on a day in the week and then we came home again " * 60
    kind = engine.read([f"{filler} It was wonderful, thank you so much, I love it!"])[0]
    angry = engine.read([f"{filler} It was terrible, the worst service ever, I hate it!"])[0]
    assert kind.valence - angry.valence > 0.5


def test_a_folder_of_the_same_shape_is_read_like_the_bundled_one(tmp_path):
    for name in ("model.int8.onnx", "embeddings.int8.bin", "tokenizer.json"):
        (tmp_path / name).symlink_to(onnx.BUNDLED / name)
    config = json.loads((onnx.BUNDLED / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**config, "radd_name": "ours", "radd_version": "7"}))
    (reading,) = engine.read([COMPLAINTS[0]], f"onnx:{tmp_path}")
    assert (reading.model, reading.version, reading.sentiment) == ("ours", "7", "negative")


@pytest.mark.parametrize(
    ("missing", "told"),
    [
        ("config.json", "config.json is missing"),
        ("tokenizer.json", "tokenizer.json is missing"),
        ("model.int8.onnx", "holds no model: none of model.int8.onnx"),
        ("embeddings.int8.bin", "embeddings.int8.bin is missing"),
    ],
)
def test_an_incomplete_folder_is_refused_by_what_is_missing(tmp_path, missing, told):
    for name in {"config.json", *onnx.OURS} - {missing}:
        (tmp_path / name).symlink_to(onnx.BUNDLED / name)
    with pytest.raises(FileNotFoundError, match=told):
        onnx.load(str(tmp_path))


def test_threads_follow_the_cores_unless_set(monkeypatch):
    monkeypatch.delenv(THREADS_VARIABLE, raising=False)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1, 5}, raising=False)
    assert threads() == 3
    monkeypatch.setenv(THREADS_VARIABLE, "1")
    assert threads() == 1
    monkeypatch.setenv(THREADS_VARIABLE, "none")
    with pytest.raises(ValueError, match=THREADS_VARIABLE):
        threads()
