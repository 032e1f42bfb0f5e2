"""Claims about the tables: what is known stands there in percent, what is not is a dash, and columns are aligned."""

from dataclasses import replace

from sentiment.evaluation import tables
from sentiment.evaluation.report import Read, Reader, report
from sentiment.evaluation.resampling import NOTHING, Estimate
from tests.sentiment.evaluation.cast import COMPLAINT, rows, said

READER = Reader("onnx", "radd", "1", 4, 2)


def a_report(**fields):
    given = rows()
    return report(READER, [Read("posts.jsonl", given, [said(row) for row in given], 0.5, **fields)])


def test_the_report_says_model_machine_file_and_speed():
    text = tables.text(a_report(notes=["a note"]))
    assert "radd 1 (onnx), 2 threads on 4 CPUs." in text
    assert "== posts.jsonl: 5 rows, 10 messages/s\n   a note" in text
    assert "all files together" not in text, "there is only one"


def test_there_is_a_table_for_each_label():
    titles = [table.title for table in tables.tables(a_report().files[0])]
    assert titles == [
        "sentiment", "sentiment, by class", "follow_up", "follow_up, precision @threshold by recall", "reasons",
        "reasons, each", "urgency", "trigger", "aim",
    ]  # fmt: skip


def test_a_lone_language_is_told_once():
    found = report(READER, [Read("a", [COMPLAINT] * 3, [said(COMPLAINT)] * 3)])
    sentiment = tables.tables(found.files[0])[0]
    assert [row[0] for row in sentiment.rows] == ["all (en)"]


def test_baselines_stand_indented_below_the_reader():
    given = rows()
    vader = [replace(said(row), follow_up=None, reasons=None) for row in given]
    sentiment = tables.tables(a_report(baselines={"VADER": vader}).files[0])[0]
    assert [row[0] for row in sentiment.rows] == ["all", "  VADER", "ar", "  VADER", "en", "  VADER"]


def test_shares_are_percent_and_nothing_is_a_dash():
    assert tables.estimate(Estimate(0.7204, 0.689, 0.751)) == "72.0 (68.9–75.1)"
    assert tables.estimate(NOTHING) == "–"


def test_columns_are_aligned_and_a_page_has_the_same_cells():
    table = tables.Table("t", ("", "n"), (("all", "5"), ("en|x", "1234")))
    assert tables.plain(table) == "t\n           n\n  all      5\n  en|x  1234"
    assert tables.markdown(table) == "|  | n |\n| --- | ---: |\n| all | 5 |\n| en/x | 1234 |"


def test_a_rule_is_called_one():
    given = rows()
    by_rule = [replace(said(row), is_probability=False, threshold=0.42) for row in given]
    found = report(READER, [Read("a", given, by_rule)])
    follow_up = next(table for table in tables.tables(found.files[0]) if table.title == "follow_up")
    assert "0.42 (rule)" in follow_up.rows[0]
    assert follow_up.rows[0][-1] == "–", "no probability, no calibration"
