"""Claims about `manage.py evaluate_model`: figures for right files, a clear refusal of wrong ones before all else."""

import json
import os
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from sentiment import engine
from sentiment.backends.cores import THREADS_VARIABLE
from sentiment.evaluation import baselines
from sentiment.reading import Care, Scores
from tests.sentiment import tiny_export

POSTS = [
    {"text": "terrible service, I hate it", "sentiment": "negative", "follow_up": "yes", "lang": "en"},
    {"text": "شكرا خدمة ممتازة", "label": 2, "follow_up": "no", "lang": "ar"},
    {"text": "nice, I love it", "label": 2, "lang": "en"},
]


@pytest.fixture(autouse=True)
def threads_as_before(monkeypatch):
    """The command sets the variable for the model; no other test shall find it."""
    monkeypatch.setenv(THREADS_VARIABLE, "1")


def a_file(tmp_path, rows=POSTS, name="posts.jsonl") -> str:
    file = tmp_path / name
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return str(file)


def evaluate(*arguments: str, model: str = "lexicon") -> str:
    out = StringIO()
    call_command("evaluate_model", *arguments, "--model", model, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_it_prints_tables_by_file_and_language(tmp_path):
    printed = evaluate(a_file(tmp_path), a_file(tmp_path, POSTS[:1], "other.jsonl"))
    assert "radd-lexicon 1 (lexicon), 1 threads on" in printed
    assert "== posts.jsonl: 3 rows, " in printed
    assert "== other.jsonl: 1 rows, " in printed
    assert "== all files together: 4 rows, " in printed
    assert "100.0 (100.0–100.0)" in printed
    assert "mean over files, sentiment" in printed


def test_json_is_one_document_with_speed_and_machine(tmp_path):
    found = json.loads(evaluate(a_file(tmp_path), "--json"))
    (file,) = found["files"]
    assert [group["name"] for group in file["groups"]] == ["all", "ar", "en"]
    assert file["groups"][0]["figures"]["sentiment"]["macro_f1"]["value"] == 1.0
    assert file["groups"][0]["figures"]["follow_up_scored_by"] == "rule"
    assert file["messages_per_second"] > 0
    assert found["reader"]["cpus"] >= 1


class CareBackend:
    """Says of every text that it owes an answer, the surer the longer it is."""

    name, version = "by-length", "7"

    def score(self, texts):
        return [Scores(0.8, 0.1, 0.1, self.care(text)) for text in texts]

    def care(self, text: str) -> Care:
        return Care(min(1.0, len(text) / 30), 0.5, ("complaint", "question"), "high", "bad_service", "refund")


def test_a_care_reader_is_judged_by_all_its_heads(tmp_path, monkeypatch):
    monkeypatch.setitem(engine._readers, (os.getpid(), "onnx:/by-length"), CareBackend())
    rows = [
        {"text": "a long complaint about a refund", "follow_up": "yes", "reasons": ["complaint"], "urgency": "high",
         "trigger": "bad_service", "aim": "refund", "lang": "en", "sentiment": "negative"},
        {"text": "ok", "follow_up": "no", "reasons": ["thanks"], "urgency": "low", "lang": "en"},
    ]  # fmt: skip
    found = json.loads(evaluate(a_file(tmp_path, rows), "--json", model="onnx:/by-length"))
    figures = found["files"][0]["groups"][0]["figures"]
    assert figures["follow_up"]["threshold"] == 0.5
    assert figures["follow_up"]["at"][2]["recall"]["value"] == 1.0
    assert figures["follow_up_calibration"]["rows"] == 2
    assert figures["reasons"]["micro_f1"]["value"] == pytest.approx(2 * 1 / (2 + 4))
    assert [figures[name]["accuracy"]["value"] for name in ("urgency", "trigger", "aim")] == [0.5, 1.0, 1.0]


def test_a_file_of_complaints_is_judged_by_the_reasons(tmp_path):
    rows = [{"text": "I want to complain, terrible", "label": 1}, {"text": "nice day", "label": 0}]
    found = json.loads(evaluate("--json", "--complaints", a_file(tmp_path, rows)))
    figures = found["files"][0]["groups"][0]["figures"]
    assert figures["complaint"]["rows"] == 2
    assert figures["sentiment"] is None


def test_labels_that_look_like_yes_and_no_are_pointed_out(tmp_path):
    rows = [{"text": f"post {n}", "label": n % 2} for n in range(20)]
    assert "give the file after --complaints" in evaluate(a_file(tmp_path, rows))


def test_without_labels_only_the_speed_is_measured(tmp_path):
    assert "only the speed was measured" in evaluate(a_file(tmp_path, [{"text": "hello"}]))


@pytest.mark.parametrize("reversed_order", [False, True])
def test_every_wrong_file_is_named_and_nothing_is_read(tmp_path, monkeypatch, reversed_order):
    def never(*args, **kwargs):
        raise AssertionError("a model was loaded")

    monkeypatch.setattr(engine, "reader", never)
    wrong = a_file(tmp_path, [{"text": "a"}, {"label": 1}], "wrong.jsonl")
    files = [a_file(tmp_path), wrong, str(tmp_path / "nowhere.jsonl")]
    with pytest.raises(CommandError) as told:
        evaluate(*(reversed(files) if reversed_order else files))
    assert told.value.returncode == 1
    assert "Nothing was evaluated" in str(told.value)
    assert f"{wrong}, line 2: `text` is missing" in str(told.value)
    assert "nowhere.jsonl: No such file or directory" in str(told.value)


def test_no_file_is_asked_for(tmp_path):
    with pytest.raises(CommandError, match="at least one FILE"):
        evaluate()


@pytest.mark.parametrize(
    ("model", "why"),
    [("magic", "Unknown reader 'magic'"), ("onnx:/nowhere", "config.json is missing"), ("transformers:", "Unknown")],
)
def test_a_model_that_cannot_be_used_is_said_so(tmp_path, model, why):
    with pytest.raises(CommandError, match=why):
        evaluate(a_file(tmp_path), model=model)


@pytest.mark.parametrize("threads", ["0", "-1"])
def test_threads_must_make_sense(tmp_path, threads):
    with pytest.raises(CommandError, match=THREADS_VARIABLE):
        evaluate(a_file(tmp_path), "--threads", threads)


def test_threads_are_those_asked_for(tmp_path):
    assert json.loads(evaluate(a_file(tmp_path), "--json", "--threads", "3"))["reader"]["threads"] == 3


def test_a_folder_is_a_model(tmp_path):
    folder = tiny_export.save(tmp_path / "tiny")
    rows = [{"text": "good service", "label": 2}, {"text": "bad service", "label": 0}]
    found = json.loads(evaluate(a_file(tmp_path, rows), "--json", model=str(folder)))
    assert found["reader"]["spec"] == f"onnx:{folder}"
    assert found["files"][0]["groups"][0]["figures"]["sentiment"]["accuracy"]["value"] == 1.0


def test_only_some_lines_by_some_field(tmp_path):
    rows = [POSTS[0] | {"split": "val", "dialect": "us"}, POSTS[1] | {"split": "train", "dialect": "gulf"}]
    found = json.loads(evaluate(a_file(tmp_path, rows), "--json", "--where", "split=val", "--by", "dialect"))
    assert [group["name"] for group in found["files"][0]["groups"]] == ["all", "en", "dialect: us"]
    with pytest.raises(CommandError, match="FIELD=VALUE"):
        evaluate(a_file(tmp_path, rows), "--where", "split")


def test_mistakes_are_listed_for_people_not_for_programs(tmp_path):
    rows = [{"text": "terrible", "sentiment": "positive", "lang": "en"}]
    assert "negative, not positive\tterrible" in evaluate(a_file(tmp_path, rows), "--mistakes")
    with pytest.raises(CommandError, match="--mistakes"):
        evaluate(a_file(tmp_path, rows), "--mistakes", "--json")


def test_a_page_is_written_with_its_drawings(tmp_path):
    evaluate(a_file(tmp_path), "--page", str(tmp_path / "docs" / "evaluation.md"))
    assert "# How well the reader reads" in (tmp_path / "docs" / "evaluation.md").read_text()
    assert (tmp_path / "docs" / "evaluation" / "reliability.svg").exists()


def test_baselines_without_their_packages_are_refused_before_anything_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(baselines, "find_spec", lambda name: None)
    with pytest.raises(CommandError, match=r"pip install radd\[train\]"):
        evaluate(a_file(tmp_path), "--baselines")


def test_baselines_stand_beside_the_model(tmp_path, monkeypatch):
    try:
        baselines.check()
    except baselines.BaselinesMissingError as error:
        pytest.skip(f"NOT TESTED: {error}")
    rows = [
        {"text": f"{word} {n}", "label": label, "lang": "en"}
        for n in range(6)
        for label, word in ((0, "bad"), (2, "good"))
    ]
    found = json.loads(evaluate(a_file(tmp_path, rows), "--json", "--baselines"))
    everything = found["files"][0]["groups"][0]
    assert set(everything["baselines"]) == {"VADER", "TF-IDF + LR"}
    assert everything["baselines"]["VADER"]["sentiment"]["accuracy"]["value"] == 1.0
    assert "cross-validation on this very file" in " ".join(found["files"][0]["notes"])
    train = a_file(tmp_path, [{"text": "good lovely", "label": 2}, {"text": "bad awful", "label": 0}], "train.jsonl")
    assert "trained on 2 rows" in evaluate(a_file(tmp_path, rows), "--baseline-train", train)
