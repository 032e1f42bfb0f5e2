"""Claims about a group's figures: each over the rows that have the label and the readers that have the answer."""

from dataclasses import replace

from sentiment.evaluation.answers import FAILED, Answer
from sentiment.evaluation.figures import figures
from sentiment.evaluation.rows import Labelled
from tests.sentiment.evaluation.cast import COMPLAINT, THANKS, rows, said


def test_a_reader_that_gets_everything_right_has_full_figures():
    found = figures([(row, said(row)) for row in rows()])
    assert (found.rows, found.failures) == (5, 0)
    for one in (found.sentiment, found.urgency, found.trigger, found.aim, found.follow_up_decided):
        assert one.accuracy.value == one.macro_f1.value == 1.0
    assert found.trigger.rows == 3, "thanks have no trigger"
    assert found.reasons.micro_f1.value == 1.0
    assert found.follow_up.recall.value == 1.0
    assert found.follow_up_scored_by == "probability"
    assert found.complaint is None, "no row says complaint by itself"


def test_a_label_without_an_answer_and_an_answer_without_a_label_are_left_out():
    tone_only = Answer(sentiment="negative", confidence=0.7)
    found = figures([(COMPLAINT, tone_only), (Labelled("no label"), said(COMPLAINT))])
    assert found.sentiment.rows == 1
    assert (found.follow_up, found.reasons, found.urgency, found.trigger) == (None, None, None, None)


def test_a_complaint_is_told_by_the_reasons():
    yes, no = Labelled("a", complaint=True), Labelled("b", complaint=False)
    found = figures([(yes, said(COMPLAINT)), (no, said(THANKS)), (no, said(COMPLAINT))])
    assert found.complaint.names == ("no", "yes")
    assert found.complaint.confusion == ((1, 1), (0, 1))


def test_a_calm_report_of_a_fault_is_a_complaint_as_data_sets_of_complaints_have_it():
    calm = replace(said(COMPLAINT), reasons=frozenset({"fault_report", "question"}))
    found = figures([(Labelled("a", complaint=True), calm), (Labelled("b", complaint=False), said(THANKS))])
    assert found.complaint.accuracy.value == 1.0


def test_a_rules_score_is_not_judged_as_a_probability():
    by_rule = replace(said(COMPLAINT), is_probability=False, threshold=0.42)
    found = figures([(COMPLAINT, by_rule), (THANKS, replace(by_rule, follow_up=0.1))])
    assert found.follow_up_scored_by == "rule"
    assert found.follow_up.threshold == 0.42
    assert found.follow_up_calibration is None
    assert found.sentiment_calibration is not None


def test_an_unread_text_counts_against_the_reader_where_it_owes_an_answer():
    found = figures([(COMPLAINT, FAILED), (THANKS, FAILED)])
    assert found.failures == 2
    assert found.follow_up.recall.value == 1.0, "it goes to a person"
    assert found.follow_up.precision.value == 0.5
    assert found.sentiment.accuracy.value == 0.0
    assert found.sentiment_calibration is None


def test_a_reader_with_a_threshold_for_each_language_has_none_over_all():
    found = figures([(COMPLAINT, said(COMPLAINT, threshold=0.3)), (THANKS, said(THANKS, threshold=0.4))])
    assert found.follow_up.threshold is None
    one = figures([(COMPLAINT, said(COMPLAINT, threshold=0.3)), (COMPLAINT, FAILED)])
    assert one.follow_up.threshold == 0.3, "what could not be read has no say"


def test_no_rows_no_figures():
    found = figures([])
    assert (found.rows, found.sentiment, found.follow_up, found.follow_up_scored_by) == (0, None, None, "")
