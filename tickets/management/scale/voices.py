"""What customers and agents say in made-up history: patterns in two languages, each read and judged once.

Cues and decisions come from the code that reads and triages real posts, so that the rows are what it would have
written; only the tone, which the model gives, is set here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from django.conf import settings

from ingest.models import Message
from sentiment import cues
from sentiment.text import clean
from tickets.incoming.triage import Facts, Policy, Verdict, decide

Decision = Message.Decision

Patterns = dict[str, tuple[str, ...]]

COMPLAINTS: Patterns = {
    "en": (
        "@nawa_care my bill is {n} and it was {m} last month, this is wrong",
        "@nawa_care no internet in {city} since {h} o'clock, third time this week and nobody answers",
        "Order {n} was due {d} days ago. Where is it? Worst service I have ever had",
        "@nawa_care your app crashes every time I try to pay, I have tried {d} times",
        "still waiting for a call back about {n}... {d} days now, unacceptable",
        "@nawa_care you charged me twice, {n} is the reference, I want my money back",
        "the technician did not come AGAIN, I took a day off for this. {city} branch is useless",
        "I am leaving for another company after {d} years, you simply do not care",
        "@nawa_care the router you sent is broken, order {n}, please replace it, I work from home and lose money daily",
        "@nawa_care slow internet all evening in {city}, {m} KB/s, why am I paying for fibre?",
    ),
    "ar": (
        "@nawa_care الفاتورة {n} غلط، الشهر الماضي كانت {m}، وش السالفة؟",
        "النت مقطوع في {city} من الساعة {h} وما أحد يرد، ثالث مرة هالأسبوع",
        "@nawa_care الطلب {n} متأخر {d} أيام، وين شحنتي؟ أسوأ خدمة",
        "التطبيق يعلق كل ما أحاول أدفع، جربت {d} مرات @nawa_care",
        "خصمتوا مني مرتين، رقم العملية {n}، أبي فلوسي ترجع",
        "@nawa_care من {d} أيام وأنا أنتظر اتصالكم بخصوص {n}، هذا مو مقبول",
        "الفني ما جاء مرة ثانية، فرع {city} تعبان جدا",
        "بعد {d} سنوات معكم راح أحول لشركة ثانية، ما تهتمون بالعميل أبدا",
    ),
}
QUESTIONS: Patterns = {
    "en": (
        "@nawa_care how do I move my line to a new address in {city}?",
        "hi @nawa_care, is there fibre in {city} yet? building {d}",
        "@nawa_care what is the status of order {n} please?",
        "can I change my plan before the {d}th, or do I have to wait? @nawa_care",
        "@nawa_care where can I find my contract number? the app shows only {n}",
    ),
    "ar": (
        "@nawa_care كيف أنقل الخط لعنوان جديد في {city}؟",
        "السلام عليكم، هل الألياف متوفرة في {city}؟ مبنى {d} @nawa_care",
        "@nawa_care ممكن أعرف وين وصل الطلب {n}؟",
        "أقدر أغير الباقة قبل يوم {d} ولا أنتظر؟ @nawa_care",
    ),
}
THANKS: Patterns = {
    "en": (
        "thank you, it works now",
        "@nawa_care thanks a lot, quick and friendly",
        "great, got the refund today. Thanks",
        "perfect, thank you for the help",
    ),
    "ar": ("شكرا لكم، اشتغل الحين", "@nawa_care مشكورين ما قصرتوا", "وصلني المبلغ، الله يعطيكم العافية"),
}
PRAISE: Patterns = {
    "en": (
        "love the new @nawa_care app, so much faster",
        "honestly @nawa_care has the best support in {city}",
        "fibre from @nawa_care in {city} is amazing, {m} Mbps",
    ),
    "ar": ("خدمة @nawa_care في {city} ممتازة والله", "أحب تطبيق نوى الجديد، سريع جدا", "سرعة الألياف روعة، {m} ميجا"),
}
CHATTER: Patterns = {
    "en": (
        "watching the match in {city} with @nawa_care tv tonight",
        "new @nawa_care shop opened next to my office in {city}",
        "day {d} of the conference, @nawa_care booth is next to ours",
    ),
    "ar": ("نوى فاتحين فرع جديد جنب البيت في {city}", "أتابع المباراة على @nawa_care الليلة مع الشباب"),
}
ADVERTS: Patterns = {
    "en": (
        "Make money from home, {m} dollars a day, join now! https://x.example/{n}",
        "Bitcoin giveaway in {city}: click the link https://x.example/{n}",
    ),
    "ar": (
        "خصومات في {city}، كود خصم {m}، اطلب الآن https://x.example/{n}",
        "زيادة متابعين بأرخص الأسعار، للتواصل واتساب {n}",
    ),
}
ANSWERS: Patterns = {
    "en": (
        "Sorry about this. The cause is found and mended; please restart your router and tell us if it stays.",
        "Thank you for telling us. The amount {m} goes back to your card within {d} days, reference {n}.",
        "We are looking into {n} with the team in {city} and will write again today.",
        "You can do this in the app under My line, Move. It takes about {d} minutes.",
        "The technician comes tomorrow between {h} and {h}:45. You will get his number in the morning.",
    ),
    "ar": (
        "نعتذر عن ذلك. وجدنا السبب وأصلحناه، فضلا أعد تشغيل الجهاز وأخبرنا إن استمرت المشكلة.",
        "شكرا لإبلاغنا. يعود المبلغ {m} إلى بطاقتك خلال {d} أيام، المرجع {n}.",
        "نتابع {n} مع فريق {city} ونكتب لك اليوم.",
        "تجد ذلك في التطبيق: خطي، ثم نقل الخدمة، ويستغرق {d} دقائق.",
    ),
}
CITIES = {
    "en": ("Riyadh", "Jeddah", "Dubai", "Amman", "Cairo", "Muscat", "Doha", "Sharjah"),
    "ar": ("الرياض", "جدة", "دبي", "عمان", "القاهرة", "مسقط", "الدوحة", "الشارقة"),
}
# Likely scores (negative, neutral, positive) of each topic; every pattern gets each of them.
TONES = {
    "complaint": ((0.96, 0.03, 0.01), (0.83, 0.14, 0.03), (0.64, 0.29, 0.07)),
    "question": ((0.09, 0.84, 0.07), (0.27, 0.66, 0.07)),
    "thanks": ((0.01, 0.08, 0.91), (0.03, 0.21, 0.76)),
    "praise": ((0.01, 0.05, 0.94), (0.04, 0.13, 0.83)),
    "chatter": ((0.04, 0.86, 0.10), (0.06, 0.72, 0.22)),
    "advert": ((0.02, 0.68, 0.30),),
}
TOPICS: dict[str, Patterns] = {
    "complaint": COMPLAINTS,
    "question": QUESTIONS,
    "thanks": THANKS,
    "praise": PRAISE,
    "chatter": CHATTER,
    "advert": ADVERTS,
}


@dataclass(frozen=True, slots=True)
class Voice:
    """One pattern in one tone: its reading, and the verdicts on it by where its author stands."""

    topic: str
    pattern: str
    language: str
    negative: float
    neutral: float
    positive: float
    cues: tuple[str, ...]
    urgency: str
    alone: Verdict
    with_live_ticket: Verdict
    after_resolving: Verdict

    @property
    def valence(self) -> float:
        return self.positive - self.negative


class Choir:
    """Every voice, sorted by what triage makes of it."""

    def __init__(self) -> None:
        everyone = list(_voices())
        self.need_a_person = [voice for voice in everyone if voice.alone.decision == Decision.TICKET]
        self.need_nobody = [voice for voice in everyone if voice.alone.decision == Decision.NO_ANSWER]
        self.spam = [voice for voice in everyone if voice.alone.decision == Decision.SPAM] or self.need_nobody
        self.content = [voice for voice in everyone if voice.topic == "thanks" and not voice.after_resolving.reopen]


def _voices() -> Iterator[Voice]:
    policy = Policy(negative=settings.TRIAGE_NEGATIVE, unsure=settings.TRIAGE_UNSURE)
    for topic, patterns in TOPICS.items():
        for language, texts in patterns.items():
            for pattern in texts:
                for tone in TONES[topic]:
                    yield _voice(topic, pattern, language, tone, policy)


def _voice(topic: str, pattern: str, language: str, tone: tuple[float, float, float], policy: Policy) -> Voice:
    example = spoken(pattern, language, Random(1))  # noqa: S311  (no secret)
    found = cues.find(clean(example), language)
    verdicts = [
        decide(
            Facts(
                kind="mention",
                text=example,
                negative=tone[0],
                positive=tone[2],
                cues=found.reasons,
                urgency=found.urgency,
                live_ticket=live,
                resolved_thread=resolved,
            ),
            policy,
        )
        for live, resolved in ((False, False), (True, False), (False, True))
    ]
    return Voice(topic, pattern, language, *tone, found.reasons, found.urgency, *verdicts)


def spoken(pattern: str, language: str, dice: Random) -> str:
    """The pattern with its numbers and places filled in."""
    if "{" not in pattern:
        return pattern
    number = int(dice.random() * 9_000_000)
    return pattern.format(
        n=1_000_000 + number,
        m=100 + number % 700,
        d=2 + number % 7,
        h=1 + number % 12,
        city=CITIES[language][number % len(CITIES[language])],
    )
