"""CSV rows survive a broken neighbour, whatever it did."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.imports.lines import Lines
from ingest.imports.records import MOST_LINES, Record, records


def rows_of(path: Path, content: bytes, longest: int = 1 << 20) -> list[Record]:
    path.write_bytes(content)
    with Lines(path, longest) as lines:
        return list(records(lines))


def test_a_quoted_field_may_hold_lines(tmp_path: Path) -> None:
    first, second = rows_of(tmp_path / "f", b'1,"a\nb, c ""d""",x\n2,e,y\n')
    assert (first.line, first.fields) == (1, ("1", 'a\nb, c "d"', "x"))
    assert (second.line, second.fields) == (3, ("2", "e", "y"))


def test_a_quote_never_closed_costs_its_own_line(tmp_path: Path) -> None:
    found = rows_of(tmp_path / "f", b'1,a\n2,"b\n3,c\n4,"d, e",f\n5,g\n')
    assert [record.fields[0] for record in found if record.fields] == ["1", "3", "4", "5"]
    (broken,) = (record for record in found if record.reason)
    assert (broken.line, broken.raw) == (2, '2,"b\n')


def test_a_quote_never_closed_does_not_swallow_a_long_file(tmp_path: Path) -> None:
    rest = b"".join(b"%d,x\n" % number for number in range(3 * MOST_LINES))
    found = rows_of(tmp_path / "f", b'"1,x\n' + rest)
    assert [record.reason for record in found[:1]] == ["no CSV row: a quotation mark is never closed"]
    assert len(found) == 1 + 3 * MOST_LINES
    assert not any(record.reason for record in found[1:])


def test_bytes_that_are_no_text_cost_their_own_row(tmp_path: Path) -> None:
    good, bad, last = rows_of(tmp_path / "f", b"\xef\xbb\xbf1,\xd8\xb1\xd8\xaf\n2,\xff\xfe\n3,c")
    assert good.fields == ("1", "رد")
    assert (bad.line, bad.reason) == (2, "not valid UTF-8")
    assert last.fields == ("3", "c")


def test_a_line_without_end_is_cut_and_left(tmp_path: Path) -> None:
    cut, last = rows_of(tmp_path / "f", b"1," + b"x" * 5000 + b"\n2,b\n", longest=100)
    assert (cut.line, cut.reason) == (1, "the line is too long")
    assert (last.line, last.fields) == (2, ("2", "b"))


text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=40)


@given(rows=st.lists(st.lists(text, min_size=2, max_size=7), min_size=1, max_size=8))
def test_whatever_a_csv_writer_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, quoting=csv.QUOTE_ALL).writerows(rows)
    path = tmp_path_factory.getbasetemp() / "written.csv"
    found = rows_of(path, buffer.getvalue().encode())
    assert [list(record.fields) for record in found] == rows


@given(content=st.binary(max_size=400))
def test_no_content_breaks_the_reader_and_every_line_is_in_one_row(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    found = rows_of(path, content)
    lines = content.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
    assert "".join(record.raw for record in found) == lines
