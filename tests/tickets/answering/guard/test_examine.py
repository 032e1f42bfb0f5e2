"""What the guard says of real kinds of answers, good and bad, in both languages; and where the words at fault stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tickets.answering.guard.said import PRIVATE, PUBLIC, codes
from tickets.answering.guard.canned import CANNED, score
from tickets.answering.guard.examine import examine
from tickets.answering.guard.findings import Code, Level, Setting, gravest, judged
from tickets.answering.guard.folding import fold
from tickets.answering.guard.privacy import is_card, is_iban
from tickets.answering.guard.tone import lowered

BILL = Setting(asked="My bill is 40 riyals too high, why?", language="en", reasons=("question", "complaint"))
PARCEL = Setting(asked="وين شحنتي؟ صار لها أسبوع متأخرة", language="ar", reasons=("question", "complaint"))


@pytest.mark.parametrize(
    "text",
    [
        "Please send us your phone number",
        "Could you share your account number so we can check?",
        "What is your email address?",
        "Kindly provide us with your full address",
        "Confirm your date of birth please",
        "أرسل لنا رقم جوالك لو سمحت",
        "زودنا برقم الهوية",
        "نرجو تزويدنا برقم حسابك",
        "ممكن ايميلك؟",
        "اكتب لنا عنوانك هنا",
    ],
)
def test_asking_for_private_data_in_public_wants_a_second_person(text):
    assert Code.ASKS_PRIVATE in codes(text)
    assert Code.ASKS_PRIVATE not in codes(text, PRIVATE)


@pytest.mark.parametrize(
    "text",
    [
        "Please send us your phone number in a direct message",
        "DM us your account number and we will check",
        "أرسل لنا رقم جوالك على الخاص",
        "زودنا برقم الطلب في رسالة خاصة",
        "We have sent your invoice again",
        "Your order number is on the way",
        "أرسلنا لك رمز الشحنة",
    ],
)
def test_moving_to_private_first_is_fine(text):
    assert codes(text).isdisjoint({Code.ASKS_PRIVATE, Code.ASKS_FORBIDDEN})


@pytest.mark.parametrize(
    "text",
    ["Send us your password", "Please confirm your PIN", "Give us the OTP", "أرسل كلمة المرور", "زودنا برمز التحقق"],
)
@pytest.mark.parametrize("setting", [PUBLIC, PRIVATE])
def test_nobody_ever_asks_for_a_secret(text, setting):
    assert gravest(examine(text, setting)) == Level.STOP


@pytest.mark.parametrize(
    "text",
    ["Never share your password with anyone", "We will never ask you to send your PIN", "لا ترسل كلمة المرور لأحد"],
)
def test_a_warning_about_secrets_asks_for_none(text):
    assert Code.ASKS_FORBIDDEN not in codes(text)


@pytest.mark.parametrize(
    "number", ["4111 1111 1111 1111", "4111-1111-1111-1111", "٤١١١ ١١١١ ١١١١ ١١١١", "5500005555555559"]
)
def test_a_card_number_stops_an_answer_in_any_digits(number):
    found = examine(f"We refunded {number} today", PUBLIC)
    assert [(one.code, one.level) for one in found] == [(Code.CARD_NUMBER, Level.STOP)]
    begins, ends = found[0].spans[0]
    assert f"We refunded {number} today"[begins:ends] == number


def test_an_iban_wants_a_second_person_and_a_wrong_one_is_only_a_long_number():
    assert Code.BANK_ACCOUNT in codes("Paid to SA03 8000 0000 6080 1016 7519")
    assert Code.BANK_ACCOUNT not in codes("Paid to SA04 8000 0000 6080 1016 7519")


@pytest.mark.parametrize(
    "text",
    [
        "Order #123456789012 left today",
        "See https://nawa.example/t/4111111111111111",
        "Call 800 123 4567",
        "at 10:30 on 2026-11-22",
    ],
)
def test_order_numbers_links_and_our_own_line_are_no_slips(text):
    assert codes(text).isdisjoint({Code.CARD_NUMBER, Code.LONG_NUMBER, Code.BANK_ACCOUNT})


def test_an_address_of_ours_may_be_named_and_another_may_not():
    assert Code.EMAIL_ADDRESS in codes("We wrote to amal@mail.example")
    assert Code.EMAIL_ADDRESS not in codes("Write to care@nawa.example", Setting(own_domains=("nawa.example",)))


@pytest.mark.parametrize(
    "text",
    [
        "You should have read the terms.",
        "As we already told you, it takes a week",
        "That is your own fault",
        "You failed to restart the router",
        "كان عليك قراءة الشروط",
        "كما قلنا لك سابقًا",
        "الخطأ من عندك وليس منا",
        "سبق أن أخبرناك بهذا",
    ],
)
def test_blame_is_found(text):
    assert Code.BLAME in codes(text)


@pytest.mark.parametrize(
    "text",
    [
        "That was our mistake, and we are putting it right",
        "كان خطأ منا ونصلحه الآن",
        "You can read the terms here",
        "We told the courier",
    ],
)
def test_taking_the_blame_is_not_blaming(text):
    assert Code.BLAME not in codes(text)


@pytest.mark.parametrize(
    "text", ["PLEASE READ THE MAIL", "We are on it!!!", "نحن معك!!!", "مرحبـــــا بك", "Sooooo sorry"]
)
def test_shouting_is_found_and_one_click_lowers_the_voice(text):
    assert Code.SHOUTING in codes(text)
    assert Code.SHOUTING not in codes(lowered(text))


@pytest.mark.parametrize("text", ["Your SIM and eSIM work", "See the FAQ or the PDF", "100000 points", "الله معك"])
def test_names_in_capitals_are_no_shouting(text):
    assert Code.SHOUTING not in codes(text)


def test_an_answer_in_another_language_than_the_customers_is_noticed():
    assert Code.WRONG_LANGUAGE in codes("Your parcel leaves the depot tomorrow morning", PARCEL)
    assert Code.WRONG_LANGUAGE not in codes("شحنتك تغادر المستودع صباح الغد", PARCEL)
    assert Code.WRONG_LANGUAGE not in codes("OK, thanks", PARCEL)


@pytest.mark.parametrize(
    "text",
    [
        "Hello {customer}, your line works",
        "Dear [customer name], hello",
        "مرحبا {{ اسم العميل }}",
        "Order XXXX was sent",
    ],
)
def test_a_blank_left_in_stops_an_answer(text):
    assert gravest(examine(text, PUBLIC)) == Level.STOP


# --- canned ---------------------------------------------------------------------------------------------------------
SORRY = "We are sorry for the trouble with your line. Our team looks at every report and will write to you soon."


def test_what_was_said_to_somebody_else_is_canned_whatever_the_name_and_number_in_it():
    earlier = "Hi Amal, " + SORRY + " Your case is 4411."
    assert Code.CANNED in codes("Hello Omar, " + SORRY + " Your case is 9923.", Setting(recent=(earlier,)))


def test_a_saved_reply_with_words_of_ones_own_is_not_canned():
    own = SORRY + " I have called the exchange in Riyadh myself and the cable there is being replaced this afternoon."
    assert Code.CANNED not in codes(own, Setting(saved=(SORRY,)))


def test_an_answer_given_before_on_the_same_ticket_repeats():
    found = examine(SORRY, Setting(said_before=(SORRY,), recent=(SORRY,)))
    assert [one.code for one in found if one.code in {Code.REPEATS, Code.CANNED}] == [Code.REPEATS]


@pytest.mark.parametrize(
    "text",
    [
        "We are sorry for the inconvenience. Please DM us.",
        "Thank you for your feedback!",
        "We apologize for any inconvenience caused, please contact us.",
        "نعتذر عن الإزعاج، يرجى التواصل معنا على الخاص",
        "شكرا لتواصلك معنا، نسعد بخدمتك دائما",
    ],
)
def test_courtesies_alone_say_nothing(text):
    assert Code.HOLLOW in codes(text)


@pytest.mark.parametrize(
    "text",
    [
        "Sorry about that. We restarted the exchange, your line is back.",
        "We are sorry. The refund of 40 riyals reaches you on Sunday.",
        "نعتذر، أعدنا تشغيل الخط ويعمل الآن",
    ],
)
def test_an_apology_with_something_done_is_no_empty_one(text):
    assert Code.HOLLOW not in codes(text)


@given(st.text(max_size=80), st.lists(st.text(max_size=80), max_size=3))
def test_a_score_is_a_share_and_a_text_is_wholly_contained_in_itself(text, others):
    share, _ = score(text, others)
    assert 0 <= share <= 1
    assert score(text, [text])[0] in {0.0, 1.0}


# --- the ask --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "setting"),
    [
        ("Your last bill holds a roaming charge of 40 riyals.", BILL),
        ("We have corrected it.", BILL),
        ("Which month do you mean?", BILL),
        ("الشحنة وصلت الرياض أمس", PARCEL),
        ("تم تسليمها للمندوب", PARCEL),
    ],
)
def test_an_answer_that_takes_up_the_ask_does_not_miss_it(text, setting):
    assert Code.MISSES_ASK not in codes(text, setting)


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        ("Thank you for being with us, have a wonderful day", BILL),
        ("We always care for our customers", BILL),
        ("نسعد بخدمتك دائما ونتمنى لك يوما سعيدا", PARCEL),
    ],
)
def test_an_answer_that_speaks_of_nothing_asked_misses_it(text, setting):
    assert Code.MISSES_ASK in codes(text, setting)


def test_thanks_ask_for_nothing():
    assert Code.MISSES_ASK not in codes("You are welcome", Setting(asked="thank you all", reasons=("thanks",)))


# --- policy ---------------------------------------------------------------------------------------------------------
def test_policy_says_how_grave_a_finding_is_and_may_switch_it_off():
    assert gravest(examine("We are on it!!!", PUBLIC, {"shouting": "stop"})) == Level.STOP
    assert examine("We are on it!!!", PUBLIC, {"shouting": "off"}) == []


def test_the_gravest_comes_first():
    found = examine("PLEASE SEND US your password!!! You should have read it", PUBLIC)
    levels = [one.level for one in found]
    assert levels == sorted(levels, key=["stop", "second", "advice", "good"].index)


def test_a_link_is_told_where_it_costs():
    dear = Setting(link_costs=0.185)
    assert Code.DEAR_LINK in codes("See https://nawa.example/help", dear)
    assert Code.DEAR_LINK in codes("See nawa.com/help", dear)
    assert Code.DEAR_LINK not in codes("See https://nawa.example/help")


# --- properties -----------------------------------------------------------------------------------------------------
@given(st.text(max_size=200), st.text(max_size=100))
def test_no_text_breaks_the_guard_and_spans_lie_in_it(text, asked):
    setting = Setting(asked=asked, language="ar", reasons=("question",), recent=(asked,), link_costs=1)
    for found in examine(text, setting):
        assert all(0 <= begins < ends <= len(text) for begins, ends in found.spans)


@given(st.text(max_size=100))
def test_folding_knows_where_every_letter_stood(text):
    folded = fold(text)
    assert len(folded.text) == len(folded.places)
    assert list(folded.places) == sorted(folded.places)


def test_policy_of_nothing_changes_nothing():
    found = examine("We are on it!!!", PUBLIC)
    assert judged(found, {}) == found


def test_check_digits():
    assert is_card("4111111111111111")
    assert not is_card("4111111111111112")
    assert not is_card("0" * 16)
    assert is_iban("gb82west12345698765432")
    assert not is_iban("gb83west12345698765432")


def test_canned_begins_at_four_fifths():
    assert 0.5 < CANNED < 1
