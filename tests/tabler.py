"""`python -m tests.tabler FOLDER`: the part of Tabler that Radd's pages use, out of the style sheets of npm's package.

Whole, a sheet of Tabler weighs 635 KB, of which a page of Radd can match a thirtieth; and some of its selectors for
things we do not have, `:has(:focus-visible)` under any element, make the browser weigh every element of the page anew
at each move of the focus. Kept is what elements look like by themselves, the classes of CLASSES, and of the custom
properties those that something kept, or a sheet of ours, still asks for.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import tinycss2
from tinycss2.ast import AtRule, Node, QualifiedRule

ROOT = Path(__file__).resolve().parents[1]
VENDOR, OURS = ROOT / "static" / "vendor", ROOT / "static" / "css"
SHEETS = ("tabler.min.css", "tabler.rtl.min.css")
CLASSES = {
    "btn", "btn-ghost", "btn-icon", "btn-primary", "disabled", "active",
    "form-control", "form-select", "form-check-input", "strong",
}  # fmt: skip
# Attributes of elements that our pages have, and of Tabler's own those that we set.
ATTRIBUTES = {"data-bs-theme", "dir", "type", "disabled", "multiple", "size", "href", "hidden", "title", "role", "list"}
CLASS, ATTRIBUTE = re.compile(r"\.(-?[A-Za-z_][\w-]*)"), re.compile(r"\[([a-z-]+)")
ASKED, GIVEN = re.compile(r"var\(\s*(--[\w-]+)"), re.compile(r"^--[\w-]+$")
LICENCE = "/*! Tabler, MIT licence, https://tabler.io: the part that Radd uses (tests/tabler.py) */\n"
NESTED = {"media", "supports"}


def trimmed(sheet: str) -> str:
    """The sheet without what no page of ours matches, and without properties that nobody asks for any more."""
    kept = list(fitting(tinycss2.parse_stylesheet(sheet, skip_comments=True, skip_whitespace=True)))
    ours = "".join(path.read_text(encoding="utf-8") for path in OURS.glob("*.css"))
    names: set[str] = set()
    while True:
        text = "".join(written(kept, names))
        asked = set(ASKED.findall(text)) | set(ASKED.findall(ours))
        if asked <= names:
            return LICENCE + text + "\n"
        names |= asked


def fitting(rules: Iterable[Node]) -> Iterator[tuple[str, Any]]:
    """What stays: selectors with the tokens of their declarations, and the head of a group with what is in it."""
    for rule in rules:
        if isinstance(rule, QualifiedRule):
            selectors = [one for one in alternatives(tinycss2.serialize(rule.prelude)) if is_ours(one)]
            if selectors:
                yield ",".join(selectors), rule.content
        elif isinstance(rule, AtRule) and rule.at_keyword in NESTED and rule.content:
            inner = list(fitting(tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)))
            if inner:
                yield f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}", inner


def alternatives(selectors: str) -> list[str]:
    """The selectors of a list; commas inside brackets part nothing."""
    found, depth = [""], 0
    for letter in selectors.strip():
        depth += (letter in "([") - (letter in ")]")
        if letter == "," and not depth:
            found.append("")
        else:
            found[-1] += letter
    return found


def is_ours(selector: str) -> bool:
    """Whether an element of our pages can match."""
    wanted = re.sub(r":not\([^()]*\)", "", selector)
    has_ours = set(CLASS.findall(wanted)) <= CLASSES and set(ATTRIBUTE.findall(wanted)) <= ATTRIBUTES
    return has_ours and ":has(" not in selector


def written(kept: Iterable[tuple[str, Any]], names: set[str]) -> Iterator[str]:
    """The rules as text, with the custom properties of these names alone; what is left empty is left out."""
    for head, body in kept:
        inner = "".join(written(body, names)) if head.startswith("@") else ";".join(declarations(body, names))
        if inner:
            yield f"{head}{{{inner}}}"


def declarations(content: list[Node], names: set[str]) -> Iterator[str]:
    for one in tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True):
        if one.type == "declaration" and (not GIVEN.match(one.name) or one.name in names):
            yield f"{one.name}:{tinycss2.serialize(one.value).strip()}{'!important' if one.important else ''}"


def main(folder: Path) -> None:
    """Write both sheets from `dist/css` of the package."""
    for name in SHEETS:
        whole = (folder / name).read_text(encoding="utf-8")
        part = trimmed(whole)
        (VENDOR / name).write_text(part, encoding="utf-8")
        print(f"{name}: {len(part)} of {len(whole)} characters")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
