"""Claims about files of labels: every label in its spellings, and a wrong line named with what is wrong."""

import json

import pytest

from sentiment.evaluation.rows import Choice, Labelled, UnusableFile, load, parse, seems_yes_or_no


def a_file(tmp_path, *lines: object, name: str = "labels.jsonl"):
    file = tmp_path / name
    written = (line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines)
    file.write_text("\n".join(written) + "\n", encoding="utf-8")
    return file


def test_a_row_has_the_labels_of_its_line():
    row = parse({
        "text": "وين الرد؟", "lang": "ar", "parent": "ارسل رقمك", "label": 0, "follow_up": "yes",
        "reasons": ["question", "complaint"], "urgency": "normal", "trigger": "unresponsive", "aim": "solution",
    })  # fmt: skip
    assert row == Labelled(
        "وين الرد؟", "ar", "ارسل رقمك", "negative", True, frozenset({"question", "complaint"}),
        "normal", "unresponsive", "solution",
    )  # fmt: skip


def test_what_a_line_does_not_say_is_no_label():
    row = parse({"text": "hm", "trigger": "", "aim": "", "urgency": None, "sentiment": "", "label": None})
    assert row == Labelled("hm")
    assert not row.labelled
    assert parse({"text": "hm", "follow_up": "no"}).labelled, "no is a label"


@pytest.mark.parametrize(("given", "meant"), [("yes", True), ("no", False), (True, True), (0, False), (1.0, True)])
def test_yes_and_no_may_be_written_in_several_ways(given, meant):
    assert parse({"text": "hm", "follow_up": given}).follow_up is meant
    assert parse({"text": "hm", "complaint": given}).complaint is meant


def test_a_number_that_was_exported_as_a_float_is_that_number():
    assert parse({"text": "hm", "label": 2.0}).sentiment == "positive"


def test_a_label_may_be_told_to_mean_complaint():
    row = parse({"text": "hm", "label": 1}, Choice(label_is_complaint=True))
    assert (row.complaint, row.sentiment) == (True, None)


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("{not json", "no JSON"),
        ("[1, 2]", "must be a JSON object, not [1, 2]"),
        ('"text"', 'must be a JSON object, not "text"'),
        ("[" * 100_000, "no JSON"),
        ({"label": 1}, "`text` is missing"),
        ({"text": 7}, "`text` must be a string, not 7"),
        ({"text": "a", "label": 3}, "`label` must be 0 (negative), 1 (neutral) or 2 (positive), not 3"),
        ({"text": "a", "label": True}, "`label` must be 0"),
        ({"text": "a", "label": "2"}, "`label` must be 0"),
        ({"text": "a", "label": 0, "sentiment": "positive"}, "`label` 0 says negative, `sentiment` says positive"),
        ({"text": "a", "sentiment": "angry"}, '`sentiment` must be one of negative, neutral, positive, not "angry"'),
        ({"text": "a", "sentiment": ["negative"]}, "`sentiment` must be one of"),
        ({"text": "a", "follow_up": "maybe"}, '`follow_up` must be "yes" or "no", or 1 or 0, not "maybe"'),
        ({"text": "a", "follow_up": [1]}, "`follow_up` must be"),
        ({"text": "a", "reasons": "complaint"}, '`reasons` must be a list of names, not "complaint"'),
        ({"text": "a", "reasons": ["complaint", "joy"]}, '`reasons` holds "joy"; known are safety_or_legal'),
        ({"text": "a", "urgency": "now"}, '`urgency` must be one of low, normal, high, not "now"'),
        ({"text": "a", "trigger": {"a": 1}}, "`trigger` must be one of"),
        ({"text": "a", "lang": 1}, "`lang` must be a string, not 1"),
        ({"text": "a", "parent": ["b"]}, '`parent` must be a string, not ["b"]'),
        ({"text": "a", "aim": "x" * 999}, '..., not "xxx'),
    ],
)
def test_a_wrong_line_is_named_with_its_number_and_what_is_wrong(tmp_path, line, wrong):
    file = a_file(tmp_path, {"text": "fine", "label": 1}, "", line)
    with pytest.raises(UnusableFile) as told:
        load(file)
    assert str(told.value).startswith(f"{file}, line 3: ")
    assert wrong.removeprefix("..., ") in str(told.value)
    assert len(str(told.value)) < 400 + len(str(file))


def test_many_wrong_lines_are_counted_after_the_first_ten(tmp_path):
    file = a_file(tmp_path, *[{"text": "a", "label": 9}] * 25)
    with pytest.raises(UnusableFile) as told:
        load(file)
    lines = str(told.value).splitlines()
    assert len(lines) == 11
    assert lines[-1] == f"... and 15 more wrong lines in {file}"


def test_what_is_no_text_or_not_there_is_said(tmp_path):
    binary = tmp_path / "binary"
    binary.write_bytes(b'{"text": "fine"}\n\xff\xfe')
    with pytest.raises(UnusableFile, match="line 2: not UTF-8"):
        load(binary)
    with pytest.raises(UnusableFile, match="No such file"):
        load(tmp_path / "nowhere.jsonl")
    with pytest.raises(UnusableFile, match="Is a directory"):
        load(tmp_path)
    with pytest.raises(UnusableFile, match="holds no line"):
        load(a_file(tmp_path, "", "  "))


def test_a_byte_order_mark_windows_ends_and_a_line_separator_in_a_text_do_no_harm(tmp_path):
    file = tmp_path / "windows.jsonl"
    file.write_bytes('\ufeff{"text": "one\u2028line"}\r\n{"text": "two"}\r\n'.encode())
    assert [row.text for row in load(file)] == ["one\u2028line", "two"]


def test_only_the_lines_asked_for_are_used_but_all_must_be_right(tmp_path):
    lines = [{"text": "a", "split": "train", "dialect": "gulf"}, {"text": "b", "split": "val", "dialect": "egyptian"}]
    rows = load(a_file(tmp_path, *lines), Choice(where={"split": "val"}, by="dialect"))
    assert [(row.text, row.part) for row in rows] == [("b", "egyptian")]
    with pytest.raises(UnusableFile, match="line 3"):
        load(a_file(tmp_path, *lines, {"text": 1, "split": "train"}), Choice(where={"split": "val"}))
    with pytest.raises(UnusableFile, match="no line to evaluate"):
        load(a_file(tmp_path, *lines), Choice(where={"split": "test"}))


def test_a_label_that_is_never_two_looks_like_a_yes_or_no():
    rows = [Labelled("a", sentiment="negative"), Labelled("b", sentiment="neutral")] * 10
    assert seems_yes_or_no(rows)
    assert not seems_yes_or_no([*rows, Labelled("c", sentiment="positive")])
    assert not seems_yes_or_no(rows[:4]), "too few to tell"
