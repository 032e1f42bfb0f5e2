"""A long answer in parts: each fits, nothing is lost, nothing is torn."""

import re
import unicodedata

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from ingest.platforms.base import Length
from tickets.answering.splitting import CannotSplit, LongWord, Measure, Part, TooManyParts, split


def letters(limit: int) -> Measure:
    """A platform that counts letters."""
    return lambda text: Length(len(text), limit)


def octets(limit: int) -> Measure:
    """A platform that counts bytes."""
    return lambda text: Length(len(text.encode()), limit)


def texts(parts: list[Part]) -> list[str]:
    return [part.text for part in parts]


def test_what_fits_is_one_part_without_a_number() -> None:
    assert split("We are on it.", letters(13), 5) == [Part("We are on it.")]
    assert texts(split("We are on it.", letters(13), 5)) == ["We are on it."]


def test_a_cut_stands_behind_a_sentence_where_one_ends_well() -> None:
    text = "I am sorry for this. Your line was cut by a storm last night. It is back now."
    assert texts(split(text, letters(48), 5)) == [
        "I am sorry for this. 1/3",
        "Your line was cut by a storm last night. 2/3",
        "It is back now. 3/3",
    ]


def test_arabic_is_cut_behind_its_own_marks() -> None:
    text = "نعتذر لك عن هذا الانقطاع، وقد أصلحناه صباح اليوم. هل عادت الخدمة عندك؟ أخبرنا بذلك"
    assert texts(split(text, letters(60), 5)) == [
        "نعتذر لك عن هذا الانقطاع، وقد أصلحناه صباح اليوم. 1/2",
        "هل عادت الخدمة عندك؟ أخبرنا بذلك 2/2",
    ]
    assert texts(split(text, letters(40), 5))[0] == "نعتذر لك عن هذا الانقطاع، 1/3"
    urdu = "ہم معذرت خواہ ہیں۔ آپ کی سروس بحال کر دی گئی ہے۔ شکریہ"
    assert texts(split(urdu, letters(36), 5))[0] == "ہم معذرت خواہ ہیں۔ 1/3"


def test_a_new_line_ends_a_sentence_and_a_full_stop_within_one_does_not() -> None:
    assert split("Hello Reem\n\nyour line is back and well", letters(30), 5)[0].said == "Hello Reem\n\n"
    assert (
        split("it takes approx. two days and not one day more", letters(30), 5)[0].said == "it takes approx. two days "
    )


def test_a_sentence_that_ends_too_early_is_no_place_to_cut() -> None:
    parts = split("Hi. " + "word " * 20, letters(40), 9)
    assert len(parts[0].text) > 30


def test_where_sentences_make_too_many_parts_words_are_cut() -> None:
    text = "This one has 22 letters. " * 4
    assert len(split(text, letters(40), 4)) == 4
    assert len(split(text, letters(40), 3)) == 3


def test_chinese_and_japanese_are_cut_behind_their_full_stops_but_not_within_a_link() -> None:
    text = "ご不便をおかけしております。現在復旧作業中です。少々お待ちください。"
    assert [part.said for part in split(text, letters(20), 5)] == [
        "ご不便をおかけしております。",
        "現在復旧作業中です。",
        "少々お待ちください。",
    ]
    with pytest.raises(LongWord):
        split("https://例え。example/" + "x" * 20, letters(25), 5)


@pytest.mark.parametrize("word", ["https://nawa.example/" + "a" * 30, "@" + "b" * 40, "#" + "ج" * 40, "x" * 41])
def test_a_word_longer_than_a_part_is_refused_by_name(word: str) -> None:
    with pytest.raises(LongWord) as refused:
        split(f"please see {word} and tell us", letters(40), 5)
    assert refused.value.word == word


def test_more_parts_than_may_be_are_refused() -> None:
    with pytest.raises(TooManyParts) as refused:
        split("word " * 100, letters(40), 5)
    assert refused.value.most == 5
    with pytest.raises(TooManyParts):
        split("word word word", letters(8), 1)


def test_numbers_of_two_digits_have_their_room() -> None:
    parts = split("abcd " * 60, letters(20), 99)
    assert len(parts) > 9
    assert max(len(part.text) for part in parts) <= 20
    assert parts[-1].number == f"{len(parts)}/{len(parts)}"


def test_a_space_that_asks_not_to_be_broken_is_not() -> None:
    parts = split("we owe you exactly 10\u00a0000\u00a0riyals and more", letters(26), 5)
    assert any("10\u00a0000\u00a0riyals" in part.said for part in parts)


LETTERS = "ab. ?!\n،؟۔؛ #@/:'\"«»。\u00a0\u0301\u064b\u200d👨‍👩‍👧👍🏽é\r"
anything = st.one_of(
    st.text(alphabet=st.sampled_from(LETTERS), max_size=200),
    st.lists(
        st.sampled_from(
            [
                "hello",
                "شكرا",
                "https://nawa.example/a?b=1",
                "@nawa_care",
                "#خدمة",
                "yes.",
                "لا؟",
                "نعم،",
                "👨‍👩‍👧",
                "\n\n",
                "e\u0301",
            ]
        ),
        max_size=60,
    ).map(" ".join),
    st.text(max_size=120),
)


def tried(text: str, measure: Measure, most: int) -> tuple[list[Part], CannotSplit | None]:
    """The parts, or why there are none."""
    try:
        return split(text, measure, most), None
    except CannotSplit as refused:
        return [], refused


@given(anything, st.integers(12, 60), st.sampled_from([letters, octets]), st.integers(1, 30))
def test_parts_fit_are_numbered_and_joined_give_back_the_text(text: str, limit: int, kind: object, most: int) -> None:
    measure = kind(limit)
    parts, refused = tried(text, measure, most)
    if isinstance(refused, LongWord):
        assert not measure(f"{refused.word} 99/99").fits
    if refused:
        assert not measure(text).fits
        return
    assert "".join(part.said for part in parts) == text
    assert len(parts) <= most
    if len(parts) > 1:
        assert all(measure(part.text).fits for part in parts)
        assert [part.number for part in parts] == [f"{turn}/{len(parts)}" for turn in range(1, len(parts) + 1)]
        assert all(part.said.strip() for part in parts)


@given(anything, st.integers(12, 60))
def test_no_link_handle_hashtag_or_grapheme_is_torn(text: str, limit: int) -> None:
    parts, _refused = tried(text, letters(limit), 99)
    places = [0]
    for part in parts:
        places.append(places[-1] + len(part.said))
    cuts = set(places[1:-1])
    whole = [(found.start(), found.end()) for found in regex.finditer(r"\X", text)]
    whole += [found.span() for found in re.finditer(r"https?://\S+|[@#]\w+", text)]
    assert not [(cut, span) for cut in cuts for span in whole if span[0] < cut < span[1]]
    assert not [cut for cut in cuts if unicodedata.category(text[cut]).startswith("M")]
