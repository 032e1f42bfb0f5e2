"""Triage: the decision on every message, pure. What holds of all messages is checked on thousands of them."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.corrections import VALUES
from ingest.models import Message
from ingest.platforms.base import Kind
from sentiment.reading import REASONS
from tests.cast import codes
from tickets import labels
from tickets.incoming.triage import GRAVE, NEED_A_PERSON, PRIVATE, Facts, Policy, decide, has_signs, own_words
from tickets.reasons import SURE, WORDS, brief, words

POLICY = Policy(negative=0.45, unsure=0.5)
DECISIONS = Message.Decision
AWAITING = Message.Disposition.AWAITING

CONTENT, UNHAPPY, PLAIN, TORN = (0.02, 0.9), (0.8, 0.1), (0.1, 0.1), (0.33, 0.34)

# What a reader trained for customer care says besides.
OWED: dict[str, Any] = {"follow_up": 0.87, "threshold": 0.4}
NOT_OWED: dict[str, Any] = {"follow_up": 0.07, "threshold": 0.4}


def facts(text: str = "some words", mood: tuple[float, float] | None = PLAIN, **known: Any) -> Facts:
    """A mention with words of its own that reads as neither happy nor unhappy."""
    negative, positive = mood or (None, None)
    return Facts(**({"kind": "mention", "text": text, "negative": negative, "positive": positive} | known))


def decided(**known: Any) -> tuple[str, str, list[str]]:
    verdict = decide(facts(**known), POLICY)
    return verdict.decision.value, verdict.disposition.value, codes(verdict.reasons)


@pytest.mark.parametrize(
    ("known", "decision", "disposition", "why"),
    [
        ({"ours": True, "mood": UNHAPPY}, "ours", "ours", ["own_post"]),
        ({"kind": "repost", "mood": UNHAPPY, "live_ticket": True}, "folded", "merged", ["repost"]),
        ({"kind": "quote", "text": "@care https://x.example/1 😀"}, "folded", "merged", ["bare_quote"]),
        ({"kind": "quote", "text": "😡", "has_media": True}, "ticket", "awaiting", ["only_media"]),
        ({"kind": "quote", "text": "still down", "mood": UNHAPPY}, "ticket", "awaiting", ["negative"]),
        ({"seen_elsewhere": True, "mood": UNHAPPY}, "folded", "merged", ["other_channel"]),
        ({"deleted": True, "text": "", "mood": None}, "no_answer", "no_answer", ["deleted"]),
        ({"deleted": True, "text": "", "live_ticket": True}, "join", "no_answer", ["live_ticket", "deleted"]),
        ({"cues": ("spam", "question")}, "spam", "spam", ["spam"]),
        ({"cues": ("spam", "question"), "live_ticket": True}, "join", "awaiting", ["live_ticket", "question"]),
        ({"cues": ("spam", "question"), "kind": "dm"}, "ticket", "awaiting", ["question"]),
        ({"mood": UNHAPPY}, "ticket", "awaiting", ["negative"]),
        ({"mood": (0.45, 0.3)}, "ticket", "awaiting", ["negative"]),
        ({"mood": (0.44, 0.1)}, "ticket", "awaiting", ["unsure"]),
        ({"mood": TORN}, "ticket", "awaiting", ["unsure"]),
        ({"mood": TORN, "cues": ("thanks",)}, "no_answer", "no_answer", ["thanks"]),
        ({"mood": None}, "ticket", "awaiting", ["unread"]),
        ({"mood": None, "cues": ("complaint",)}, "ticket", "awaiting", ["unread", "complaint"]),
        ({"mood": CONTENT}, "no_answer", "no_answer", ["positive"]),
        ({"mood": CONTENT, "cues": ("praise",)}, "no_answer", "no_answer", ["praise"]),
        ({"mood": CONTENT, "cues": ("question",)}, "ticket", "awaiting", ["question"]),
        ({"mood": PLAIN}, "no_answer", "no_answer", ["nothing_asked"]),
        ({"kind": "dm", "mood": PLAIN}, "ticket", "awaiting", ["private"]),
        ({"kind": "dm", "text": "😀", "mood": CONTENT}, "ticket", "awaiting", ["private"]),
        ({"kind": "mail", "mood": CONTENT, "cues": ("thanks",)}, "no_answer", "no_answer", ["thanks"]),
        ({"text": "", "has_media": True}, "ticket", "awaiting", ["only_media"]),
        ({"text": ""}, "no_answer", "no_answer", ["no_words"]),
        ({"text": "", "mood": None}, "no_answer", "no_answer", ["no_words"]),
        ({"text": "@nawa_care", "mood": UNHAPPY}, "no_answer", "no_answer", ["no_words"]),
        ({"text": "😡😡", "mood": UNHAPPY}, "ticket", "awaiting", ["negative"]),
        ({"text": "😡😡", "mood": None}, "ticket", "awaiting", ["unread"]),
        ({"text": "😐", "mood": (0.5, 0.1)}, "no_answer", "no_answer", ["no_words"]),
        ({"mood": UNHAPPY, "live_ticket": True}, "join", "awaiting", ["live_ticket", "negative"]),
        ({"mood": CONTENT, "live_ticket": True}, "join", "no_answer", ["live_ticket", "positive"]),
        ({"mood": UNHAPPY, "resolved_thread": True}, "join", "awaiting", ["came_back", "negative"]),
        ({"mood": CONTENT, "resolved_thread": True}, "join", "no_answer", ["after_care", "positive"]),
        # From here on the reader says what is owed, and tone and doubt count for nothing beside that.
        (OWED, "ticket", "awaiting", ["follow_up"]),
        (OWED | {"cues": ("question", "complaint")}, "ticket", "awaiting", ["complaint", "question", "follow_up"]),
        (OWED | {"cues": ("praise",), "mood": CONTENT}, "ticket", "awaiting", ["follow_up"]),
        (OWED | {"live_ticket": True}, "join", "awaiting", ["live_ticket", "follow_up"]),
        (OWED | {"resolved_thread": True}, "join", "awaiting", ["came_back", "follow_up"]),
        (OWED | {"kind": "dm"}, "ticket", "awaiting", ["follow_up"]),
        (OWED | {"cues": ("spam",)}, "ticket", "awaiting", ["follow_up"]),
        (OWED | {"text": "", "has_media": True}, "ticket", "awaiting", ["follow_up"]),
        (OWED | {"text": ""}, "no_answer", "no_answer", ["no_words"]),
        (OWED | {"kind": "repost"}, "folded", "merged", ["repost"]),
        (NOT_OWED | {"mood": UNHAPPY}, "no_answer", "no_answer", ["nothing_owed"]),
        (NOT_OWED | {"mood": TORN}, "no_answer", "no_answer", ["nothing_owed"]),
        (NOT_OWED | {"cues": ("complaint", "opinion")}, "no_answer", "no_answer", ["opinion", "nothing_owed"]),
        (NOT_OWED | {"cues": ("thanks", "praise")}, "no_answer", "no_answer", ["thanks", "praise", "nothing_owed"]),
        (NOT_OWED | {"cues": ("safety_or_legal",)}, "ticket", "awaiting", ["safety_or_legal"]),
        (NOT_OWED | {"cues": ("threat_to_leave", "question")}, "ticket", "awaiting", ["threat_to_leave"]),
        (NOT_OWED | {"cues": ("spam", "request")}, "spam", "spam", ["spam"]),
        (NOT_OWED | {"cues": ("spam", "safety_or_legal")}, "ticket", "awaiting", ["safety_or_legal"]),
        (NOT_OWED | {"cues": ("spam",), "kind": "dm"}, "ticket", "awaiting", ["private"]),
        (NOT_OWED | {"kind": "dm"}, "ticket", "awaiting", ["private"]),
        (NOT_OWED | {"kind": "dm", "cues": ("thanks",)}, "no_answer", "no_answer", ["thanks", "nothing_owed"]),
        (NOT_OWED | {"text": "", "has_media": True}, "ticket", "awaiting", ["only_media"]),
        (NOT_OWED | {"text": "😡😡", "mood": UNHAPPY}, "ticket", "awaiting", ["negative"]),
        (NOT_OWED | {"live_ticket": True}, "join", "awaiting", ["live_ticket", "wrote_again"]),
        (NOT_OWED | {"live_ticket": True, "mood": CONTENT}, "join", "no_answer", ["live_ticket", "nothing_owed"]),
        (NOT_OWED | {"resolved_thread": True}, "join", "no_answer", ["after_care", "nothing_owed"]),
    ],
    ids=lambda value: None if isinstance(value, list | str) else ",".join(f"{k}={v}" for k, v in value.items()),
)
def test_what_is_known_of_a_message_decides_it(
    known: dict[str, Any], decision: str, disposition: str, why: list[str]
) -> None:
    assert decided(**known) == (decision, disposition, why)


def test_reasons_that_call_for_a_person_are_named_gravest_first() -> None:
    *_, why = decided(cues=("question", "threat_to_leave", "safety_or_legal"), mood=UNHAPPY)
    assert why == ["safety_or_legal", "threat_to_leave", "question", "negative"]


def test_what_needs_nobody_is_of_low_urgency_and_what_does_is_as_urgent_as_it_reads() -> None:
    assert decide(facts(urgency="high"), POLICY).urgency == "low"
    assert decide(facts(urgency="high", mood=UNHAPPY), POLICY).urgency == "high"
    assert decide(facts(urgency="", mood=UNHAPPY), POLICY).urgency == "normal"


def test_the_thresholds_are_the_policys() -> None:
    torn = facts(mood=(0.3, 0.2))
    assert decide(torn, Policy(negative=0.3, unsure=0)).needs_answer
    assert not decide(torn, Policy(negative=0.31, unsure=0.4)).needs_answer


@pytest.mark.parametrize(
    ("follow_up", "threshold", "policys", "needed"),
    [
        (0.4, 0.4, None, True),
        (0.39, 0.4, None, False),
        (0.5, None, None, True),
        (0.49, None, None, False),
        (0.3, 0.4, 0.3, True),
        (0.5, 0.4, 0.6, False),
        (0.0, 0.4, 0.0, True),
    ],
)
def test_the_policys_threshold_of_what_is_owed_goes_before_the_readers_own(
    follow_up: float, threshold: float | None, policys: float | None, *, needed: bool
) -> None:
    known = facts(follow_up=follow_up, threshold=threshold)
    assert decide(known, Policy(negative=0.45, unsure=0.5, follow_up=policys)).needs_answer == needed


def test_plain_thanks_do_not_wake_a_matter_we_are_in_though_a_first_word_of_the_kind_is_looked_at() -> None:
    thanks: dict[str, Any] = {"mood": CONTENT, "cues": ("thanks", "praise"), "follow_up": 0.3, "threshold": 0.15}
    assert decided(**thanks)[:2] == ("ticket", "awaiting")
    assert decided(**thanks, live_ticket=True)[:2] == ("join", "no_answer")
    assert decided(**thanks, resolved_thread=True)[:2] == ("join", "no_answer")
    assert decided(**{**thanks, "follow_up": 0.6}, live_ticket=True)[1] == "awaiting"
    assert decided(**{**thanks, "cues": ("thanks", "question")}, live_ticket=True)[1] == "awaiting"
    assert decided(**{**thanks, "mood": UNHAPPY}, live_ticket=True)[1] == "awaiting"


def test_how_sure_the_reader_is_makes_the_phrase_and_its_figure_is_left_for_a_closer_look() -> None:
    assert decide(facts(**OWED), POLICY).reasons == ({"code": "follow_up", "p": 0.87},)
    assert words(decide(facts(**OWED), POLICY).reasons) == ["probably needs an answer"]
    assert words(decide(facts(follow_up=0.3, threshold=0.2), POLICY).reasons) == ["may need an answer"]
    assert words(decide(facts(**NOT_OWED), POLICY).reasons) == ["probably needs no answer"]


@pytest.mark.parametrize(
    ("cues", "trigger", "aim", "phrases"),
    [
        (("complaint",), "delay_or_outage", "refund", ["complains: delay or outage, wants a refund"]),
        (("complaint",), "other", "unclear", ["complains"]),
        (("complaint",), "", "apology", ["complains, wants an apology"]),
        (("fault_report",), "bad_product", "", ["reports a fault: a bad product"]),
        (("complaint", "fault_report"), "rudeness", "", ["complains: rudeness", "reports a fault"]),
        (("question",), "rudeness", "refund", ["asks a question"]),
        (("complaint",), "a_new_one", "another", ["complains: a_new_one, wants another"]),
    ],
)
def test_a_complaint_says_what_set_it_off_and_what_it_is_after(
    cues: tuple[str, ...], trigger: str, aim: str, phrases: list[str]
) -> None:
    verdict = decide(facts(cues=cues, trigger=trigger, aim=aim, **OWED), POLICY)
    assert words(verdict.reasons) == [*phrases, "probably needs an answer"]
    assert words(brief(verdict.reasons)) == phrases


def test_a_row_says_how_sure_the_reader_is_only_where_it_could_not_name_why() -> None:
    assert brief([{"code": "follow_up", "p": 0.9}]) == [{"code": "follow_up", "p": 0.9}]


def test_every_reason_and_every_value_of_a_label_has_its_words() -> None:
    assert set(REASONS) <= {*WORDS}
    assert {label: {*known} for label, known in labels.WORDS.items()} == {label: {*VALUES[label]} for label in VALUES}


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("@nawa_care https://x.example/a?b=c", ""),
        ("@user@mastodon.example ...", ""),
        ("😀 !!! _", ""),
        ("a", "a"),
        ("me@nawa.example", "menawaexample"),
        ("لا", "لا"),
        ("@nawa_care لا يعمل", "لايعمل"),
        ("壊れた", "壊れた"),
        ("5", "5"),
    ],
)
def test_own_words_are_what_is_left_without_handles_links_and_signs(text: str, left: str) -> None:
    assert own_words(text) == left


def test_signs_are_emoji_not_punctuation() -> None:
    assert has_signs("@nawa_care 😡")
    assert not has_signs("@nawa_care … !?")


# --- what holds of every message ------------------------------------------------------------------------------------
moods = st.tuples(st.floats(0, 1), st.floats(0, 1)).map(lambda two: (two[0], (1 - two[0]) * two[1]))
texts = st.sampled_from(["", "words", "😡", "@nawa_care", "https://x.example", "لا يعمل"]) | st.text(max_size=30)
cues = st.lists(st.sampled_from([*REASONS, "new_cue"]), unique=True).map(tuple)
# What a reader of sentiment only leaves open, and what one trained for care says.
owed = st.one_of(st.just((None, None)), st.tuples(st.floats(0, 1), st.floats(0.01, 0.99) | st.none()))


def with_owed(owed: tuple[float | None, float | None], **known: Any) -> Facts:
    """Facts with a follow_up and its threshold, which only come together."""
    return facts(follow_up=owed[0], threshold=owed[1], **known)


anything = st.builds(
    with_owed,
    owed,
    text=texts,
    mood=st.none() | moods,
    kind=st.sampled_from([kind.value for kind in Kind]),
    ours=st.booleans(),
    has_media=st.booleans(),
    deleted=st.booleans(),
    cues=cues,
    urgency=st.sampled_from(["", "low", "normal", "high"]),
    live_ticket=st.booleans(),
    resolved_thread=st.booleans(),
    seen_elsewhere=st.booleans(),
)
# New words of a customer, read by the model.
customers = st.builds(
    with_owed,
    owed,
    text=texts,
    mood=moods,
    kind=st.sampled_from(["mention", "reply", "dm", "mail", "review"]),
    has_media=st.booleans(),
    cues=cues,
    live_ticket=st.booleans(),
    resolved_thread=st.booleans(),
)


@given(anything)
def test_every_message_gets_a_decision_with_reasons_that_have_words(known: Facts) -> None:
    verdict = decide(known, POLICY)
    assert verdict.reasons
    assert {reason["code"] for reason in verdict.reasons} <= {*WORDS, *SURE, "unsure"}
    assert all(phrase.strip() for phrase in words(verdict.reasons))
    assert verdict.urgency in {"low", "normal", "high"}


@given(anything)
def test_only_what_is_on_a_ticket_can_await_an_answer(known: Facts) -> None:
    verdict = decide(known, POLICY)
    if verdict.decision == DECISIONS.TICKET:
        assert verdict.disposition == AWAITING
        assert not known.live_ticket
    if verdict.disposition == AWAITING:
        assert verdict.decision in {DECISIONS.TICKET, DECISIONS.JOIN}
    if verdict.decision == DECISIONS.JOIN:
        assert known.live_ticket or known.resolved_thread


@given(anything)
def test_a_ticket_reopens_only_for_somebody_who_needs_a_person(known: Facts) -> None:
    verdict = decide(known, POLICY)
    if verdict.reopen:
        assert verdict.needs_answer
        assert known.resolved_thread
        assert not known.live_ticket


@given(anything)
def test_our_own_posts_and_reposts_never_reach_a_ticket(known: Facts) -> None:
    assert decide(replace(known, ours=True), POLICY).decision == DECISIONS.OURS
    assert decide(replace(known, ours=False, kind="repost"), POLICY).decision == DECISIONS.FOLDED


@given(customers, st.sampled_from(NEED_A_PERSON))
def test_one_more_reason_never_loses_a_message(known: Facts, cue: str) -> None:
    if decide(known, POLICY).needs_answer:
        assert decide(replace(known, cues=(*known.cues, cue)), POLICY).needs_answer


@given(customers, st.floats(0, 1))
def test_an_unhappier_reading_never_loses_a_message(known: Facts, share: float) -> None:
    negative, positive = known.negative or 0.0, known.positive or 0.0
    unhappier = negative + share * max(0.0, 1 - negative - positive)
    if decide(known, POLICY).needs_answer:
        assert decide(replace(known, negative=unhappier), POLICY).needs_answer


@given(customers, st.floats(0, 1))
def test_a_higher_follow_up_never_loses_a_message(known: Facts, share: float) -> None:
    if known.follow_up is not None and decide(known, POLICY).needs_answer:
        higher = replace(known, follow_up=known.follow_up + share * (1 - known.follow_up))
        assert decide(higher, POLICY).needs_answer


@given(customers, st.sampled_from(sorted(GRAVE)))
def test_a_grave_matter_in_words_always_gets_a_person(known: Facts, cue: str) -> None:
    assert decide(replace(known, text="words", cues=(*known.cues, cue), follow_up=0.0), POLICY).needs_answer


@given(customers)
def test_a_customers_words_without_a_reading_always_get_a_person(known: Facts) -> None:
    unread = replace(known, text="words", negative=None, positive=None, follow_up=None, cues=())
    assert decide(unread, POLICY).needs_answer


@given(customers)
def test_whoever_has_a_live_ticket_is_heard_on_it(known: Facts) -> None:
    assert decide(replace(known, live_ticket=True), POLICY).decision == DECISIONS.JOIN


@given(anything)
def test_private_messages_are_never_spam(known: Facts) -> None:
    for kind in PRIVATE:
        assert decide(replace(known, kind=kind), POLICY).decision != DECISIONS.SPAM
