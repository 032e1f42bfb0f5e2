"""What regulated desks must not promise or show, in both directions and both languages; and what is no slip."""

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tickets.answering.guard import said
from tests.tickets.answering.guard.said import PRIVATE, PUBLIC
from tickets.answering.guard.examine import examine
from tickets.answering.guard.findings import USUAL, Code, Level, Setting

SECTOR = {
    code.value: "second"
    for code in (Code.MONEY_CLAIM, Code.HEALTH_CLAIM, Code.HEALTH_DATA, Code.SHOWN_NUMBER, Code.SHOWN_HEALTH)
}
codes = partial(said.codes, policy=SECTOR)


# --- promises of money ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "text",
    [
        "Our fund brings guaranteed returns of 8 % a year",
        "Your loan approval is guaranteed",
        "This is a risk-free investment",
        "You can't lose money with this account",
        "We promise you a profit within a month",
        "You will definitely be approved",
        "Instant loan approval for everybody",
        "Double your savings in a year",
        "عوائد مضمونة بنسبة 8% سنويًا",
        "الأرباح مضمونة معنا",
        "نضمن لك الموافقة على القرض",
        "استثمار بدون أي مخاطر",
        "لن تخسر معنا",
        "تمويل بلا شروط وموافقة فورية",
    ],
)
def test_a_promise_of_money_is_found_in_public_and_in_private(text):
    assert Code.MONEY_CLAIM in codes(text)
    assert Code.MONEY_CLAIM in codes(text, PRIVATE)


@pytest.mark.parametrize(
    "text",
    [
        "Returns are not guaranteed and may fall as well as rise",
        "We cannot guarantee returns",
        "No investment is risk-free",
        "There are always risks, read the terms first",
        "Your card is covered by a two year guarantee",
        "We will tell you once the loan is approved",
        "You will not lose your points when you move",
        "الأرباح غير مضمونة وقد تنخفض",
        "لا نضمن لك الموافقة على القرض",
        "لا يوجد استثمار بدون مخاطر",
        "تمت الموافقة على طلبك أمس",
        "اقرأ الشروط قبل التوقيع",
    ],
)
def test_a_warning_and_a_plain_word_promise_no_money(text):
    assert Code.MONEY_CLAIM not in codes(text)


# --- promises of health, and advice that is a doctor's ----------------------------------------------------------------
@pytest.mark.parametrize(
    "text",
    [
        "Our clinic offers a guaranteed cure",
        "This treatment cures diabetes",
        "It has no side effects at all",
        "You can stop taking your medication now",
        "You don't need to see a doctor for this",
        "Take two tablets every six hours",
        "Take 500 mg after food",
        "This is 100% effective",
        "شفاء مضمون خلال أسبوع",
        "هذا علاج نهائي للصدفية",
        "الدواء بدون آثار جانبية",
        "أوقف الدواء يومين",
        "لا تحتاج إلى مراجعة الطبيب",
        "خذ حبتين بعد الأكل",
        "تناول 500 ملغ كل ست ساعات",
    ],
)
def test_a_promise_of_health_or_a_dose_is_found(text):
    assert Code.HEALTH_CLAIM in codes(text)


@pytest.mark.parametrize(
    "text",
    [
        "Do not stop taking your medication before you speak to your doctor",
        "We cannot promise a cure, your doctor will explain",
        "Every medicine may have side effects",
        "You don't need a doctor's note for this",
        "Take two minutes to fill in the form",
        "Please see a doctor today",
        "لا توقف الدواء قبل استشارة طبيبك",
        "لا يوجد علاج نهائي لهذه الحالة",
        "لكل دواء آثار جانبية محتملة",
        "راجع الطبيب اليوم",
        "خذ رقم الحجز معك",
    ],
)
def test_careful_words_about_health_are_no_slip(text):
    assert Code.HEALTH_CLAIM not in codes(text)


# --- health in our own answer ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "text",
    [
        "Your blood test results are ready at the desk",
        "We have moved your surgery to Sunday",
        "Your prescription is ready, Amal",
        "Since you have diabetes we booked you early",
        "The results of your biopsy came in",
        "نتيجة تحليلك جاهزة",
        "وصفتك جاهزة في الصيدلية",
        "حالتك الصحية مستقرة",
        "أجّلنا عمليتك الجراحية إلى الأحد",
        "لديك سكري ولذلك حجزنا لك مبكرًا",
    ],
)
def test_a_patients_matter_in_public_is_found_and_in_private_it_is_not(text):
    assert Code.HEALTH_DATA in codes(text)
    assert Code.HEALTH_DATA not in codes(text, PRIVATE)


