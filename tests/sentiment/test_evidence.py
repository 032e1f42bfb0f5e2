"""Claims about finding a model's words again in the text as it was written."""

from sentiment.evidence import marks
from sentiment.reading import Word
from sentiment.text import clean


def found(given: str, *places: int) -> list[str]:
    return [given[mark.start : mark.end] for mark in marks(given, clean(given), [Word(place, 1.0) for place in places])]


def test_a_word_keeps_its_place_behind_handles_and_links():
    assert found("@Naqla_Care  your app https://t.co/x keeps   crashing!", 5) == ["crashing!"]


def test_the_same_word_twice_is_marked_where_the_model_saw_it():
    given = "late late reply"
    (mark,) = marks(given, clean(given), [Word(1, 0.5)])
    assert (mark.start, mark.end, mark.weight) == (5, 9, 0.5)


def test_arabic_words_are_marked_in_the_order_of_the_text():
    assert found("الطلب لين الحين ما وصل @user", 4, 3) == ["ما", "وصل"]


def test_words_are_found_where_cleaning_changed_their_number():
    assert found("good&nbsp;grief the refund never came", 3, 4) == ["refund", "never"]


def test_a_word_that_was_made_by_cleaning_is_left_out():
    assert found("a&nbsp;b c", 0) == []


def test_nothing_to_mark_gives_nothing():
    assert marks("anything", "anything", []) == ()
    assert marks("", "", [Word(0, 1.0)]) == ()
