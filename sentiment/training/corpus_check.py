"""Whether the project's own posts keep their promises: labels that hold together, nothing said twice, no easy cues.

Nothing here changes a post; each function returns what is wrong, in the order of the files, and empty where all is
well. Pairs of posts are found by an index of rare pieces first, so that thousands are compared in seconds.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from sentiment.reading import AIMS, REASONS, TRIGGERS, URGENCIES
from sentiment.text import MENTION, search_form

DIALECTS = {
    "ar": ("gulf", "egyptian", "levantine", "iraqi", "maghrebi", "standard", "arabizi", "mixed"),
    "en": ("us", "uk", "indian", "african", "esl"),
}
SECTORS = (
    "telecom", "bank", "airline", "delivery", "retail", "ride_hailing", "government", "health", "utilities",
    "streaming", "food", "other",
)  # fmt: skip
HARD = (
    "sarcasm", "polite", "anger_elsewhere", "negation", "mixed_feelings", "vague", "question_rhetorical", "context",
    "noisy", "indirect", "lookalike", "boundary",
)  # fmt: skip
SENTIMENTS = ("negative", "neutral", "positive")
SPLITS = ("train", "val", "test")
DUPLICATE = 0.5
"""Posts with more of their pieces in common than this say the same."""
TWIN = 0.3
"""Posts with more in common than this stay in one split."""
HANDLE = re.compile(MENTION)
EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf]")

_OWED = {
    "complaint", "fault_report", "question", "request", "details_given", "threat_to_leave", "safety_or_legal",
    "unclear",
}  # fmt: skip
"""At least one of these says why an answer is owed."""
_NEVER_CLOSED = {"complaint", "fault_report", "request", "details_given", "threat_to_leave", "safety_or_legal"}
_SHORT = 15
"""Below so many pieces a text says little by itself: signs count, and what it answers."""


@dataclass(frozen=True, slots=True)
class Post:
    """One line of a file of posts; what each label means stands in docs/labels.md."""

    id: str
    text: str
    lang: str
    dialect: str
    sector: str
    hard: str
    follow_up: str
    sure: int
    reasons: tuple[str, ...]
    sentiment: str
    urgency: str
    trigger: str
    aim: str
    group: str
    """Posts of one invented situation, and near twins, share a group; a group is never parted."""
    split: str
    parent: str = ""


def load(folder: Path) -> list[Post]:
    """Every post of the folder's JSON Lines files. Raises TypeError for a line with a name too many or too few."""
    lines = [line for file in sorted(folder.glob("*.jsonl")) for line in file.read_text("utf-8").splitlines()]
    return [Post(**{**row, "reasons": tuple(row["reasons"])}) for row in map(json.loads, lines)]


def wrong_labels(posts: Sequence[Post]) -> list[str]:
    """Labels that do not exist, or contradict one another by docs/labels.md; one line of "id: what" each."""
    return [f"{post.id}: {what}" for post in posts for what in _wrong(post)]


def _wrong(post: Post) -> Iterator[str]:
    allowed = {
        "lang": tuple(DIALECTS),
        "dialect": DIALECTS.get(post.lang, ()),
        "sector": SECTORS,
        "hard": ("", *HARD),
        "follow_up": ("yes", "no"),
        "sure": (0, 1, 2),
        "sentiment": SENTIMENTS,
        "urgency": URGENCIES,
        "trigger": ("", *TRIGGERS),
        "aim": ("", *AIMS),
        "split": SPLITS,
    }
    yield from (
        f"{name} {getattr(post, name)!r}" for name, values in allowed.items() if getattr(post, name) not in values
    )
    reasons = set(post.reasons)
    if not reasons or not reasons <= set(REASONS) or len(reasons) != len(post.reasons):
        yield f"reasons {post.reasons}"
    blames = bool(reasons & {"complaint", "fault_report"})
    if blames != bool(post.trigger) or blames != bool(post.aim):
        yield "trigger and aim go with a complaint or a fault, and only with them"
    if post.follow_up == "no" and post.urgency != "low":
        yield "urgent, yet nothing is owed"
    if post.follow_up == "no" and reasons & _NEVER_CLOSED:
        yield "a reason to answer, yet nothing is owed"
    if post.follow_up == "yes" and not reasons & _OWED:
        yield "an answer is owed for no reason"
    if not post.text.strip() or "\n" in post.text:
        yield "not one line of text"


