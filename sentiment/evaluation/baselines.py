"""What a reader must beat: VADER's word list, and TF-IDF with logistic regression.

Their packages belong to the extra `train` and are loaded only when asked for.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import Any

from sentiment.evaluation.answers import Answer
from sentiment.evaluation.resampling import SEED
from sentiment.evaluation.rows import Labelled
from sentiment.text import clean, search_form

VADER = "VADER"
TFIDF = "TF-IDF + LR"
FOLDS = 5
PACKAGES = {"vaderSentiment": "vaderSentiment", "sklearn": "scikit-learn"}
_CERTAIN = 0.05
"""VADER's own bounds: from this compound score positive, to its negative negative."""


class BaselinesMissingError(RuntimeError):
    """Packages of the baselines are not installed."""


@dataclass(frozen=True, slots=True)
class _Task:
    """A label that TF-IDF learns, how it is read off a row, and how an answer is made of class and probability."""

    name: str
    label: Callable[[Labelled], str | None]
    answer: Callable[[Answer, dict[str, float]], Answer]


def check() -> None:
    """Raises BaselinesMissingError naming what to install."""
    missing = [package for module, package in PACKAGES.items() if find_spec(module) is None]
    if missing:
        raise BaselinesMissingError(
            f"the baselines need {' and '.join(missing)}, not installed here: pip install radd[train]"
        )


def vader(rows: Sequence[Labelled]) -> list[Answer]:
    """VADER's sentiment of each text as it stands (Hutto and Gilbert, ICWSM 2014); its lists are English."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyser = SentimentIntensityAnalyzer()
    return [Answer(sentiment=_by_compound(analyser.polarity_scores(row.text)["compound"])) for row in rows]


def tfidf(
    files: Sequence[Sequence[Labelled]], training: Sequence[Labelled] = ()
) -> list[tuple[list[Answer], list[str]]]:
    """For each file the answers, and notes on how they were learned: from `training`, else by cross-validation.

    Training rows whose text is in the file are left out for it. A label is cross-validated where `training` lacks it.
    """
    learner = _Learner(training)
    return [_answered(file, learner) for file in files]


class _Learner:
    """Fits once for each set of training rows that may be used."""

    def __init__(self, training: Sequence[Labelled]) -> None:
        self._training = [(_same(row.text), row) for row in training]
        self._fitted: dict[tuple[str, frozenset[str]], tuple[Any, str] | None] = {}

    def without(self, file: Sequence[Labelled], task: _Task) -> tuple[Any, str] | None:
        """What was learned of a task from all rows but the file's own, and a note; None where it cannot be learned."""
        barred = frozenset(_same(row.text) for row in file) & frozenset(text for text, _ in self._training)
        key = (task.name, barred)
        if key not in self._fitted:
            usable = [row for text, row in self._training if text not in barred]
            self._fitted[key] = self._noted(_fitted(usable, task), len(self._training) - len(usable))
        return self._fitted[key]

    def _noted(self, fitted: tuple[Any, int] | None, left_out: int) -> tuple[Any, str] | None:
        if fitted is None:
            return None
        learner, rows = fitted
        besides = f", {left_out:,} left out that are in this file" if left_out else ""
        return learner, f"trained on {rows:,} rows of the files given for it{besides}"


def _answered(file: Sequence[Labelled], learner: _Learner) -> tuple[list[Answer], list[str]]:
    answers, notes = [Answer() for _ in file], []
    for task in TASKS:
        if not any(task.label(row) for row in file):
            continue
        learned = learner.without(file, task)
        given, note = (_chances(learned[0], file), learned[1]) if learned else _by_folds(file, task)
        pairs = zip(answers, given, strict=True)
        answers = [task.answer(answer, chances) if chances else answer for answer, chances in pairs]
        notes.append(f"{TFIDF}, {task.name}: {note}")
    return answers, notes


def _tone(answer: Answer, chances: dict[str, float]) -> Answer:
    likeliest = max(chances, key=lambda name: chances[name])
    return replace(answer, sentiment=likeliest, confidence=chances[likeliest])


def _follow_up(answer: Answer, chances: dict[str, float]) -> Answer:
    return replace(answer, follow_up=chances["yes"], threshold=0.5, is_probability=True)


TASKS = (
    _Task("sentiment", lambda row: row.sentiment, _tone),
    _Task("follow_up", lambda row: None if row.follow_up is None else "yes" if row.follow_up else "no", _follow_up),
)


def _by_compound(compound: float) -> str:
    if compound >= _CERTAIN:
        return "positive"
    return "negative" if compound <= -_CERTAIN else "neutral"


def _pipeline() -> Any:
    """Words and pairs of words, and runs of 2 to 5 characters within words, into one logistic regression."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline, make_union

    features = make_union(
        TfidfVectorizer(analyzer="word", ngram_range=(1, 2), sublinear_tf=True),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True),
    )
    return make_pipeline(features, LogisticRegression(C=1.0, class_weight="balanced", max_iter=1000))


def _fitted(training: Sequence[Labelled], task: _Task) -> tuple[Any, int] | None:
    """A learner and how many rows it saw; None where there is nothing to tell apart."""
    known = [(clean(row.text), label) for row in training if (label := task.label(row)) is not None]
    if len({label for _, label in known}) < 2:
        return None
    return _pipeline().fit([text for text, _ in known], [label for _, label in known]), len(known)


def _by_folds(file: Sequence[Labelled], task: _Task) -> tuple[list[dict[str, float] | None], str]:
    """Each labelled row answered by a learner that saw the other folds; equal texts stay in one fold."""
    from sklearn.model_selection import StratifiedGroupKFold

    given: list[dict[str, float] | None] = [None] * len(file)
    known = [(number, label) for number, row in enumerate(file) if (label := task.label(row)) is not None]
    labels = [label for _, label in known]
    smallest = min(map(labels.count, set(labels)))
    if len(set(labels)) < 2 or smallest < 2:
        return given, "left out: too few rows of a class to learn from"
    folds = min(FOLDS, smallest)
    groups = [_same(file[number].text) for number, _ in known]
    split = StratifiedGroupKFold(folds, shuffle=True, random_state=SEED % 2**31).split(groups, labels, groups)
    for seen, unseen in split:
        learned = _fitted([file[known[place][0]] for place in seen], task)
        if learned is None:
            continue
        asked = [known[place][0] for place in unseen]
        for number, chances in zip(asked, _chances(learned[0], [file[number] for number in asked]), strict=True):
            given[number] = chances
    return (
        given,
        f"{folds}-fold cross-validation on this very file, which flatters it beside a reader that never saw it",
    )


def _chances(learner: Any, rows: Sequence[Labelled]) -> list[dict[str, float] | None]:
    table = learner.predict_proba([clean(row.text) for row in rows])
    return [dict(zip(learner.classes_, map(float, row), strict=True)) for row in table]


def _same(text: str) -> str:
    return search_form(clean(text))