@pytest.mark.parametrize(
    "text",
    [
        "The laboratory opens at eight",
        "Your appointment is on Sunday at ten",
        "Diabetes week begins on Monday",
        "Your results in the customer survey helped us",
        "Send us a direct message about your test results",
        "المختبر يفتح الثامنة صباحًا",
        "موعدك يوم الأحد الساعة العاشرة",
        "أسبوع السكري يبدأ الاثنين",
        "راسلنا على الخاص بشأن نتيجة تحليلك",
    ],
)
def test_plain_service_words_and_the_way_to_private_show_nobodys_health(text):
    assert Code.HEALTH_DATA not in codes(text)


# --- what customers show of themselves ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "asked", ["my card 4111 1111 1111 1111 was charged twice", "حسابي SA03 8000 0000 6080 1016 7519 ولم يصل التحويل"]
)
def test_a_number_the_customer_showed_wants_the_answer_in_private(asked):
    assert Code.SHOWN_NUMBER in codes("We look at the charge now", Setting(asked=asked))
    assert Code.SHOWN_NUMBER not in codes("We look at the charge now", Setting(asked=asked, public=False))
    moving = "Delete your post, and send us a direct message"
    assert Code.SHOWN_NUMBER not in codes(moving, Setting(asked=asked))
    assert Code.SHOWN_NUMBER not in codes("احذف منشورك وراسلنا على الخاص", Setting(asked=asked))


@pytest.mark.parametrize("asked", ["order 123456789012 is late", "call me on 0501234567", "رقم الطلب 123456789012"])
def test_a_number_that_is_neither_card_nor_account_is_no_reason_to_move(asked):
    assert Code.SHOWN_NUMBER not in codes("We look at it now", Setting(asked=asked))


@pytest.mark.parametrize(
    "asked",
    [
        "I have diabetes and nobody calls me back about my appointment",
        "my biopsy results are two weeks late",
        "My little son has asthma and the clinic is shut",
        "I'm pregnant and waited three hours",
        "عندي سكري ولا أحد يرد علي",
        "نتيجة تحليلي متأخرة أسبوعين",
        "أمي عندها ضغط الدم والعيادة مغلقة",
        "أنا حامل وانتظرت ثلاث ساعات",
    ],
)
def test_health_the_customer_told_in_public_wants_the_answer_in_private(asked):
    assert Code.SHOWN_HEALTH in codes("We look into the delay", Setting(asked=asked))


@pytest.mark.parametrize(
    "asked",
    [
        "The clinic was shut all week",
        "I have a question about opening hours",
        "my results in the loyalty programme are wrong",
        "العيادة مغلقة طوال الأسبوع",
        "عندي سؤال عن المواعيد",
        "عندي ضغط شغل ومحتاج موعد مسائي",
    ],
)
def test_a_complaint_without_health_in_it_is_answered_in_public(asked):
    assert Code.SHOWN_HEALTH not in codes("We look into it", Setting(asked=asked))


# --- policy ---------------------------------------------------------------------------------------------------------
def test_a_desk_that_is_not_of_the_sector_hears_nothing_of_it():
    for text in ("Our fund brings guaranteed returns", "It has no side effects", "Your blood test results are ready"):
        assert codes(text, policy={}).isdisjoint({Code.MONEY_CLAIM, Code.HEALTH_CLAIM, Code.HEALTH_DATA})
    shown = codes("We look at it", Setting(asked="card 4111 1111 1111 1111, I have diabetes"), policy={})
    assert shown & {Code.SHOWN_NUMBER, Code.SHOWN_HEALTH} == {Code.SHOWN_NUMBER}, "a shown number is told everywhere"
    assert USUAL[Code.SHOWN_NUMBER] == Level.ADVICE


def test_policy_forces_the_move_to_private():
    found = examine("Your prescription is ready", PUBLIC, {"health_data": "stop"})
    assert [(one.level, one.fix) for one in found if one.code == Code.HEALTH_DATA] == [(Level.STOP, "private")]


@given(st.text(max_size=200), st.text(max_size=100))
def test_no_text_breaks_it_and_spans_lie_in_the_answer(text, asked):
    for found in examine(text, Setting(asked=asked), SECTOR):
        assert all(0 <= begins < ends <= len(text) for begins, ends in found.spans)