def near_duplicates(posts: Sequence[Post]) -> list[tuple[str, str]]:
    """Pairs of ids that say the same. Two short replies do only if they also answer the same."""
    texts = [_pieces(post.text) for post in posts]
    parents = [_pieces(post.parent) if post.parent else frozenset() for post in posts]
    whole = [pieces if len(pieces) >= _SHORT else _signs(post.text) for pieces, post in zip(texts, posts, strict=True)]
    return [
        (posts[one].id, posts[other].id)
        for one, other in _alike(whole, DUPLICATE)
        if max(len(texts[one]), len(texts[other])) >= _SHORT or _common(parents[one], parents[other]) > DUPLICATE
    ]


def torn_apart(posts: Sequence[Post]) -> list[tuple[str, str]]:
    """Pairs of ids that are near twins or of one group, and yet stand in different splits."""
    pairs = list(_alike([_pieces(post.text) for post in posts], TWIN))
    first: dict[str, int] = {}
    pairs += [(first.setdefault(post.group, place), place) for place, post in enumerate(posts)]
    return [(posts[one].id, posts[other].id) for one, other in pairs if posts[one].split != posts[other].split]


def long_numbers(posts: Sequence[Post]) -> list[str]:
    """Ids of posts with seven digits or more in a row (spaces and hyphens between them do not help)."""
    digits = re.compile(r"(?:\d[\s-]?){6}\d")
    return [post.id for post in posts if digits.search(post.text) or digits.search(post.parent)]


def handles_that_name(posts: Sequence[Post]) -> list[str]:
    """Ids of posts with a handle other than the stand-in: it might be somebody's."""
    return [post.id for post in posts if re.search(r"@(?!user\b)\w", f"{post.text} {post.parent}")]


def openings(posts: Sequence[Post], words: int = 5) -> Counter[str]:
    """How many posts, of those longer than that, begin with the same words."""
    starts = (_words(post.text) for post in posts)
    return Counter(" ".join(start[:words]) for start in starts if len(start) > words)


def skeletons(posts: Sequence[Post], common: int = 20, kept: int = 3) -> Counter[str]:
    """How many posts are one sentence with other words in it.

    Words that fewer than `common` posts use are masked; sentences with fewer than `kept` words left are not counted.
    """
    sentences = [_words(post.text) for post in posts]
    used = Counter(word for sentence in sentences for word in set(sentence))
    masked = ([word if used[word] >= common else "_" for word in sentence] for sentence in sentences)
    return Counter(" ".join(words) for words in masked if sum(word != "_" for word in words) >= kept)


def cue_gap(posts: Sequence[Post], lang: str, cue: re.Pattern[str]) -> float:
    """Share of posts with `cue` among those owed an answer, less that among the others: -1 to 1, 0 is no cue."""
    found = {
        answer: [bool(cue.search(post.text)) for post in posts if (post.lang, post.follow_up) == (lang, answer)]
        for answer in ("yes", "no")
    }
    return sum(found["yes"]) / len(found["yes"]) - sum(found["no"]) / len(found["no"])


def composition(posts: Sequence[Post], name: str) -> Counter[str]:
    """How many posts have each value of the label or fact `name` ("reasons" counts every reason of a post)."""
    if name not in {field.name for field in fields(Post)}:
        raise ValueError(f"posts have no {name}")
    values = (getattr(post, name) for post in posts)
    return Counter(part for value in values for part in (value if isinstance(value, tuple) else (str(value),)))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", search_form(re.sub(r"@user|\bhttp\b", " ", text)))


def _pieces(text: str) -> frozenset[str]:
    """Every four characters in a row of its words, handles, links and signs aside."""
    return _fours(" ".join(_words(re.sub(r"^RT\b", " ", text))))


def _signs(text: str) -> frozenset[str]:
    """Every four characters of all there is but handles."""
    return _fours(" ".join(text.replace(MENTION, " ").split()))


def _fours(text: str) -> frozenset[str]:
    return frozenset(text[place : place + 4] for place in range(max(1, len(text) - 3)))


def _common(one: frozenset[str], other: frozenset[str]) -> float:
    """Jaccard's index: 0 to 1, 1 for two empty sets."""
    return len(one & other) / len(one | other) if one or other else 1.0


def _alike(sets: Sequence[frozenset[str]], floor: float) -> Iterator[tuple[int, int]]:
    """Places of all pairs with more than `floor` in common.

    Two such sets share at least one of each one's rarest pieces (all but a `floor` of them), so only those are indexed.
    """
    often = Counter(piece for pieces in sets for piece in pieces)
    index: defaultdict[str, list[int]] = defaultdict(list)
    for place, pieces in enumerate(sets):
        rarest = sorted(pieces, key=lambda piece: (often[piece], piece))[: len(pieces) - int(floor * len(pieces)) + 1]
        met: set[int] = set()
        for piece in rarest:
            met.update(index[piece])
            index[piece].append(place)
        yield from ((other, place) for other in sorted(met) if _common(pieces, sets[other]) > floor)
