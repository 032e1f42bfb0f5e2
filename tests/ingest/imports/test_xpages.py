"""X API v2 pages: one page, a list of pages, one page a line."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.imports.formats import open_format
from ingest.imports.lines import Lines
from ingest.imports.xpages import XPages, objects
from tests.ingest.imports.files import a_page, an_x_post, ids, read_all, reasons

PAGES = [a_page(an_x_post("101"), an_x_post("102")), a_page(an_x_post("103", text='a "{" in \\ a text \u061f'))]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (json.dumps(PAGES[0]), ["101", "102"]),
        (json.dumps(PAGES[0], indent=2), ["101", "102"]),
        (json.dumps(PAGES), ["101", "102", "103"]),
        (json.dumps(PAGES, indent=1), ["101", "102", "103"]),
        ("\n".join(map(json.dumps, PAGES)), ["101", "102", "103"]),
        ("\ufeff" + "\r\n\r\n".join(map(json.dumps, PAGES)) + "\r\n", ["101", "102", "103"]),
    ],
)
def test_pages_however_they_were_kept(tmp_path: Path, content: str, found: list[str]) -> None:
    path = tmp_path / "f.json"
    path.write_text(content, encoding="utf-8")
    assert isinstance(open_format(path), XPages)
    items = read_all(path)
    assert ids(items) == found
    assert reasons(items) == {}
    assert items[0].post is not None
    assert items[0].post.author.handle == "reem"


def test_what_is_bad_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "f.jsonl"
    problem = {"errors": [{"title": "Not Found Error", "detail": "gone"}]}
    mixed = a_page({"text": "no id"}, an_x_post("104"), an_x_post("104"))
    lines = [PAGES[0], problem, mixed, {"meta": {"result_count": 0}}]
    path.write_text("\n".join([*map(json.dumps, lines), '{"data": [', "null"]), encoding="utf-8")
    items = read_all(path)
    assert ids(items) == ["101", "102", "104"]
    assert sum(item.double for item in items) == 1
    assert set(reasons(items)) == {2, 3, 5, 6}


def test_a_list_that_breaks_off_keeps_what_was_whole(tmp_path: Path) -> None:
    path = tmp_path / "f.json"
    path.write_text(json.dumps(PAGES, indent=1)[:-40], encoding="utf-8")
    items = read_all(path)
    assert ids(items) == ["101", "102"]
    assert list(reasons(items).values()) == ["no JSON object"]


def test_broken_json_between_whole_pages_costs_one_page(tmp_path: Path) -> None:
    path = tmp_path / "f.json"
    path.write_text(f'[{json.dumps(PAGES[0])},\n{{"data": oops}},\n{json.dumps(PAGES[1])}]', encoding="utf-8")
    items = read_all(path)
    assert ids(items) == ["101", "102", "103"]
    assert reasons(items) == {2: "no JSON object"}


text = st.text('ab"{}[]\\,\n\u061f', max_size=6)
page = st.dictionaries(text, text | st.lists(text, max_size=3) | st.dictionaries(text, text, max_size=2), max_size=3)


@given(found=st.lists(page, max_size=4), indent=st.none() | st.just(1))
def test_every_outermost_object_is_cut_out_whole(
    tmp_path_factory: pytest.TempPathFactory, found: list[dict[str, Any]], indent: int | None
) -> None:
    path = tmp_path_factory.getbasetemp() / "cut.json"
    path.write_text(json.dumps(found, indent=indent), encoding="utf-8")
    with Lines(path, 1 << 20) as lines:
        assert [json.loads(text) for _line, text in objects(lines)] == found
