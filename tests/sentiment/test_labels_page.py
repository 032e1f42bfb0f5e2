"""Claims about docs/labels.md: every label that a reading or a post can bear is explained there."""

from pathlib import Path

import pytest

from sentiment.reading import AIMS, REASONS, TRIGGERS, URGENCIES
from sentiment.training import corpus_check as check

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "labels.md").read_text("utf-8")


@pytest.mark.parametrize("name", [*REASONS, *TRIGGERS, *AIMS, *check.HARD, *check.SENTIMENTS])
def test_the_page_explains_it(name):
    assert f"`{name}`" in PAGE


@pytest.mark.parametrize("name", [*URGENCIES, "yes", "no"])
def test_the_page_says_when(name):
    assert f"**{name}**" in PAGE


@pytest.mark.parametrize("name", [*check.DIALECTS["ar"], *check.DIALECTS["en"]])
def test_the_page_names_the_dialect(name):
    assert name in PAGE.partition("`dialect`")[2]
