"""What is new in a mail: its text without what it quotes and without its signature.

Mailers mark what is old in many ways: "> " before each line, "On … wrote:", "كتب … في …:", a block of From, Sent, To
and Subject, a line of dashes. Nothing is thrown away: what is folded comes back beside what is new.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

LONGEST_TEXT = 20_000
LONGEST_QUOTED = 20_000
LONGEST_SIGNATURE = 2_000
# Nobody reads beyond, and a mail may be as long as it likes.
MOST_READ = 200_000
MOST_LINES = 5_000
SIGNATURE_LINES = 12
# How many lines an attribution is broken into by mailers that wrap it.
WRAPPED = 4
HEADER_LINES = 7

# What mailers put around names and numbers so that both directions stand well, and the stars of bold text.
MARKS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069*]")
ORIGINAL = re.compile(
    r"^[-_]{2,}\s*(?:original (?:message|appointment)|reply message|(?:ال)?رسالة (?:ال)?[أا]صلية|النص الأصلي"
    r"|message d'origine|mensaje original|ursprüngliche nachricht)\s*[-_]{2,}$",
    re.IGNORECASE,
)
FORWARDED = re.compile(
    r"^(?:-{2,}\s*(?:forwarded message|(?:ال)?رسالة (?:ال)?مُ?عاد(?:ة)? توجيهها|رسالة محولة)\s*-{2,}"
    r"|begin forwarded message:|(?:بدء|بداية) الرسالة المُ?عاد توجيهها:)$",
    re.IGNORECASE,
)
FROM = re.compile(r"^(?:from|من|المرسل|de|von)\s*[:：]", re.IGNORECASE)
OTHER_HEADER = re.compile(
    r"^(?:sent|date|to|cc|subject|reply-to|importance|(?:ال)?تاريخ(?: الإرسال)?|(?:تم )?الإرسال|[أا]ُ?رسلت?(?: في)?"
    r"|[إا]لى|(?:ال)?موضوع|نسخة(?: إلى)?|envoyé|à|objet|enviado|para|asunto|gesendet|an|betreff)\s*[:：]",
    re.IGNORECASE,
)
BEGINS = re.compile(r"^(?:-*\s*on\b|(?:و?في|بتاريخ|يوم|(?:وقد )?كتبت?)\b|le\b|el\b|am\b)|.{1,120}@", re.IGNORECASE)
WROTE = (
    re.compile(r"^-*\s*On\b.{6,300}\bwrote\s*(?::|-{2,})$", re.IGNORECASE),
    re.compile(r"^.{1,160}<?[^\s<>]+@[^\s<>]+>?\s+wrote\s*:$", re.IGNORECASE),
    re.compile(r"^(?:و?في|بتاريخ|يوم)\b.{4,300}(?:كتبت?(?:/كتبت)?|كتابة ما يلي بواسطة)\b.{0,200}[:：]$"),
    re.compile(r"^(?:وقد )?كتبت?\b.{2,300}\b(?:في|بتاريخ|يوم)\b.{3,200}[:：]$"),
    re.compile(r"^(?:Le|El|Am)\b.{6,300}(?:a écrit|escribió|schrieb)\b.{0,160}:$", re.IGNORECASE),
)
# A moment or an address: what a mailer puts in, and a person who tells a story mostly does not.
DATED = re.compile(r"@|\d{1,2}[:٫.]\d{2}|\d{4}|\d{1,2}[/.\-]\d{1,2}[/.\-]\d{2}")
RULE = re.compile(r"^[_\-=]{5,}$")
DASHES = re.compile(r"^--\s*$")
BY_PHONE = re.compile(
    r"^(?:sent from (?:my|yahoo mail|outlook|mail for|samsung|proton)\b.{0,60}|get outlook for \w+.{0,80}"
    r"|(?:تم الإرسال من|مرسل(?:ة)? من|[أا]ُ?رسلت من|الإرسال من)\b.{0,60}|envoyé de mon .{0,40})$",
    re.IGNORECASE,
)
# A mailbox file puts ">" before a line that begins with "From ": such a line is nobody's quote.
MBOX_FROM = re.compile(r"^>+From ")


@dataclass(frozen=True, slots=True)
class Folded:
    """A mail's text in three: what is new, what it quotes, and its signature."""

    new: str
    quoted: str = ""
    signature: str = ""


def fold(text: str, *, answers: bool, forwards: bool = False) -> Folded:
    """Part a mail. `answers`: it says to be an answer; `forwards`: what it quotes is what it wants to show.

    Where nothing would be new in a mail that answers nothing, all of it is.
    """
    lines = _lines(text)
    sorting = _Sorting()
    end = len(lines) if forwards else _sort(lines, sorting, answers=answers)
    sorting.new += lines[:end] if forwards else []
    sorting.quoted += lines[end:]
    new, signature = _without_signature(sorting.new)
    if not _said(new) and not answers:
        new, signature, sorting.quoted = lines, [], []
    return Folded(
        _joined(new, LONGEST_TEXT), _joined(sorting.quoted, LONGEST_QUOTED), _joined(signature, LONGEST_SIGNATURE)
    )


