"""How a customer of the demo platform takes an answer."""

import pytest

from ingest.platforms.demo.manners import Mood, is_decent, next_mood

SORRY = "نعتذر منك، الفريق يعمل على إصلاح العطل في حيّك الآن"


@pytest.mark.parametrize(
    ("answer", "language", "decent"),
    [
        ("We are sorry, a technician is on the way", "en", True),
        ("We are sorry, a technician is on the way", "ar", False),
        (SORRY, "ar", True),
        (SORRY, "ar-SA", True),
        (SORRY, "en", False),
        ("Please DM us", "en", False),
        ("Hi there, please send us a direct message now", "en", False),
        ("راسلنا على الخاص من فضلك ليتم خدمتك", "ar", False),
        ("@sara @omar @lulu @huda @lina https://example.org/help", "en", False),
        ("https://a.example https://b.example https://c.example https://d.example https://e.example", "en", False),
        ("We hear you", "en", False),
        ("", "en", False),
        ("👍👍👍👍👍👍", "en", False),
        (
            "The mast in your street failed, engineers are there and expect it back by six. DM us if it is not.",
            "en",
            True,
        ),
    ],
)
def test_what_a_decent_answer_is(answer: str, language: str, decent: bool) -> None:
    assert is_decent(answer, language, []) is decent


def test_a_canned_answer_is_recognised_in_other_clothes() -> None:
    earlier = ["@omar We are sorry, a technician is on the way!"]
    assert not is_decent("@sara we are SORRY, a technician is on the way https://nawa.example/1", "en", earlier)
    assert not is_decent("نعتذر منك الفريق يعمل على اصلاح العطل", "ar", ["نعتذر منك، الفريق يعملُ على اصلاح العُطل."])


def test_moods() -> None:
    assert next_mood(decent=True, earlier_answers=0)[0] is Mood.CALMER
    assert next_mood(decent=True, earlier_answers=1)[0] is Mood.CLOSING
    assert next_mood(decent=False, earlier_answers=0) == (Mood.ANGRIER,)
