"""Claims about asking: every row is read once with what it answers, in order, and the clock runs over it."""

from sentiment.evaluation.asking import WARM_UP, ask, warm_up
from sentiment.evaluation.rows import Labelled
from sentiment.reading import Care, Scores


class Listening:
    name, version = "listening", "1"

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def score(self, texts):
        return self.score_replies(texts, [""] * len(texts))

    def score_replies(self, texts, parents):
        self.asked += zip(texts, parents, strict=True)
        return [Scores(0.9, 0.1, 0.0, Care(len(text) / 100, 0.5, ("complaint",), "high")) for text in texts]


def test_rows_are_read_with_what_they_reply_to_and_answered_in_order():
    backend = Listening()
    answers, seconds = ask(backend, [Labelled("yes, still broken", parent="Is it solved?"), Labelled("hello")])
    assert sorted(backend.asked) == [("hello", ""), ("yes, still broken", "Is it solved?")]
    assert [answer.follow_up for answer in answers] == [0.17, 0.05]
    assert seconds > 0


def test_a_warm_up_reads_a_few_rows_only():
    backend = Listening()
    warm_up(backend, [Labelled(f"text {n}") for n in range(1000)])
    assert len(backend.asked) == WARM_UP
