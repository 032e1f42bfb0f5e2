"""The pack for clinics, hospitals and pharmacies: health stays private, nobody is promised a cure, doctors advise."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tickets.answering.guard.findings import Code, Level
from tickets.packs.pack import Named, Pack, PackReply, PackRule

_ADVICE = [
    "dose", "dosage", "mg", "tablet*", "antibiotic*", "diagnos*", "treatment", "side effect*",
    "جرعة", "الجرعة", "ملغ", "حبة", "حبتين", "مضاد حيوي", "تشخيص*", "التشخيص", "علاجك", "العلاج", "آثار جانبية",
]  # fmt: skip
_URGENT = [
    "emergency", "ambulance", "bleeding", "chest pain", "can't breathe", "unconscious", "overdose", "suicid*",
    "طوارئ", "الطوارئ", "إسعاف", "الإسعاف", "نزيف", "ألم في الصدر", "ضيق تنفس", "لا أستطيع التنفس", "أغمي عليه",
    "أغمي عليها", "جرعة زائدة", "انتحار", "أنتحر",
]  # fmt: skip
_HARM = [
    "wrong medicine", "wrong dose", "malpractice", "medical error", "negligen*", "lawyer", "court", "died", "infection",
    "خطأ طبي", "دواء خطأ", "جرعة خاطئة", "إهمال", "الإهمال", "محام*", "محكمة", "توفي", "توفيت", "عدوى",
]  # fmt: skip

HEALTH = Pack(
    slug="health",
    label=pgettext_lazy("sector", "Health"),
    says=_("For clinics, hospitals, pharmacies: health told in public, promises of cures, advice that is a doctor’s."),
    guard={
        Code.ASKS_FORBIDDEN: Level.STOP,
        Code.ASKS_PRIVATE: Level.STOP,
        Code.LONG_NUMBER: Level.SECOND,
        Code.HEALTH_DATA: Level.STOP,
        Code.SHOWN_HEALTH: Level.STOP,
        Code.SHOWN_NUMBER: Level.STOP,
        Code.HEALTH_CLAIM: Level.SECOND,
    },
    minutes=15,
    rules=(
        PackRule.where_we_say(
            "Health: advice that is a doctor’s", "صحة: نصح من شأن الطبيب",
            [Code.HEALTH_CLAIM, Code.HEALTH_DATA], _ADVICE, minutes=15,
        ),
        PackRule.where_they_wrote("Health: may be urgent", "صحة: قد تكون عاجلة", _URGENT, minutes=5),
        PackRule.where_they_wrote("Health: harm and errors", "صحة: ضرر وأخطاء", _HARM, minutes=30),
        PackRule.of_new_agents("Health: new agents", "صحة: موظفون جدد", minutes=15),
    ),
    replies=(
        PackReply(
            "Health: go on in private", "صحة: ننتقل إلى الخاص",
            "{customer}, thank you for telling us. Matters of health belong where only you and we can read them: "
            "send us a direct message and I will take it from there.",
            "{customer}، شكرًا لإخبارنا. ما يخص الصحة مكانه حيث لا يقرأ سوانا: راسلنا على الخاص وأتابع معك من هناك.",
        ),
        PackReply(
            "Health: may be urgent", "صحة: قد تكون عاجلة",
            "{customer}, if this is urgent, call the emergency number or go to the nearest emergency room now; do "
            "not wait for a message. We stay reachable in direct messages.",
            "{customer}، إن كان الأمر عاجلًا فاتصل برقم الطوارئ أو توجّه إلى أقرب طوارئ الآن، ولا تنتظر رسالة. ونبقى "
            "معك على الخاص.",
        ),
        PackReply(
            "Health: a doctor answers that", "صحة: يجيب الطبيب",
            "{customer}, only a doctor who has seen you can answer that. Send us a direct message and we will find "
            "you an appointment.",
            "{customer}، لا يجيب عن هذا إلا طبيب فحصك. راسلنا على الخاص لنجد لك موعدًا.",
        ),
        PackReply(
            "Health: appointments", "صحة: المواعيد",
            "{customer}, I am sorry that you waited. Send us a direct message with the number {ticket}, and we will "
            "look for the nearest free appointment together.",
            "{customer}، نأسف لانتظارك. راسلنا على الخاص واذكر الرقم {ticket} لنبحث معًا عن أقرب موعد متاح.",
        ),
        PackReply(
            "Health: a complaint about care", "صحة: شكوى من الرعاية",
            "{customer}, what you describe must be looked into. I have passed it on to patient relations as number "
            "{ticket}. Send us a direct message, and they will call you at a time that suits you.",
            "{customer}، ما وصفته يستحق النظر. رفعته إلى علاقات المرضى برقم {ticket}. راسلنا على الخاص ليتصلوا بك في "
            "وقت يناسبك.",
        ),
    ),
    tags=(
        Named("Appointment", "موعد"),
        Named("Medicine", "دواء"),
        Named("Results", "نتائج"),
        Named("Complaint about care", "شكوى من الرعاية"),
        Named("May be urgent", "قد تكون عاجلة"),
    ),
)  # fmt: skip
