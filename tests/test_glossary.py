"""The glossary of docs/design.md says what the catalogue says: each word of the product has one Arabic word."""

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT: Path = settings.BASE_DIR
ENTRY = re.compile(r'^(msgid|msgstr(?:\[\d\])?) ((?:"(?:[^"\\]|\\.)*"\n?)+)', re.MULTILINE)
LINE = re.compile(r"^\| ([A-Z][a-z ]+) \| ([^|a-zA-Z]+) \| [^|]+ \|$", re.MULTILINE)
# Short vowels and the stretching of letters.
SIGNS = re.compile("[\u064b-\u0652\u0640]")


def bare(arabic: str) -> str:
    """Without its article and signs, as it is joined to other words."""
    return re.sub(r"^ال", "", SIGNS.sub("", arabic.strip()))


def catalogue() -> list[tuple[str, str]]:
    """What stands in the Arabic catalogue, English and Arabic, one plural form a line."""
    text = (ROOT / "locale" / "ar" / "LC_MESSAGES" / "django.po").read_text(encoding="utf-8")
    found = []
    for entry in re.split(r"\n\s*\n", text):
        said = {name: "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', lines)) for name, lines in ENTRY.findall(entry)}
        found += [(said["msgid"], arabic) for name, arabic in said.items() if name != "msgid" and said.get("msgid")]
    return found


PHRASES = catalogue()
GLOSSARY = LINE.findall((ROOT / "docs" / "design.md").read_text(encoding="utf-8").partition("### Glossary")[2])[1:]


def test_there_is_a_glossary_and_a_catalogue() -> None:
    assert len(GLOSSARY) > 40
    assert len(PHRASES) > 1_000


@pytest.mark.parametrize(("english", "arabic"), GLOSSARY)
def test_the_catalogue_uses_the_word_of_the_glossary(english: str, arabic: str) -> None:
    alone = {bare(told) for msgid, told in PHRASES if msgid == english}
    assert not alone or bare(arabic) in alone
    word = re.compile(rf"\b{english}", re.IGNORECASE)
    assert any(bare(arabic) in bare(told) for msgid, told in PHRASES if word.search(msgid))
