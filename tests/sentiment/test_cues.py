"""Claims about reasons and urgency, each in English and in Arabic of several regions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment import cues
from sentiment.text import clean, detect


def found(text: str) -> cues.Cues:
    cleaned = clean(text)
    return cues.find(cleaned, detect(cleaned))


EXAMPLES = [
    ("question", "When will my parcel arrive"),
    ("question", "is there an outage in my area"),
    ("question", "Opening hours?"),
    ("question", "متى يرجع النت"),
    ("question", "ليش الفاتورة زايدة هالشهر"),
    ("question", "ازاي اقدر اغير الباقة"),
    ("question", "شو وضع الطلب"),
    ("question", "علاش ما كاين حتى جواب"),
    ("question", "وين طلبي"),
    ("question", "الباقة بكام؟"),
    ("request", "Please call me back"),
    ("request", "I need help with my account"),
    ("request", "I want my money back"),
    ("request", "ابغى استرجاع المبلغ"),
    ("request", "عايز اكلم خدمة العملاء"),
    ("request", "بدي احكي مع موظف"),
    ("request", "أرجو التواصل معي"),
    ("request", "لو سمحتوا حلوا الموضوع"),
    ("fault_report", "The app keeps crashing since the update"),
    ("fault_report", "my internet isn't working"),
    ("fault_report", "no signal in the city centre"),
    ("fault_report", "parcel never arrived"),
    ("fault_report", "النت مقطوع"),
    ("fault_report", "التطبيق ما يشتغل"),
    ("fault_report", "التطبيق مايشتغل"),
    ("fault_report", "الموقع مش شغال"),
    ("fault_report", "الابلكيشن مبيفتحش"),
    ("fault_report", "الطلب ما وصل"),
    ("fault_report", "السيستم واقع"),
    ("fault_report", "النت ماكيخدمش"),
    ("fault_report", "msh sha8al el net ya jama3a"),
    ("details_given", "DM sent"),
    ("details_given", "I've sent you a message with my order number"),
    ("details_given", "same problem here"),
    ("details_given", "تم الارسال"),
    ("details_given", "بعتلكم ع الخاص"),
    ("details_given", "رقم الطلب 44812239"),
    ("details_given", "نفس المشكلة عندي"),
    ("threat_to_leave", "cancel my subscription, I'm switching to your competitor"),
    ("threat_to_leave", "you just lost a customer"),
    ("threat_to_leave", "راح الغي الاشتراك"),
    ("threat_to_leave", "هنقل رقمي لشركة تانية"),
    ("threat_to_leave", "آخر تعامل معكم"),
    ("safety_or_legal", "you will hear from my lawyer"),
    ("safety_or_legal", "I got food poisoning from your chicken"),
    ("safety_or_legal", "my account was hacked"),
    ("safety_or_legal", "برفع شكوى لحماية المستهلك"),
    ("safety_or_legal", "حسابي مخترق"),
    ("safety_or_legal", "لقيت صرصور في الاكل"),
    ("complaint", "worst customer service"),
    ("complaint", "still waiting for a reply"),
    ("complaint", "not happy with this"),
    ("complaint", "خدمة سيئة"),
    ("complaint", "خدمه سئ"),
    ("complaint", "الاكل مو حلو"),
    ("complaint", "محدش بيرد عليا"),
    ("complaint", "صارلي اسبوع ناطر"),
    ("complaint", "لاينصح به"),
    ("complaint", "حسبي الله ونعم الوكيل"),
    ("complaint", "😡😡😡"),
    ("praise", "great job"),
    ("praise", "خدمة ممتازة"),
    ("praise", "ولا اروع"),
    ("thanks", "Thank you!"),
    ("thanks", "يعطيكم العافية"),
    ("thanks", "مشكووووورين"),
]


@pytest.mark.parametrize(("reason", "text"), EXAMPLES)
def test_a_reason_is_found_in_plain_words(reason, text):
    assert reason in found(text).reasons


@pytest.mark.parametrize(
    "text",
    [
        "Thank you, great service!",
        "no problem at all, thanks",
        "I love the new colours",
        "good morning everyone",
        "خدمة ممتازة، شكرا لكم",
        "بدون مشاكل الحمد لله",
        "الاكل زاكي ولا غلطة",
        "صباح الخير جميعا",
        "It is working now, thank you",
        "my problem has been resolved",
        "انحلت المشكلة شكرا",
    ],
)
def test_praise_thanks_and_settled_matters_ask_for_nobody(text):
    assert cues.FOR_A_PERSON.isdisjoint(found(text).reasons)
    assert found(text).urgency == "low"


@pytest.mark.parametrize("text", ["not good", "isn't helpful", "مش كويس", "مو زين", "مب حلو", "غير نظيف", "ليس جيدا"])
def test_negated_praise_is_a_complaint(text):
    assert found(text).reasons == ("complaint",)


def test_a_settled_matter_with_a_but_is_not_settled():
    assert "fault_report" in found("they said it is fixed but it is not working").reasons


def test_dropped_hamzas_and_stretched_letters_change_nothing():
    assert found("أسوأ خدمة").reasons == found("اسوا خدمه").reasons == found("اسوااااا خدمه").reasons == ("complaint",)
    assert found("pleeeease").reasons == found("please").reasons


def test_reasons_come_once_and_in_the_stated_order():
    reasons = found("Please please fix it! Why is it not working? Worst service, thanks for nothing").reasons
    assert list(reasons) == [reason for reason in cues.REASONS if reason in reasons]
    assert {"question", "request", "fault_report", "complaint"} <= set(reasons)


@pytest.mark.parametrize(
    "text",
    [
        "I am stranded at the airport, please help",
        "someone hacked my account and is spending my money, help",
        "your charger caught fire",
        "حسابي مخترق ساعدوني",
        "انا عالق في المطار ومحد يرد",
        "الشاحن احترق ارجو الرد",
    ],
)
def test_harm_now_is_urgent(text):
    assert found(text).urgency == "high"


@pytest.mark.parametrize("text", ["my parcel is late", "الطلب متأخر", "where is my order?"])
def test_ordinary_trouble_is_of_normal_urgency(text):
    assert found(text).urgency == "normal"


def test_urgent_words_without_a_matter_for_us_are_not_urgent():
    assert found("stranded on a beautiful island, lovely").urgency == "low"


def test_spam_takes_several_signs():
    assert "spam" in found("Win a free phone! Click here https://spam.example giveaway").reasons
    assert "spam" in found("كود خصم حصري اضغط على الرابط https://spam.example").reasons
    assert "spam" not in found("is there a promo code? https://shop.example").reasons
    assert (
        "spam" not in found("your giveaway link click here is broken, it is not working https://shop.example").reasons
    )


@given(st.text(st.characters(codec=None)), st.sampled_from(["ar", "en", "und", "fr", "xx"]))
def test_any_text_gets_cues(text, language):
    result = cues.find(clean(text), language)
    assert set(result.reasons) <= set(cues.REASONS)
    assert result.urgency in ("low", "normal", "high")
