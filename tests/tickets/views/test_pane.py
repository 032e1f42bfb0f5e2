"""The small picture of a ticket's sentiment beside it."""

import pytest

from tickets.views.pane import Curve


@pytest.mark.parametrize(("answer", "before"), [(None, False), (40.0, False), (117.0, False), (190.0, True)])
def test_the_word_for_our_answer_stands_where_there_is_room_for_it(answer: float | None, before: bool) -> None:
    curve = Curve(
        points="", first=(8.0, 50.0), last=(228.0, 20.0), zero=30.0, first_value=-0.7, last_value=0.4, answer=answer
    )
    assert curve.names_answer_before is before
