"""Claims about the page and its charts: what the figures allow is drawn, described, and found again by its link."""

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

from sentiment.evaluation import charts, page
from sentiment.evaluation.report import Read, Reader, report
from sentiment.evaluation.rows import Labelled
from tests.sentiment.evaluation.cast import COMPLAINT, THANKS, said

READER = Reader("onnx", "radd", "1", 2, 2)
MIXED = [COMPLAINT, replace(COMPLAINT, follow_up=False), THANKS, replace(THANKS, follow_up=True)] * 4


def a_report(rows: list[Labelled] = MIXED, files: int = 1):
    read = Read("posts.jsonl", rows, [said(row, follow_up=n / len(rows)) for n, row in enumerate(rows)], 1.0)
    return report(READER, [read] * files)


def test_the_page_links_to_every_drawing_that_was_written(tmp_path):
    written = page.write(a_report(), tmp_path / "docs" / "evaluation.md")
    text = (tmp_path / "docs" / "evaluation.md").read_text()
    linked = set(re.findall(r"\]\((evaluation/[^)]+\.svg)\)", text))
    assert {f"evaluation/{path.name}" for path in written[1:]} == linked
    assert linked == {
        "evaluation/precision-recall.svg", "evaluation/reliability.svg", "evaluation/confusion-sentiment-ar.svg",
        "evaluation/confusion-sentiment-en.svg", "evaluation/confusion-follow-up-ar.svg",
        "evaluation/confusion-follow-up-en.svg",
    }  # fmt: skip
    for path in written[1:]:
        assert ET.fromstring(path.read_text()).find("{http://www.w3.org/2000/svg}desc").text
    assert "radd 1" in text
    assert "| all | 16 |" in text


def test_drawings_of_an_earlier_page_go(tmp_path):
    target = tmp_path / "evaluation.md"
    page.write(a_report(), target)
    page.write(a_report([Labelled("only a tone", "en", sentiment="negative")] * 3), target)
    assert sorted(path.name for path in (tmp_path / "evaluation").iterdir()) == [
        "confusion-sentiment-en.svg", "reliability.svg",
    ]  # fmt: skip


def test_all_files_together_come_before_each():
    text = page.markdown(a_report(files=2), "evaluation")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == [
        "Drawings",
        "All files together",
        "posts.jsonl",
        "posts.jsonl",
    ]
    assert "### mean over files, sentiment" in text


def test_a_curve_needs_both_answers():
    names = [name for name, _ in charts.drawings(a_report([COMPLAINT] * 5).together)]
    assert "precision-recall" not in names


def test_a_language_of_any_name_makes_a_plain_file_name(tmp_path):
    rows = [replace(COMPLAINT, language="../../etc/x y")] * 3
    written = page.write(a_report(rows), tmp_path / "page.md")
    assert {path.parent for path in written[1:]} == {tmp_path / "page"}
    assert all(re.fullmatch(r"[\w-]+\.svg", path.name) for path in written[1:])


def test_confusion_shows_counts_and_what_was_not_named():
    given = [replace(COMPLAINT, sentiment="neutral"), COMPLAINT]
    answers = [replace(said(COMPLAINT), sentiment=None), said(COMPLAINT)]
    found = report(READER, [Read("a", given, answers)])
    assert found.files[0].groups[0].figures.sentiment.rows == 1
    drawing = charts.confusion("Sentiment, en", found.files[0].groups[0].figures.sentiment)
    assert "negative: 1 as negative, 0 as neutral, 0 as positive" in drawing.description
    assert "1 · 100%" in drawing.svg()
