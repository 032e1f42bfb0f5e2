"""What the customers of a corner say: complaints in two languages that nobody could take for praise, and praise."""

from itertools import count

from ingest.platforms.base import Kind
from ingest.platforms.demo.corpus import Story
from ingest.platforms.demo.manners import Mood

COMPLAINTS = {
    "en": (
        ("My internet has been down for three days and nobody answers. This is a disgrace, fix it!", "Marta Silva"),
        ("You charged me twice this month and the shop sent me away. I am furious, give me my money back.", "Jonas P."),
        ("Third time I ask: why is my line still dead? Worst service I ever paid for.", "Reem Khalil"),
    ),
    "ar": (
        ("الإنترنت مقطوع عندي من ثلاثة أيام ولا أحد يرد، خدمة سيئة جدا ومخيبة!", "سعاد البلوشي"),
        ("خصمتم مني الفاتورة مرتين وأنا غاضب جدا، أرجعوا لي فلوسي حالا", "خالد العامري"),
        ("أسوأ شركة تعاملت معها، ثالث مرة أشتكي والخط ما زال مقطوعا!", "مريم الحارثي"),
    ),
}
CALMER = {
    "en": "Thank you so much, it works again. Great help, I am happy now!",
    "ar": "شكرا جزيلا لكم، رجعت الخدمة ممتازة وأنا سعيد جدا بتعاملكم",
}
PRAISE = (
    "I love the new app, well done everybody!",
    "Great network in the mountains this weekend, thank you.",
    "Happy birthday to the best telecom company in town!",
    "What a lovely advert, it made my whole family smile.",
    "The new shop in Sohar is beautiful. Good job!",
)
_numbers = count(1)


def first(corner: int) -> list[Story]:
    """Those who have posted when a corner opens: three in each language."""
    return [
        complaint(language, place, by=f"{language}_{corner}_{place}") for place in range(3) for language in ("en", "ar")
    ]


def complaint(language: str = "en", place: int = 0, *, by: str = "", text: str = "") -> Story:
    """Somebody's complaint; a decent answer makes them content."""
    words, name = COMPLAINTS[language][place % 3]
    author = by or f"late_{language}_{next(_numbers)}"
    return Story(
        id=author, author=author, text=f"@nawa_care {text or words}", kind=Kind.MENTION, name=name, followers=120,
        language=language, after=((Mood.CALMER, CALMER[language]),),
    )  # fmt: skip


def praise(most: int) -> list[Story]:
    """Posts that need no answer."""
    return [
        Story(id=f"glad_{number}", author=f"glad_{number}", text=text, kind=Kind.MENTION, name="Glad", language="en")
        for number, text in ((next(_numbers), text) for text in PRAISE[:most])
    ]
