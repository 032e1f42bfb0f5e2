"""Lost answers, limits, wrong set-ups, several processes and sudden ends."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import time_machine

from ingest.platforms.base import Account, Json, OutcomeUnknown, Page, PlatformError, Post
from ingest.platforms.demo import Demo
from tests.platforms.demo.cast import CORPUS, answer_to, everything


class TestTrouble:
    def test_an_answer_whose_outcome_is_unknown_is_found(self, account: Account, clock: time_machine.Traveller) -> None:
        demo = Demo(account)
        outgoing = answer_to(everything(demo)[0])
        demo.plan_fault("reply", "answer_lost")
        with pytest.raises(OutcomeUnknown):
            demo.reply(outgoing)
        found = demo.find_reply(outgoing)
        assert found is not None
        assert demo.reply(outgoing) == found

    def test_an_answer_that_never_left_is_not_found(self, account: Account, clock: time_machine.Traveller) -> None:
        demo = Demo(account)
        outgoing = answer_to(everything(demo)[0])
        demo.plan_fault("reply", "not_sent")
        with pytest.raises(OutcomeUnknown):
            demo.reply(outgoing)
        assert demo.find_reply(outgoing) is None
        assert demo.reply(outgoing).external_id

    def test_a_rate_limit_says_when_to_come_back(self, account: Account, clock: time_machine.Traveller) -> None:
        demo = Demo(account)
        outgoing = answer_to(everything(demo)[0])
        demo.plan_fault("reply", "rate_limited")
        demo.plan_fault("fetch", "refused")
        with pytest.raises(PlatformError) as limit:
            demo.reply(outgoing)
        assert (limit.value.retry_after, limit.value.permanent) == (1, False)
        with pytest.raises(PlatformError) as refusal:
            demo.fetch({})
        assert refusal.value.permanent

    @pytest.mark.parametrize("options", [{}, {"pace": "fast"}, {"head_start": []}])
    def test_unusable_options_need_a_person(self, account: Account, options: Json) -> None:
        usual = account.options if options else {}
        with pytest.raises(PlatformError) as refusal:
            Demo(replace(account, options={**usual, **options})).fetch({})
        assert (refusal.value.code, refusal.value.permanent) == ("bad_options", True)

    def test_a_world_file_that_is_none_says_so(self, account: Account) -> None:
        Path(account.options["path"]).write_text("This is not a database, it is a letter. " * 100)
        with pytest.raises(PlatformError) as refusal:
            Demo(account).fetch({})
        assert refusal.value.code == "unreachable"


def visit(account: Account, errand: Callable[[Demo, int], None]) -> None:
    for turn in range(1000):
        errand(Demo(account), turn)


def look(demo: Demo, turn: int) -> None:
    demo.fetch({})


def speak(demo: Demo, turn: int) -> None:
    demo.reply(answer_to(demo.fetch({}).posts[0], f"We look into it, number {turn} in line", key=f"key {turn}"))


@pytest.mark.parametrize("errand", [look, speak])
def test_two_processes_and_a_kill_between(account: Account, errand: Callable[[Demo, int], None]) -> None:
    """The world begins once, answers are posted once, and a process killed in the middle leaves nothing half done."""
    spawn = multiprocessing.get_context("spawn")
    visitors = [spawn.Process(target=visit, args=(account, errand)) for _ in range(2)]
    for visitor in visitors:
        visitor.start()
    time.sleep(1.5)
    for visitor in visitors:
        os.kill(int(visitor.pid or 0), signal.SIGKILL)
        visitor.join()
    demo = Demo(account)
    posts: list[Post] = []
    page = Page(posts=(), cursor={}, more=True)
    while page.more:
        page = demo.fetch(page.cursor)
        posts += page.posts
    assert len({post.external_id for post in posts}) == len(posts)
    texts = [post.text for post in posts if post.author.handle != "sara"]
    assert len(set(texts)) == len(texts)
    assert posts[0].text == CORPUS[0]["text"]
