"""Posts become visible at a live pace, page by page."""

import json
from dataclasses import replace
from pathlib import Path

import time_machine

from ingest.platforms.base import Account
from ingest.platforms.demo import Demo
from tests.platforms.demo.cast import BEGINNING, CORPUS, by_text, everything


class TestPace:
    def test_the_head_start_lies_in_the_last_two_hours(self, account: Account, clock: time_machine.Traveller) -> None:
        posts = everything(Demo(account))
        assert [post.author.handle for post in posts] == ["sara", "nawa_telecom"]
        assert all(-7200 < (post.posted_at - BEGINNING).total_seconds() < 0 for post in posts)
        assert posts[0].posted_at < posts[1].posted_at

    def test_the_rest_comes_at_the_pace(self, account: Account, clock: time_machine.Traveller) -> None:
        demo = Demo(account)
        first = demo.fetch({})
        assert everything(demo, first.cursor) == []
        clock.shift(2.3)
        more = demo.fetch(first.cursor)
        assert len(more.posts) == 2
        assert all(0 < (post.posted_at - BEGINNING).total_seconds() <= 2.3 for post in more.posts)
        clock.shift(60)
        assert len(everything(demo)) == len(CORPUS)

    def test_the_clock_stands_still_while_nobody_looks(self, account: Account, clock: time_machine.Traveller) -> None:
        demo = Demo(replace(account, options={**account.options, "nap_seconds": 120}))
        demo.fetch({})
        clock.shift(3600 * 10)
        assert len(everything(demo)) == 2
        clock.shift(10)
        assert len(everything(demo)) == len(CORPUS)

    def test_a_thread_keeps_its_root_and_a_repost_its_original(
        self, account: Account, clock: time_machine.Traveller
    ) -> None:
        demo = Demo(account)
        demo.fetch({})
        clock.shift(60)
        posts = everything(demo)
        asked, again = by_text(posts, "بطيء"), by_text(posts, "رد؟")
        assert (again.parent_id, again.root_id) == (asked.external_id, asked.external_id)
        assert asked.author == again.author
        assert asked.author.external_id == "demo-omar_k"
        assert by_text(posts, "RT").ref_id == posts[0].external_id
        assert by_text(posts, "plan").parent_id == ""

    def test_pages_are_bounded_and_can_be_fetched_again(
        self, account: Account, tmp_path: Path, clock: time_machine.Traveller
    ) -> None:
        many = tmp_path / "many.jsonl"
        lines = [{"id": f"p{n}", "author": f"a{n}", "text": f"post {n}"} for n in range(130)]
        many.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
        demo = Demo(
            replace(account, options={**account.options, "corpus": str(many), "head_start": 130, "late_share": 0})
        )
        first = demo.fetch({})
        rest = demo.fetch(first.cursor)
        assert (len(first.posts), first.more, len(rest.posts), rest.more) == (100, True, 30, False)
        assert demo.fetch({}) == first
        assert len({post.external_id for post in first.posts + rest.posts}) == 130

    def test_a_tenth_of_the_posts_is_kept_for_later(
        self, account: Account, tmp_path: Path, clock: time_machine.Traveller
    ) -> None:
        many = tmp_path / "many.jsonl"
        lines = [{"id": f"p{n}", "author": f"a{n}", "text": f"post {n}"} for n in range(50)]
        many.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
        demo = Demo(replace(account, options={**account.options, "corpus": str(many)}))
        demo.fetch({})
        clock.shift(120)
        assert len(everything(demo)) == 45
        clock.shift(3600)
        assert len(everything(demo)) == 47
        clock.shift(7200)
        assert len(everything(demo)) == 50

    def test_another_world_is_read_from_its_beginning(self, account: Account, clock: time_machine.Traveller) -> None:
        cursor = Demo(account).fetch({}).cursor
        ids = {post.external_id for post in everything(Demo(account))}
        for file in Path(account.options["path"]).parent.glob("world.sqlite3*"):
            file.unlink()
        again = everything(Demo(account), cursor)
        assert len(again) == 2
        assert ids.isdisjoint(post.external_id for post in again)
