"""The sheets of styles hold nothing that no page has, and one thing is dressed in one place."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from tests import tabler

ROOT: Path = settings.BASE_DIR
SHEETS = sorted((ROOT / "static" / "css").glob("*.css"))
# Where classes are named: by pages, by their scripts, and by what draws without a template.
NAMED = (
    "templates/**/*.html",
    "static/js/*.js",
    "tickets/**/*.py",
    "accounts/**/*.py",
    "ingest/**/*.py",
    "care/**/*.py",
)
NAME = re.compile(r"[A-Za-z_][\w-]*")
# tickets/views/rows.py makes these of the names of icons: `s-` and the icon.
ICON = re.compile(r"s-[a-z-]+")


def selectors(sheet: Path) -> str:
    """The selectors of a sheet, a line each."""
    text = re.sub(r"/\*.*?\*/|url\(\"[^\"]*\"\)|url\([^)]*\)", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)
    return "\n".join(match[1].strip() for match in re.finditer(r"([^{};]+)\{", text))


def test_there_are_sheets_with_classes() -> None:
    assert len(SHEETS) > 15
    assert ".r-row" in selectors(ROOT / "static" / "css" / "inbox.css")


def test_every_class_that_is_dressed_stands_on_a_page_or_in_a_script() -> None:
    named = {
        name
        for pattern in NAMED
        for path in ROOT.glob(pattern)
        for name in NAME.findall(path.read_text(encoding="utf-8"))
    }
    dressed = {
        (name, sheet.name) for sheet in SHEETS for name in re.findall(r"\.(-?[A-Za-z_][\w-]*)", selectors(sheet))
    }
    assert sorted(pair for pair in dressed if pair[0] not in named and not ICON.fullmatch(pair[0])) == []


def test_a_box_to_tick_looks_alike_everywhere() -> None:
    own = [sheet.name for sheet in SHEETS if re.search(r"^[^ ]*\.r-check(?![\w-])", selectors(sheet), re.MULTILINE)]
    assert own == ["base.css"]


@pytest.mark.parametrize("sheet", tabler.SHEETS)
def test_tabler_holds_what_our_pages_use_and_nothing_that_weighs_every_element(sheet: str) -> None:
    there = selectors(tabler.VENDOR / sheet)
    assert set(re.findall(r"\.(-?[A-Za-z_][\w-]*)", re.sub(r":not\([^()]*\)", "", there))) == tabler.CLASSES
    assert ":has(" not in there


def test_a_part_of_tabler_keeps_the_properties_that_something_asks_for_and_the_queries_around_rules() -> None:
    whole = """
        :root{--tblr-asked:1px;--tblr-asks:var(--tblr-asked);--tblr-idle:2px}
        .btn,.page:has(>.nav) .btn{padding:var(--tblr-asks)}
        .carousel{color:red}
        @media (min-width:1px){.carousel{color:red}.btn:not(.carousel){color:blue!important}}
        @keyframes spin{to{rotate:1turn}}
    """
    assert tabler.trimmed(whole).split("\n")[1] == (
        ":root{--tblr-asked:1px;--tblr-asks:var(--tblr-asked)}"
        ".btn{padding:var(--tblr-asks)}"
        "@media (min-width:1px){.btn:not(.carousel){color:blue!important}}"
    )
