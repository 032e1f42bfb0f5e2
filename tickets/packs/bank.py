"""The pack for banks and whoever moves money: sums, promises, fraud; numbers that must not stand in public."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tickets.answering.guard.findings import Code, Level
from tickets.packs.pack import Named, Pack, PackReply, PackRule

_PROMISES = [
    "guarantee*", "interest rate", "approved", "exchange rate", "compensation", "refund the full amount",
    "نضمن*", "مضمون*", "سعر الفائدة", "نسبة الفائدة", "نسبة الربح", "هامش الربح", "سعر الصرف", "تعويض*", "التعويض",
]  # fmt: skip
_FRAUD = [
    "fraud*", "scam*", "stolen", "hacked", "phishing", "unauthorised", "unauthorized", "didn't make this",
    "احتيال", "الاحتيال", "نصب", "نصابين", "سرقة", "سرقوا", "مسروق*", "اختراق", "مخترق", "تصيد", "لم أقم بهذه العملية",
    "عملية مشبوهة", "ما سويت العملية",
]  # fmt: skip
_FORMAL = [
    "central bank", "ombudsman", "lawyer", "court", "sue*", "regulator",
    "البنك المركزي", "ساما", "محام*", "المحكمة", "محكمة", "قضية", "أقاضي*", "شكوى رسمية", "حماية العملاء",
]  # fmt: skip

BANK = Pack(
    slug="bank",
    label=pgettext_lazy("sector", "Bank"),
    says=_("For banks, payments and insurance: sums of money, promises, fraud, numbers of cards and accounts."),
    guard={
        Code.CARD_NUMBER: Level.STOP,
        Code.BANK_ACCOUNT: Level.STOP,
        Code.LONG_NUMBER: Level.SECOND,
        Code.ASKS_FORBIDDEN: Level.STOP,
        Code.ASKS_PRIVATE: Level.STOP,
        Code.SHOWN_NUMBER: Level.STOP,
        Code.MONEY_CLAIM: Level.SECOND,
    },
    minutes=15,
    rules=(
        PackRule(
            "Bank: sums from 1,000", "بنك: مبالغ من 1,000",
            {"all": [{"field": "amount", "op": "at_least", "value": 1000}]}, minutes=15,
        ),
        PackRule.where_we_say(
            "Bank: promises and rates", "بنك: وعود ونسب", [Code.MONEY_CLAIM], _PROMISES, minutes=15,
        ),
        PackRule.where_they_wrote("Bank: fraud and disputes", "بنك: احتيال واعتراضات", _FRAUD, minutes=10),
        PackRule.where_they_wrote("Bank: formal complaints", "بنك: شكاوى رسمية", _FORMAL, minutes=30),
        PackRule.of_new_agents("Bank: new agents", "بنك: موظفون جدد", minutes=15),
    ),
    replies=(
        PackReply(
            "Bank: go on in private", "بنك: ننتقل إلى الخاص",
            "{customer}, this concerns your account, so let us go on where only you and we can read it. Send us a "
            "direct message and I will take it from there. We never ask for a password, a PIN or a code.",
            "{customer}، الأمر يخص حسابك، فلنكمل حيث لا يقرأ سوانا. راسلنا على الخاص وأتابع معك من هناك. لا نطلب أبدًا "
            "كلمة مرور ولا رقمًا سريًا ولا رمز تحقق.",
        ),
        PackReply(
            "Bank: delete the number", "بنك: احذف الرقم",
            "{customer}, your post shows a card or account number. Delete it for your safety, and send us a direct "
            "message: we will look at it there.",
            "{customer}، في منشورك رقم بطاقة أو حساب. احذفه حفاظًا على سلامتك، وراسلنا على الخاص لننظر في الأمر هناك.",
        ),
        PackReply(
            "Bank: suspected fraud", "بنك: اشتباه احتيال",
            "{customer}, block the card now in the app or by calling the number on its back. Then send us a direct "
            "message with your ticket number {ticket}, and we will open a dispute with you.",
            "{customer}، أوقف البطاقة الآن من التطبيق أو باتصال على الرقم المكتوب خلفها. ثم راسلنا على الخاص واذكر رقم "
            "تذكرتك {ticket} لنفتح معك اعتراضًا.",
        ),
        PackReply(
            "Bank: no promise before the decision", "بنك: لا وعد قبل القرار",
            "{customer}, your request is being examined. I cannot say how it will end, but you will hear from us "
            "within [how many] working days, whichever way it goes.",
            "{customer}، طلبك قيد الدراسة. لا أستطيع أن أعدك بنتيجة، لكن سيصلك ردنا خلال [كم] أيام عمل أيًا كانت.",
        ),
        PackReply(
            "Bank: a formal complaint", "بنك: شكوى رسمية",
            "{customer}, I have taken your complaint down as number {ticket}. Send us a direct message, and I will "
            "tell you who handles it and by when you have an answer in writing.",
            "{customer}، سجّلت شكواك برقم {ticket}. راسلنا على الخاص لأخبرك بمن يتولاها وبموعد الرد المكتوب عليها.",
        ),
    ),
    tags=(
        Named("Fraud", "احتيال"),
        Named("Dispute", "اعتراض"),
        Named("Card", "بطاقة"),
        Named("Transfer", "تحويل"),
        Named("Formal complaint", "شكوى رسمية"),
    ),
)  # fmt: skip
