"""Stems: the forms of one word meet, different words mostly do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment.stems import stem, stems
from sentiment.text import search_form


def meet(*words: str) -> bool:
    """Whether these words, as people write them, share a stem."""
    found = [set(stems(search_form(word))) for word in words]
    return bool(set.intersection(*found))


@pytest.mark.parametrize(
    "forms",
    [
        ("bill", "bills", "billed", "billing"),
        ("charge", "charges", "charged", "charging"),
        ("cancel", "cancels", "cancelled", "canceled", "cancelling"),
        ("delivery", "deliveries"),
        ("stop", "stopped", "stopping"),
        ("box", "boxes"),
        ("pass", "passes", "passed"),
        ("REFUND", "Refunds", "refunded"),
    ],
)
def test_english_forms_of_a_word_meet(forms: tuple[str, ...]) -> None:
    assert all(meet(forms[0], form) for form in forms)


@pytest.mark.parametrize(
    "forms",
    [
        ("فاتورة", "الفاتورة", "فاتورتي", "بالفاتورة", "والفاتورة", "للفاتورة", "فاتورته", "فاتوره", "فَاتُورَة"),
        ("شبكة", "الشبكة", "شبكتكم", "بالشبكة", "شبـــكة"),
        ("خدمة", "خدمات", "خدمتكم", "الخدمة", "وخدمتكم"),
        ("إنترنت", "انترنت", "الإنترنت", "بالإنترنت", "والانترنت"),
        ("رقم", "برقم", "رقمي", "الرقم", "لرقم"),
        ("حساب", "بحساب", "كحساب", "حسابي", "لحسابي"),
        ("شكرا", "شكراً", "وشكرا"),
        ("النت", "نت", "بالنت", "للنت", "والنت"),
        ("الخط", "خط", "للخط", "بالخط"),
    ],
)
def test_arabic_forms_of_a_word_meet(forms: tuple[str, ...]) -> None:
    assert all(meet(forms[0], form) for form in forms)


@pytest.mark.parametrize(
    ("one", "other"),
    [("bill", "ball"), ("bus", "bu"), ("this", "thing"), ("كتاب", "تاب"), ("فاتورة", "شبكة"), ("وقت", "قت")],
)
def test_different_words_stay_apart(one: str, other: str) -> None:
    assert not meet(one, other)


@given(st.text(min_size=1, max_size=30).map(search_form).filter(bool))
def test_every_word_has_a_stem_that_is_part_of_it(word: str) -> None:
    assert stem(word) == stems(word)[0]
    assert all(found and len(found) <= len(word) for found in stems(word))
