"""Claims about reading many texts: order, failures kept apart, batches, and what an import may load."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment import engine
from sentiment.reading import Failure, Reading, Scores

POISON = "poison"
HARD_TEXTS = [
    "", " \n\t ", "😀😀", "@support", "@a @b https://x.y/z", "http", "\ud800", "a\udfffb", "\ud83d\ude00", "x" * 10_000,
    "ك" * 10_000, "كلمة " * 3_000, "\x00", "ok\x00ok", "\u202e\u202d", "???", "؟", "#", "_", "\ufffd", "1" * 500,
    "&amp;&#0;&#xd800;&lt;", "ﷺ" * 600,
]  # fmt: skip


class Recorder:
    """A backend that scores by length, breaks on POISON, and remembers its batches."""

    name = "recorder"
    version = "1"

    def __init__(self) -> None:
        self.batches: list[list[str]] = []

    def score(self, texts: Sequence[str]) -> list[Scores]:
        self.batches.append(list(texts))
        if any(POISON in text for text in texts):
            raise RuntimeError("this text breaks the model")
        return [Scores(1 / (1 + len(text)), 0.0, 1 - 1 / (1 + len(text))) for text in texts]


def test_results_keep_the_order_and_length_of_the_texts():
    texts = [f"{'word ' * (n % 17)}end{n}" for n in range(200)]
    results = engine.read_with(Recorder(), texts)
    assert [result.negative for result in results] == [1 / (1 + len(text)) for text in texts]


def test_one_poison_text_fails_alone_and_says_why():
    texts = [f"text number {n}" for n in range(64)]
    texts[37] = f"a {POISON} text"
    results = engine.read_with(Recorder(), texts)
    assert results[37] == Failure("RuntimeError: this text breaks the model")
    assert all(isinstance(result, Reading) for place, result in enumerate(results) if place != 37)


def test_a_poison_text_costs_few_extra_batches():
    backend = Recorder()
    engine.read_with(backend, [POISON, *("text" for _ in range(31))])
    assert len(backend.batches) <= 1 + 2 * 5, "halving 32 texts takes five steps"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ([], "0 scores for 1 texts"),
        ([Scores(float("nan"), 0.0, 0.0)], "no number"),
    ],
)
def test_an_answer_that_makes_no_sense_is_a_failure(answer, said):
    backend = Recorder()
    backend.score = lambda texts: answer
    (result,) = engine.read_with(backend, ["text"])
    assert said in result.error


def test_batches_hold_texts_of_like_length_and_no_more_than_the_setting(monkeypatch):
    monkeypatch.setenv(engine.BATCH_VARIABLE, "5")
    backend = Recorder()
    engine.read_with(backend, ["a" * (1 + n * 7 % 50) for n in range(50)])
    assert {len(batch) for batch in backend.batches} == {5}
    longest = [max(map(len, batch)) for batch in backend.batches]
    shortest = [min(map(len, batch)) for batch in backend.batches]
    assert all(before <= after for before, after in zip(longest, shortest[1:], strict=False))


def test_a_backend_that_measures_texts_decides_which_are_alike(monkeypatch):
    class Tokens(Recorder):
        def lengths(self, texts):
            return [text.count("w") for text in texts]

    monkeypatch.setenv(engine.BATCH_VARIABLE, "2")
    backend = Tokens()
    engine.read_with(backend, ["www", "aaaaaa w", "ww ww", "aaaaaaaaa w"])
    assert backend.batches == [["aaaaaa w", "aaaaaaaaa w"], ["www", "ww ww"]]


def test_a_text_that_cannot_be_measured_does_not_stop_the_others():
    class Unmeasured(Recorder):
        def lengths(self, texts):
            raise RuntimeError("cannot measure")

    results = engine.read_with(Unmeasured(), ["one", POISON, "three"])
    assert [type(result) for result in results] == [Reading, Failure, Reading]


@pytest.mark.parametrize("wrong", ["0", "-3", "many", "1.5"])
def test_a_wrong_batch_setting_is_refused_by_name(monkeypatch, wrong):
    monkeypatch.setenv(engine.BATCH_VARIABLE, wrong)
    with pytest.raises(ValueError, match=engine.BATCH_VARIABLE):
        engine.read(["text"], "lexicon")


def test_nothing_to_read_is_neutral_without_asking_the_model():
    backend = Recorder()
    results = engine.read_with(backend, ["", "   ", "@someone", "https://example.org/a", "\x00"])
    assert backend.batches == []
    assert {(r.sentiment, r.language, r.model, r.urgency) for r in results} == {("neutral", "und", "recorder", "low")}


def test_no_texts_no_readings():
    assert engine.read([], "lexicon") == []


@pytest.mark.parametrize("spec", ["", "onx", "transformers", "transformers:", "lexicon:big", "openai:gpt", "Onnx"])
def test_an_unknown_reader_is_refused_with_the_choices(spec):
    with pytest.raises(ValueError, match=r"onnx.*transformers:.*lexicon"):
        engine.reader(spec)


def test_a_reader_is_loaded_once_even_when_asked_for_at_once(monkeypatch):
    loads = []
    monkeypatch.setitem(engine._LOADERS, "slow", lambda _: loads.append(1) or Recorder())
    monkeypatch.setattr(engine, "_readers", {})
    found = []
    threads = [threading.Thread(target=lambda: found.append(engine.reader("slow"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(loads) == 1
    assert len({id(one) for one in found}) == 1


def test_a_displeased_text_without_other_cues_is_not_of_low_urgency():
    class Displeased(Recorder):
        def score(self, texts):
            return [Scores(0.9, 0.1, 0.0) for _ in texts]

    (result,) = engine.read_with(Displeased(), ["the colour of this morning"])
    assert (result.reasons, result.urgency) == ((), "normal")


def test_a_bare_folder_names_a_model_of_ours_or_of_transformers(tmp_path, monkeypatch):
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    for folder, files in ((ours, ("config.json", "tokenizer.json", "model.int8.onnx")), (theirs, ("config.json",))):
        folder.mkdir()
        for name in files:
            (folder / name).touch()
    assert engine.spec_of(str(ours)) == f"onnx:{ours}"
    assert engine.spec_of(str(theirs)) == f"transformers:{theirs}"
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lexicon").mkdir()
    specs = ["lexicon", "onnx", f"onnx:{ours}", "transformers:org/name", "nothing"]
    assert [engine.spec_of(spec) for spec in specs] == specs, "a spec stays one, whatever folders lie about"


@pytest.mark.parametrize("spec", ["onnx", "lexicon"])
@pytest.mark.parametrize("text", HARD_TEXTS, ids=[ascii(text[:12]) for text in HARD_TEXTS])
def test_a_hard_text_gets_a_reading(spec, text):
    (result,) = engine.read([text], spec)
    assert isinstance(result, Reading)
    assert result.negative + result.neutral + result.positive == pytest.approx(1, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(st.characters(codec=None), max_size=300), max_size=6))
def test_any_unicode_text_gets_a_reading_or_a_failure(texts):
    results = engine.read(texts, "onnx")
    assert len(results) == len(texts)
    for result in results:
        if isinstance(result, Reading):
            assert result.negative + result.neutral + result.positive == pytest.approx(1, abs=1e-6)
            assert -1 <= result.valence <= 1
        else:
            assert result.error


def test_importing_the_engine_loads_no_model_library():
    heavy = "{'onnxruntime', 'tokenizers', 'transformers', 'torch', 'numpy', 'py3langid', 'django'}"
    code = f"import sys, sentiment.engine; loaded = {heavy} & set(sys.modules); assert not loaded, loaded"
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": "."}, timeout=60)


def test_a_forked_process_reads_with_a_reader_of_its_own():
    engine.read(["loaded before the fork"], "onnx")
    child = os.fork()
    if not child:
        signal.alarm(60)
        (result,) = engine.read(["read after the fork"], "onnx")
        os._exit(0 if isinstance(result, Reading) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
