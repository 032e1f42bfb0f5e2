"""Customer Support on Twitter: both sides, threads, and rows that are none."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.imports.formats import open_format
from ingest.imports.items import UnusableFile
from ingest.imports.lines import Lines
from ingest.platforms.base import Kind
from tests.ingest.imports.files import AT, HEADER, a_csv, a_row, ids, read_all, reasons


def test_both_sides_and_the_thread(tmp_path: Path) -> None:
    path = a_csv(
        tmp_path / "f.csv",
        a_row(3, "@77 What happened?", "2.0", by="nawa", inbound="False"),
        a_row(2, "still &amp; always dead\r\nreally", "1.0"),
        a_row(1),
        a_row(9, "Good morning", by="nawa", inbound="False"),
        a_row(8, "and you?", 5),
    )
    answer, second, first, own, lost = (item.post for item in read_all(path) if item.post)
    assert (answer.parent_id, answer.root_id, answer.kind) == ("2", "1", Kind.REPLY)
    assert (second.text, second.conversation_key, second.kind) == ("still & always dead\nreally", "1", Kind.REPLY)
    assert (first.conversation_key, first.parent_id, first.kind) == ("1", "", Kind.MENTION)
    assert (own.kind, own.author.handle) == (Kind.POST, "nawa")
    assert (lost.parent_id, lost.root_id) == ("5", "5")
    assert first.posted_at == datetime(2017, 10, 31, 22, 10, 47, tzinfo=UTC)


def test_whose_posts_are_ours(tmp_path: Path) -> None:
    path = a_csv(tmp_path / "f.csv", a_row(1), a_row(2, by="nawa", inbound="False"))
    form = open_format(path)
    with Lines(path, form.longest_line) as lines:
        assert [(seen.author_id, seen.ours) for seen in form.survey(lines)] == [("77", False), ("nawa", True)]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1,77,True", "3 columns instead of 7"),
        (a_row(1) + ",more", "8 columns instead of 7"),
        (a_row(""), "tweet_id is missing"),
        (a_row("x7"), "tweet_id is no id: x7"),
        (a_row("9" * 19), "tweet_id is no id: " + "9" * 19),
        (a_row(1, parent="nobody"), "in_response_to_tweet_id is no id: nobody"),
        (a_row(1, inbound="perhaps"), "inbound is neither True nor False: perhaps"),
        (a_row(1, by=""), "the author id is missing"),
        (a_row(1, by="a" * 256), "the author id is longer than 255 characters"),
        (a_row(1, by="a\tb"), "the author id holds characters that no id has"),
        (a_row(1).replace(AT, "yesterday"), "created_at is no date: yesterday"),
        (a_row(1).replace("Oct 31", "Feb 31"), "created_at is no date: Tue Feb 31 22:10:47 +0000 2017"),
        (a_row(1).replace("Oct", "Okt"), "created_at is no date: Tue Okt 31 22:10:47 +0000 2017"),
        (a_row(1).replace("2017", "1969"), "the date is out of range: 1969-10-31T22:10:47+00:00"),
        (a_row(1).replace("2017", "9999"), "the date is out of range: 9999-10-31T22:10:47+00:00"),
        (a_row(1, "\udcff"), "not valid UTF-8"),
        ("", "the line is empty"),
    ],
)
def test_a_bad_row_says_why_and_costs_itself_only(tmp_path: Path, row: str, reason: str) -> None:
    found = read_all(a_csv(tmp_path / "f.csv", a_row(100), row, a_row(101)))
    assert ids(found) == ["100", "101"]
    assert reasons(found) == {3: reason}


def test_a_text_may_be_empty_long_or_odd(tmp_path: Path) -> None:
    rows = [a_row(1, ""), a_row(2, "x" * 10_000), a_row(3, "👍🏽"), a_row(4, "ردّ علينا"), a_row(5, "nul \x00 inside")]
    assert ids(read_all(a_csv(tmp_path / "f.csv", *rows))) == ["1", "2", "3", "4", "5"]


def test_columns_are_found_by_name(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text(f"in_response_to_tweet_id,text,created_at,inbound,author_id,tweet_id\n,hello,{AT},True,7,12\n")
    (item,) = read_all(path)
    assert item.post is not None
    assert (item.post.external_id, item.post.text) == ("12", "hello")


def test_a_file_without_the_columns_is_unusable(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text(HEADER.replace("created_at", "when") + "\n")
    with pytest.raises(UnusableFile, match="created_at"):
        open_format(path)
