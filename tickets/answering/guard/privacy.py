"""What must not stand in public: numbers of cards and accounts, and questions for what is the customer's alone."""

import re
from collections.abc import Iterator, Sequence

from tickets.answering.guard.findings import USUAL, Code, Finding, Setting
from tickets.answering.guard.folding import Folded, phrases

_DIGITS = re.compile(r"(?<![\w#])\d(?:[ \-]?\d){6,24}(?!\w)")
_IBAN = re.compile(r"(?<!\w)[a-z]{2}\d{2}(?:[ ]?[a-z0-9]){11,30}(?!\w)")
_ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_LINK = re.compile(r"(?:https?://|www\.)\S+")

# No honest desk ever asks for these, in public or in private.
_SECRETS = (
    r"passwords?|passcodes?|pin(?: code| number)?|cvv2?|cvc|otp|one[- ]time (?:code|password)|security code"
    r"|verification code|كلمة (?:ال)?(?:مرور|سر)|الرقم السري|رقمك السري|رمز (?:ال)?(?:تحقق|امان)|رمز التأكيد|الباسوورد"
    r"|كلمة مرورك|كلمة سرك"
)
_PRIVATE = (
    r"(?:e-?mail|mail address|phone|mobile|cell|card|account|iban|id|national id|passport|iqama|customer|policy"
    r"|contract|invoice|billing|home|street|full)(?: (?:number|no|address|details|name|info))?|date of birth|birthday"
    r"|address|details|رقم (?:ال)?(?:جوال|هاتف|موبايل|تليفون|هوية|حساب|بطاقة|اقامة|عقد|عميل|وثيقة|جواز)"
    r"|(?:جوالك|هاتفك|هويتك|حسابك|بطاقتك|اقامتك|عنوانك|بريدك|ايميلك|بياناتك|رقمك)"
    r"|البريد الالكتروني|الايميل|تاريخ (?:ال)?ميلاد\w*"
    r"|رقم (?:جوالك|هاتفك|هويتك|حسابك|بطاقتك|اقامتك|عقدك|موبايلك|تليفونك)|عنوان (?:بريدك|بيتك|منزلك)"
)
_ASKING = (
    r"(?:send|share|provide|give|tell|confirm|reply with|post|drop|enter|what(?:'s| is))(?: (?:us|me|to us|here))?"
    r"(?: with)?(?: (?:your|the|ur))?|(?:ارسل|ارسلي|ارسلوا|زودنا|زودينا|زودونا"
    r"|اعطنا|اعطينا|شاركنا|شاركينا|اكتب|اكتبي|نحتاج"
    r"|ابعت|ابعتلنا|ابعثي?"
    r"|ارسال|تزويدنا|مشاركتنا|كتابة|عطنا|عطينا|ما هو|ما هي|وش|ايش|ممكن|نرجو|نأمل)(?: (?:لنا|الينا|هنا|ب|لي))?"
)
_ASKS_SECRET = phrases(rf"(?:{_ASKING})(?: \w+){{0,3}} (?:ب|ال)?(?:{_SECRETS})")
_ASKS_PRIVATE = phrases(rf"(?:{_ASKING})(?: \w+){{0,3}} (?:ب|و|ال)?(?:{_PRIVATE})")
_IN_PRIVATE = phrases(
    r"dms?|direct messages?|private(?:ly)?(?: messages?)?|inbox us|message us|in private|pm",
    r"(?:على|عبر|في|ع) (?:ال)?خاص|رساله خاصه|(?:ال)?رسائل (?:ال)?خاصه|الخاص|برساله",
)
_REFUSES = phrases(r"never|do not|don't|not|لا|لن|عدم|دون")


def examine(text: str, folded: Folded, setting: Setting) -> Iterator[Finding]:
    """Everything of this kind in an answer."""
    links = [match.span() for match in _LINK.finditer(text)]
    yield from _numbers(folded, setting, links)
    if asked := [span for span in folded.find(_ASKS_SECRET) if not _refused(text, span)]:
        yield Finding(Code.ASKS_FORBIDDEN, USUAL[Code.ASKS_FORBIDDEN], tuple(asked), fix="remove")
    elif setting.public and not is_moving(folded) and (asked := folded.find(_ASKS_PRIVATE)):
        yield Finding(Code.ASKS_PRIVATE, USUAL[Code.ASKS_PRIVATE], tuple(asked), fix="private")
    if setting.public:
        yield from _addresses(text, setting)


def is_moving(folded: Folded) -> bool:
    """Whether an answer leads to private messages."""
    return bool(_IN_PRIVATE.search(folded.text))


def _refused(text: str, span: tuple[int, int]) -> bool:
    """ "Never send us your password" asks for nothing."""
    before = text[max(span[0] - 24, 0) : span[0]].casefold()
    return bool(_REFUSES.search(before))


def _numbers(folded: Folded, setting: Setting, links: Sequence[tuple[int, int]]) -> Iterator[Finding]:
    found: dict[Code, list[tuple[int, int]]] = {}
    for code, span in numbers_in(folded, links):
        if setting.public or code != Code.LONG_NUMBER:
            found.setdefault(code, []).append(span)
    for code, spans in found.items():
        yield Finding(code, USUAL[code], tuple(spans), fix="remove")


def numbers_in(folded: Folded, links: Sequence[tuple[int, int]] = ()) -> Iterator[tuple[Code, tuple[int, int]]]:
    """Numbers of cards and accounts, and other long ones, with where they stand in the text; none inside links."""
    accounts = []
    for match in _IBAN.finditer(folded.text):
        if is_iban(match.group().replace(" ", "")):
            accounts.append(folded.span(*match.span()))
            yield Code.BANK_ACCOUNT, accounts[-1]
    for match in _DIGITS.finditer(folded.text):
        span = folded.span(*match.span())
        digits = re.sub(r"\D", "", match.group())
        if any(begins <= span[0] < ends for begins, ends in [*links, *accounts]):
            continue
        if is_card(digits):
            yield Code.CARD_NUMBER, span
        elif len(digits) >= 9 and not digits.startswith(("800", "9200", "1800")):
            yield Code.LONG_NUMBER, span


def is_card(digits: str) -> bool:
    """Whether digits are a payment card's number: its length, its first digit and its check digit (Luhn) fit."""
    if not 13 <= len(digits) <= 19 or digits[0] not in "23456" or len(set(digits)) == 1:
        return False
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0


def is_iban(code: str) -> bool:
    """Whether letters and digits are an IBAN: its check digits fit (ISO 13616, mod 97)."""
    turned = code[4:] + code[:4]
    return len(code) >= 15 and int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1


def _addresses(text: str, setting: Setting) -> Iterator[Finding]:
    spans = [
        match.span()
        for match in _ADDRESS.finditer(text)
        if not match.group().casefold().rsplit("@", 1)[1].endswith(tuple(setting.own_domains) or "\0")
    ]
    if spans:
        yield Finding(Code.EMAIL_ADDRESS, USUAL[Code.EMAIL_ADDRESS], tuple(spans), fix="remove")
