"""Promises that regulated desks may not make: of money (returns, loans, safety) and of health (cures, safety, doses).

Looked for only where the brand's policy says so (sector packs turn them on): elsewhere a guarantee is an honest word. A
promise that is denied ("returns are not guaranteed") is none. These are signs of wording, no reading of any law.
"""

import re
from collections.abc import Iterator

from tickets.answering.guard.findings import USUAL, Code, Finding
from tickets.answering.guard.folding import Folded, phrases

_MONEY = phrases(
    r"guaranteed? (?:\w+ ){0,2}(?:returns?|profits?|gains?|income|approvals?|loans?|interest|rates?|yields?)",
    r"(?:returns?|profits?|gains?|income|approval|loan|yield)s? (?:is|are|will be) (?:fully |100 ?% )?guaranteed",
    r"(?:we|i) (?:can |will )?(?:guarantee|promise)(?: you)?(?: \w+){0,3} "
    r"(?:returns?|profits?|approval|loan|gains?|rates?|income)",
    r"risk[- ]?free|(?:no|zero|without(?: any)?) risks?|100 ?% (?:safe|secure)|completely safe investment",
    r"(?:you )?(?:can(?:no|')?t|cannot|will never|won't) lose(?: (?:any )?money| your (?:money|capital))",
    r"double your (?:money|investment|savings)|get rich|easy money",
    r"you(?:'ll| will) (?:definitely|certainly|surely) (?:earn|profit|gain|make money|be approved|get the loan)",
    r"(?:instant|automatic|certain) (?:loan |credit )?approval|approved without (?:any )?(?:checks?|conditions)",
    r"(?:ال)?(?:أرباح|عوائد|عائد|ربح|دخل|تمويل|قرض|موافقة|فائدة) (?:(?!غير|ليس|لا )\w+ )?(?:مضمون|مؤكد|أكيد)(?:ة)?",
    r"(?:نضمن|أضمن|نعدك|نتعهد)(?: لك| لكم)?(?: \w+){0,2} (?:بال|ب|ال)?(?:ربح|أرباح|عائد|عوائد|موافقة|تمويل|قرض)",
    r"(?:بدون|بلا|دون|من غير)(?: أي| أية)? (?:مخاطر|مخاطرة|خسارة|خسائر|مجازفة)|خال(?:ي|ية)? من المخاطر|آمن 100 ?%",
    r"(?:لن|ما راح|مستحيل) (?:تخسر|تخسرون|تفقد مالك)",
    r"(?:ضاعف|تضاعف|نضاعف) (?:لك )?(?:اموالك|مالك|استثمارك|مدخراتك)|ربح سريع|ثراء سريع",
    r"موافقة فورية|قبول فوري|(?:بدون|بلا|دون) (?:أي )?(?:شروط|تدقيق ائتماني|فحص ائتماني)",
)
_HEALTH = phrases(
    r"guaranteed? (?:\w+ )?(?:cures?|results?|recovery|healing|relief|weight loss)",
    r"(?:we|i) (?:can |will )?(?:guarantee|promise)(?: you)?(?: \w+){0,3} (?:cure|recovery|results?|heal(?:ing)?)",
    r"(?:cures?|heals?|reverses?|gets? rid of) (?:your |all )?(?:diabetes|cancer|asthma|depression|arthritis|eczema"
    r"|hypertension|high blood pressure|migraines?|epilepsy|autism|hepatitis)",
    r"(?:no|zero|without(?: any)?) side[- ]effects?|100 ?% (?:effective|natural and safe|safe)|completely safe for",
    r"miracle (?:cure|treatment|drug)|permanent cure|works for everyone",
    r"(?:stop|quit|skip) (?:taking )?your (?:medications?|medicines?|meds|tablets|pills|insulin|antibiotics?|treatment"
    r"|inhaler)",
    r"you (?:don't|do not) need (?:to see )?(?:a |the |your )?(?:doctor|physician|specialist|hospital|surgery)"
    r"(?!['’]s)",
    r"(?:take|use|drink|inject) (?:\w+ )?(?:\d+|one|two|three|four) ?(?:mg|ml|mcg|g|tablets?|pills?|capsules?|drops?"
    r"|doses?|units?)",
    r"(?:double|increase|reduce|halve) (?:your|the) dos(?:e|age)",
    r"شفاء (?:تام )?(?:مضمون|أكيد|مؤكد)|علاج (?:نهائي|سحري|مضمون|جذري)|نتائج (?:مضمونة|أكيدة)",
    r"(?:نضمن|نعدك|أضمن)(?: لك| لكم)?(?: \w+){0,2} (?:بال|ب|ال)?(?:شفاء|تعافي|نتيجة|نتائج|علاج)",
    r"(?:يشفي|يعالج|يقضي على|تشفي|تعالج) (?:من )?(?:مرض )?(?:ال)?(?:سكري?|سرطان|ربو|اكتئاب|صدفية|صرع|ضغط)"
    r"(?: (?:نهائيا|تماما))?",
    r"(?:بدون|بلا|دون|ليس له|ليس لها|ما له|ما لها)(?: أي| أية)? (?:آثار|أعراض|مضاعفات)(?: جانبية)?|فعال 100 ?%",
    r"(?:أوقف|أوقفي|اترك|اتركي|توقف عن|توقفي عن|لا تأخذ|لا تأخذي)(?: تناول| أخذ)? (?:ال)?(?:دواء|دواءك|علاج|علاجك"
    r"|إنسولين|أدوية|أدويتك|حبوب|مضاد)\w*",
    r"(?:لا|ما) (?:تحتاج|تحتاجين|داعي|يحتاج)(?: إلى| أن)?(?: تراجع| مراجعة| زيارة)?"
    r" (?:ال|لل|ل)?(?:طبيب|دكتور|مستشفى|طوارئ)",
    r"(?:خذ|خذي|تناول|تناولي|استعمل|استعملي) (?:\w+ )?"
    r"(?:\d+ ?(?:ملغ|مل|مجم|حبة|حبات|قرص|أقراص|قطرة|جرعة|كبسولة)|حبتين|قرصين|حبة|جرعتين|كبسولتين)",
    r"(?:ضاعف|ضاعفي|زد|زيدي|قلل|قللي) (?:ال)?جرع(?:ة|تك)",
)
# What denies the words after it.
_DENIED = phrases(
    r"(?:not|never|no|nobody|cannot|can't|don't|do not|isn't|aren't|without|nor|neither|avoid)"
    r"(?: \w+){0,3}",
    r"(?:لا|لن|ليس|ليست|غير|لسنا|لم|ما|مو|مش|لا احد|تجنب|احذر)(?: \w+){0,3}",
)
BEFORE = 30


def examine(_text: str, folded: Folded) -> Iterator[Finding]:
    """Everything of this kind in an answer, in public or in private."""
    for code, pattern in ((Code.MONEY_CLAIM, _MONEY), (Code.HEALTH_CLAIM, _HEALTH)):
        spans = [folded.span(*match.span()) for match in pattern.finditer(folded.text) if not _denied(folded, match)]
        if spans:
            yield Finding(code, USUAL[code], tuple(spans))


def _denied(folded: Folded, match: re.Match[str]) -> bool:
    """ "Returns are not guaranteed", "no investment is risk-free", "do not stop your medicine" promise nothing."""
    sentence = re.split(r"[.!?؟\n;؛]", folded.text[max(match.start() - BEFORE, 0) : match.start()])[-1]
    return any(sentence[found.end() :].strip() == "" for found in _DENIED.finditer(sentence))
