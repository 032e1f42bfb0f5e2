"""What says something of a person's health: in our answer, and in what the customer wrote in public themselves.

Words beside a possessive ("your test results", «نتيجة تحليلك»): that somebody is a patient, and of what, is theirs to
tell. General words (opening hours of a laboratory, an advice to all) are none. Looked for where the policy says so.
"""

from tickets.answering.guard.folding import phrases

_ILLNESS = (
    r"diabetes|cancer|tumou?r|asthma|epilepsy|depression|anxiety disorder|hiv|hepatitis|arthritis|hypertension"
    r"|high blood pressure|heart (?:disease|failure|condition)|kidney (?:disease|failure)|schizophrenia|bipolar"
    r"|multiple sclerosis|covid"
)
_ILLNESS_AR = (
    r"(?:ال)?(?:سكري|سرطان|ورم|ربو|صرع|اكتئاب|اكتياب|ايدز|فشل كلوي|كورونا|جلطه|روماتيزم|فصام|تصلب لويحي"
    r"|ضغط الدم|مرض القلب|التهاب الكبد)"
)
_MATTER = (
    r"(?:test|lab|laboratory|blood|scan|x-?ray|mri|ct|biopsy|ultrasound|pregnancy|screening)(?: test| scan)?"
    r" (?:results?|reports?)|diagnosis|prescription|medications?"
    r"|medical (?:file|record|history|report|condition)|health (?:condition|record)|surgery|operation|pregnancy"
    r"|treatment plan|chemotherapy|dialysis|insulin|antidepressants?|biopsy|blood type"
)
# Of whom we speak to.
THEIRS = phrases(
    rf"your (?:recent |latest |last )?(?:{_MATTER})|results? of your (?:\w+ )?(?:test|scan|biopsy)",
    rf"(?:you have|you are (?:suffering from|diagnosed with)|you(?:'re| are) being treated for|your) (?:{_ILLNESS})",
    r"you(?:'re| are) (?:pregnant|hiv[- ]positive)",
    r"(?:نتيجة|نتائج|تقرير) (?:تحليلك|تحاليلك|فحصك|فحوصاتك|أشعتك|عينتك|خزعتك)|(?:تحاليلك|فحوصاتك|أشعتك|خزعتك)",
    r"(?:تشخيصك|وصفتك|دواؤك|دوائك|دواءك|أدويتك|عمليتك(?: الجراحية)?|ملفك (?:الطبي|الصحي)|سجلك (?:الطبي|الصحي)"
    r"|حالتك (?:الصحية|المرضية|الطبية)|تاريخك المرضي|فصيلة دمك|جرعتك)",
    rf"(?:إصابتك|مرضك)(?: ب\w+)?|(?:أنت|لديك|عندك) (?:مصاب |مصابة )?ب?{_ILLNESS_AR}",
)
# Of oneself.
OWN = phrases(
    rf"my (?:recent |latest |last )?(?:{_MATTER})|results? of my (?:\w+ )?(?:test|scan|biopsy)",
    rf"(?:i have|i've got|i suffer from|i was diagnosed with|i am being treated for|my) (?:{_ILLNESS})",
    r"i(?:'m| am) (?:\w+ )?(?:pregnant|diabetic|epileptic|hiv[- ]positive)",
    rf"my (?:\w+ )?(?:son|daughter|mother|father|wife|husband|child|baby|mom|dad) (?:has|suffers from) (?:{_ILLNESS})",
    r"(?:نتيجة|نتائج|تقرير) (?:تحليلي|تحاليلي|فحصي|فحوصاتي|أشعتي|عينتي|خزعتي)|(?:تحاليلي|فحوصاتي|خزعتي)",
    r"(?:تشخيصي|وصفتي|دوائي|دواي|أدويتي|عمليتي(?: الجراحية)?|ملفي (?:الطبي|الصحي)|حالتي (?:الصحية|المرضية)|جرعتي)",
    rf"(?:عندي|معي|لدي|أعاني من|مصاب ب|مصابة ب)(?: مرض)? ?{_ILLNESS_AR}|أنا حامل",
    r"أنا مريضة? (?:سكري?|ضغط|قلب|ربو)",
    rf"(?:أمي|أبوي|أبي|ولدي|بنتي|ابني|ابنتي|زوجتي|زوجي|والدتي|والدي)"
    rf" (?:عنده|عندها|معه|معها|مصاب ب|مصابة ب)(?: مرض)? ?{_ILLNESS_AR}",
)
