"""What X's search is asked for: posts that speak of us without naming our account.

Search looks back seven days, costs for every post it finds, and answers to a query of 512 characters; many keywords
make several queries, each with a walk of its own.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from ingest.platforms.base import Json, PlatformError
from ingest.platforms.x.parse import age, id_at, moment

RECENT = "/2/tweets/search/recent"
LONGEST_QUERY = 512
MOST_QUERIES = 5
LONGEST_RULE = 1024
MOST_RULES = 25
# The first look at a keyword reads no more of the past than this: older posts are a backfill's, which is asked for.
FIRST_LOOK = timedelta(days=1)
KEPT = timedelta(days=7)
# A word, a hashtag, a cashtag or a name, in any script, that search takes as it stands.
PLAIN = re.compile(r"[#$@]?\w+")
OPERATORS = {"or", "and", "not"}
HANDLE = re.compile(r"\w{1,15}", re.ASCII)


def queries(options: Json, handle: str, *, longest: int = LONGEST_QUERY, most: int = MOST_QUERIES) -> list[str]:
    """The queries for the keywords of `options`: a list, or a text with one a line or commas between.

    Our own posts and reposts are left out. Raises PlatformError where the keywords do not fit.
    """
    return _fitted(_words(options), handle, longest, most)


def rules(options: Json, handle: str) -> list[str]:
    """The rules by which the filtered stream finds the same, and what names us."""
    name = handle.lstrip("@")
    names = [f"@{name}"] if HANDLE.fullmatch(name) else []
    return _fitted([*names, *_words(options)], handle, LONGEST_RULE, MOST_RULES)


def _fitted(words: Sequence[str], handle: str, longest: int, most: int) -> list[str]:
    tail = " -is:retweet"
    if HANDLE.fullmatch(handle.lstrip("@")):
        tail += f" -from:{handle.lstrip('@')}"
    made: list[str] = []
    held: list[str] = []
    for term in map(_term, words):
        if len(_joined([term], tail)) > longest:
            raise PlatformError("bad_options", f"A keyword is too long for X's search: {term[:100]}", permanent=True)
        if len(_joined([*held, term], tail)) > longest:
            made.append(_joined(held, tail))
            held = []
        held.append(term)
    if held:
        made.append(_joined(held, tail))
    if len(made) > most:
        raise PlatformError("bad_options", f"Too many keywords for {most} searches of X", permanent=True)
    return made


def cursors(known: Json, asked: Sequence[str], now: datetime) -> dict[str, Json]:
    """For each query the cursor of its walk.

    A query whose words have changed goes on from where the one furthest behind stood, so that no keyword loses a post
    by moving from one query into another. A mark older than what X keeps is dropped: then all it has is read.
    """
    first = id_at(now - FIRST_LOOK)
    marks = [str(cursor.get("since_id") or first) for cursor in known.values()]
    begin = min(marks, key=age, default=first)
    return {query: _fresh(known.get(name_of(query)) or {"since_id": begin}, now) for query in asked}


def name_of(query: str) -> str:
    """A short name by which a cursor knows the query it belongs to."""
    return sha256(query.encode()).hexdigest()[:12]


def _fresh(cursor: Json, now: datetime) -> Json:
    mark = cursor.get("since_id", "")
    if "pending" in cursor or not mark or moment(mark) > now - KEPT:
        return cursor
    return {"pending": {"newest_id": "", "next_token": "", "since_id": ""}}


def _words(options: Json) -> list[str]:
    told = options.get("keywords")
    given = re.split(r"[,\n]", told) if isinstance(told, str) else list(told) if isinstance(told, list | tuple) else []
    words = [" ".join(str(word).replace('"', " ").replace("\\", " ").split()) for word in given]
    return list({word.casefold(): word for word in words if word}.values())


def _term(word: str) -> str:
    """As a query says it: quoted, so that nothing a person typed is taken for an operator."""
    return word if PLAIN.fullmatch(word) and word.lower() not in OPERATORS else f'"{word}"'


def _joined(terms: Sequence[str], tail: str) -> str:
    return f"({' OR '.join(terms)}){tail}"