def unflowed(text: str, *, delete_space: bool = False) -> str:
    """Text of format=flowed (RFC 3676) with its paragraphs whole again."""
    out: list[str] = []
    open_mark: str | None = None
    for line in text.replace("\r\n", "\n").split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        mark, rest = line[:depth], line[depth:].removeprefix(" ")
        if open_mark == mark and rest != "-- ":
            out[-1] += rest
        else:
            out.append(f"{mark} {rest}" if mark else rest)
        flows = rest.endswith(" ") and rest != "-- "
        if flows and delete_space:
            out[-1] = out[-1][:-1]
        open_mark = mark if flows else None
    return "\n".join(out)


@dataclass(slots=True)
class _Sorting:
    new: list[str] = field(default_factory=list)
    quoted: list[str] = field(default_factory=list)


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text[:MOST_READ].replace("\r\n", "\n").replace("\r", "\n").split("\n")][
        :MOST_LINES
    ]


def _sort(lines: list[str], sorting: _Sorting, *, answers: bool) -> int:
    """Sort line by line; returns where everything after is old."""
    bare = [MARKS.sub("", line).strip() for line in lines]
    at = 0
    while at < len(lines):
        if FORWARDED.match(bare[at]):
            sorting.new += lines[at:]
            return len(lines)
        if _is_quote(lines, at) and (answers or sorting.quoted):
            sorting.quoted.append(lines[at])
            at += 1
        elif length := _attribution(bare, at):
            if not _next_said(bare, at + length).startswith(">"):
                return at
            sorting.quoted += lines[at : at + length]
            at += length
        elif _all_old_from(bare, at):
            return at
        else:
            sorting.new.append(lines[at][1:] if MBOX_FROM.match(lines[at]) else lines[at])
            at += 1
    return len(lines)


def _is_quote(lines: list[str], at: int) -> bool:
    if not lines[at].startswith(">"):
        return False
    beside = [line for line in lines[max(at - 1, 0) : at + 2] if line.startswith(">")]
    return not MBOX_FROM.match(lines[at]) or len(beside) > 1


def _attribution(bare: Sequence[str], at: int) -> int:
    """How many lines from here on say who wrote what follows, and when; 0 if none does."""
    if not BEGINS.match(bare[at]):
        return int(_stands_above_quote(bare, at))
    joined = ""
    for length in range(1, min(WRAPPED, len(bare) - at) + 1):
        joined = f"{joined} {bare[at + length - 1]}".strip()
        if not bare[at + length - 1] or len(joined) > 500:
            break
        if any(pattern.match(joined) for pattern in WROTE) and DATED.search(joined):
            return length
    return int(_stands_above_quote(bare, at))


def _stands_above_quote(bare: Sequence[str], at: int) -> bool:
    """In any language: a line with a moment or an address, ending in a colon, right above a quote."""
    line = bare[at]
    return (
        line.endswith((":", "："))
        and len(line) < 300
        and bool(DATED.search(line))
        and _next_said(bare, at + 1).startswith(">")
    )


def _all_old_from(bare: Sequence[str], at: int) -> bool:
    line = bare[at]
    if ORIGINAL.match(line):
        return True
    if RULE.match(line):
        following = next((n for n in range(at + 1, min(at + 3, len(bare))) if bare[n]), at)
        return following > at and _is_header_block(bare, following)
    return _is_header_block(bare, at)


def _is_header_block(bare: Sequence[str], at: int) -> bool:
    if not FROM.match(bare[at]):
        return False
    below = [line for line in bare[at + 1 : at + 1 + 2 * HEADER_LINES] if line][:HEADER_LINES]
    return sum(bool(OTHER_HEADER.match(line)) for line in below) >= 2


def _next_said(bare: Sequence[str], at: int) -> str:
    return next((line for line in bare[at : at + 4] if line), "")


def _without_signature(lines: list[str]) -> tuple[list[str], list[str]]:
    for at, line in enumerate(lines):
        if DASHES.match(line) and sum(map(bool, lines[at + 1 :])) <= SIGNATURE_LINES and _said(lines[:at]):
            return lines[:at], lines[at + 1 :]
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    if end and BY_PHONE.match(MARKS.sub("", lines[end - 1]).strip()):
        return lines[: end - 1], lines[end - 1 : end]
    return lines, []


def _said(lines: Sequence[str]) -> bool:
    return any(MARKS.sub("", line).strip() for line in lines)


def _joined(lines: Sequence[str], longest: int) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()[:longest]
