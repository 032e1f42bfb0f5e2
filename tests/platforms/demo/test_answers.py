"""Answers are read back, and customers come back calmer or angrier."""

from dataclasses import replace

import pytest
import time_machine

from ingest.platforms.base import Account, PlatformError
from ingest.platforms.demo import Demo
from tests.platforms.demo.cast import GOOD, answer_to, by_text, everything


class TestAnswers:
    def test_an_answer_is_read_back_and_calms(self, account: Account, clock: time_machine.Traveller) -> None:
        demo = Demo(account)
        page = demo.fetch({})
        sent = demo.reply(answer_to(page.posts[0]))
        own = next(post for post in everything(demo, page.cursor))
        assert (own.external_id, own.author.external_id) == (sent.external_id, "demo-nawa_care")
        assert own.parent_id == page.posts[0].external_id
        clock.shift(6)
        reaction = by_text(everything(demo), "Thank you, waiting")
        assert reaction.parent_id == sent.external_id
        assert reaction.author == page.posts[0].author
        assert reaction.root_id == page.posts[0].external_id

    def test_a_poor_answer_angers_and_a_second_decent_one_closes(
        self, account: Account, clock: time_machine.Traveller
    ) -> None:
        demo = Demo(account)
        demo.reply(answer_to(everything(demo)[0], "DM us"))
        clock.shift(6)
        angry = by_text(everything(demo), "A robot?!")
        demo.reply(answer_to(angry, key="k2"))
        clock.shift(6)
        closing = by_text(everything(demo), "It works again")
        demo.reply(answer_to(closing, "You are most welcome, have a nice evening", key="k3"))
        clock.shift(6)
        thanks = by_text(everything(demo), "Thank you, waiting")
        assert thanks.author.handle == "sara"

    def test_the_same_key_is_the_same_answer(self, account: Account, clock: time_machine.Traveller) -> None:
        demo = Demo(account)
        outgoing = answer_to(everything(demo)[0])
        assert demo.find_reply(outgoing) is None
        first, second = demo.reply(outgoing), demo.reply(outgoing)
        assert first == second == demo.find_reply(outgoing)
        clock.shift(60)
        texts = [post.text for post in everything(demo)]
        assert texts.count(GOOD) == texts.count("Thank you, waiting") == 1

    def test_the_follow_up_takes_6_to_15_seconds(self, account: Account, clock: time_machine.Traveller) -> None:
        demo = Demo(replace(account, options={**account.options, "follow_up_seconds": None}))
        demo.reply(answer_to(everything(demo)[0]))
        clock.shift(5.9)
        assert not any("Thank you" in post.text for post in everything(demo))
        clock.shift(9.2)
        assert any("Thank you" in post.text for post in everything(demo))

    def test_a_customer_without_later_words_stays_silent(self, account: Account, clock: time_machine.Traveller) -> None:
        demo = Demo(account)
        demo.fetch({})
        clock.shift(60)
        before = everything(demo)
        demo.reply(answer_to(by_text(before, "plan"), "The middle one is best for most people"))
        clock.shift(60)
        assert len(everything(demo)) == len(before) + 1

    def test_the_unanswered_come_back_and_the_answered_do_not(
        self, account: Account, clock: time_machine.Traveller
    ) -> None:
        ignored = Demo(account)
        sara = everything(ignored)[0]
        answered = Demo(replace(account, options={**account.options, "path": account.options["path"] + "2"}))
        answered.reply(answer_to(everything(answered)[0]))
        clock.shift(241)
        chase = by_text(everything(ignored), "Still nothing")
        assert (chase.parent_id, chase.author) == (sara.external_id, sara.author)
        assert not any("Still nothing" in post.text for post in everything(answered))
        clock.shift(100_000)
        assert sum("Still nothing" in post.text for post in everything(ignored)) == 1

    @pytest.mark.parametrize(("text", "code"), [("", "too_long"), ("a" * 281, "too_long")])
    def test_an_impossible_answer_is_refused_for_good(
        self, account: Account, clock: time_machine.Traveller, text: str, code: str
    ) -> None:
        demo = Demo(account)
        with pytest.raises(PlatformError) as refusal:
            demo.reply(answer_to(everything(demo)[0], text))
        assert (refusal.value.code, refusal.value.permanent) == (code, True)

    def test_an_answer_to_a_post_that_is_gone(self, account: Account, clock: time_machine.Traveller) -> None:
        demo = Demo(account)
        with pytest.raises(PlatformError) as refusal:
            demo.reply(replace(answer_to(everything(demo)[0]), parent_id="demo-other-1"))
        assert (refusal.value.code, refusal.value.permanent) == ("gone", True)

    def test_length_counts_composed_code_points(self, account: Account) -> None:
        length = Demo(account).length
        assert (length("e\u0301").used, length("").fits, length("a" * 280).fits) == (1, False, True)
