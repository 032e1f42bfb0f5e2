"""An import stores each post once, whatever happens, and accounts for every row."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError

from accounts.models import Brand, Membership, Role, Team
from ingest.imports import runner
from ingest.imports.channels import NoChannel, find_or_make
from ingest.imports.formats import open_format
from ingest.imports.items import UnusableFile
from ingest.imports.patience import WAITS, patiently
from ingest.imports.progress import Silence
from ingest.imports.rejects import Rejects
from ingest.imports.runner import Import, Tally
from ingest.models import Channel, Contact, Message
from tests.cast import a_channel, a_person
from tests.ingest.imports.files import a_csv, a_jsonl, a_line, a_page, a_row, an_x_post

pytestmark = pytest.mark.django_db


def bring_in(path: Path, channel: Channel, *ours: str) -> Tally:
    with Rejects(path.with_suffix(".rejects"), path) as rejects:
        job = Import(path, open_format(path), channel, rejects, Silence(), frozenset(ours))
        job.survey()
        tally = job.run()
    assert tally.balances
    return tally


def everything() -> list[tuple[Any, ...]]:
    return [*Message.objects.order_by("id").values_list(), *Contact.objects.order_by("id").values_list()]


@pytest.fixture
def history(tmp_path: Path) -> Path:
    return a_csv(
        tmp_path / "history.csv",
        a_row(3, "sorry!", 2, by="nawa", inbound="False"),
        a_row(2, "still dead", 1),
        a_row(1),
        a_row("oops"),
        a_row(2, "still dead", 1),
        a_row(4, parent=3),
    )


class TestAccount:
    def test_every_row_is_accounted_for(self, history: Path) -> None:
        assert bring_in(history, a_channel()) == Tally(rows=6, imported=4, rejected=1, duplicates=1)
        assert Message.objects.filter(direction="out").values_list("external_id", flat=True).get() == "3"
        assert set(Message.objects.values_list("conversation__key", flat=True)) == {"1"}

    def test_a_second_run_changes_nothing(self, history: Path) -> None:
        channel = a_channel()
        bring_in(history, channel)
        before = everything()
        assert bring_in(history, channel) == Tally(rows=6, known=4, rejected=1, duplicates=1)
        assert everything() == before

    def test_a_run_broken_off_is_taken_up(self, history: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(runner, "BATCH", 2)
        channel, store, batches = a_channel(), runner.store, []

        def break_off(*args: Any, **kwargs: Any) -> Any:
            batches.append(1)
            if len(batches) == 2:
                raise KeyboardInterrupt
            return store(*args, **kwargs)

        monkeypatch.setattr(runner, "store", break_off)
        with pytest.raises(KeyboardInterrupt):
            bring_in(history, channel)
        assert Message.objects.count() == 2
        assert bring_in(history, channel) == Tally(rows=6, imported=2, known=2, rejected=1, duplicates=1)

    def test_rejects_name_line_and_reason(self, history: Path) -> None:
        bring_in(history, a_channel())
        (entry,) = map(json.loads, history.with_suffix(".rejects").read_text().splitlines())
        assert (entry["line"], entry["reason"]) == (5, "tweet_id is no id: oops")
        assert entry["row"] == a_row("oops") + "\r\n"

    def test_a_post_that_the_database_refuses_costs_itself_only(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        store = runner.store

        def refuse(channel: Channel, posts: Any, **kwargs: Any) -> Any:
            if any("poison" in post.text for post in posts):
                raise ValueError("no")
            return store(channel, posts, **kwargs)

        monkeypatch.setattr(runner, "store", refuse)
        rows = [a_row(n, "poison" if n in {3, 8} else "fine") for n in range(1, 11)]
        assert bring_in(a_csv(tmp_path / "f.csv", *rows), a_channel()) == Tally(rows=10, imported=8, rejected=2)

    def test_a_bad_row_is_no_double_of_a_good_one(self, tmp_path: Path) -> None:
        path = a_jsonl(tmp_path / "f", a_line("r1", posted_at="soon"), a_line("r1"), a_line("r1"))
        assert bring_in(path, a_channel()) == Tally(rows=3, imported=1, rejected=1, duplicates=1)

    def test_odd_texts_are_stored(self, tmp_path: Path) -> None:
        texts = ["", "x" * 10_000, "👍🏽", "nul \x00 and half \ud83d"]
        path = a_jsonl(tmp_path / "f", *(a_line(f"r{n}", text=text) for n, text in enumerate(texts)))
        assert bring_in(path, a_channel()).imported == 4
        assert Message.objects.get(external_id="r3").text == "nul  and half ?"

    def test_an_edit_is_followed(self, tmp_path: Path) -> None:
        channel = a_channel()
        bring_in(a_jsonl(tmp_path / "f", a_line()), channel)
        edited = a_jsonl(tmp_path / "g", a_line(text="Hi there", edited_at="2026-01-03"))
        assert bring_in(edited, channel) == Tally(rows=1, known=1, changed=1)
        assert Message.objects.get().text == "Hi there"


class TestOurs:
    def test_the_file_says_it(self, tmp_path: Path) -> None:
        own = {"external_id": "n", "handle": "nawa"}
        path = a_jsonl(tmp_path / "f", a_line("r1"), a_line("r2", author=own), a_line("r3", author=own, ours=True))
        bring_in(path, a_channel())
        assert set(Message.objects.filter(direction="out").values_list("external_id", flat=True)) == {"r2", "r3"}

    @pytest.mark.parametrize("named", ["nawa", "5"])
    def test_the_importing_person_says_it(self, tmp_path: Path, named: str) -> None:
        page = a_page(an_x_post("101"), an_x_post("102", author_id="5"))
        page["includes"]["users"].append({"id": "5", "username": "Nawa"})
        bring_in(a_jsonl(tmp_path / "f", page), a_channel(), named)
        assert Message.objects.get(direction="out").external_id == "102"

    def test_the_channel_says_it(self, tmp_path: Path) -> None:
        path = a_jsonl(tmp_path / "f", a_page(an_x_post("101"), an_x_post("102", author_id="5")))
        bring_in(path, a_channel(external_id="5"))
        assert Message.objects.get(direction="out").external_id == "102"


class TestDestination:
    def test_a_new_channel_gets_a_brand_and_the_default_team(self) -> None:
        agent, admin = a_person(), a_person(role=Role.ADMIN)
        made = find_or_make("History")
        assert made.made == ("brand History", "team Care", "channel History")
        assert made.channel.platform == "imported"
        assert set(Membership.objects.filter(team__brands=made.channel.brand).values_list("user", flat=True)) == {
            agent.pk
        }
        assert admin.pk
        assert find_or_make("History") == type(made)(made.channel)

    def test_a_default_team_that_is_there_is_used(self) -> None:
        team = Team.objects.create(name="Nights")
        brand = Brand.objects.create(name="Nawa")
        found = find_or_make("History", "Nawa")
        assert (found.channel.brand, list(brand.teams.all()), found.made) == (brand, [team], ("channel History",))

    def test_a_channel_of_another_platform_is_used_as_it_is(self) -> None:
        channel = a_channel(platform="x")
        assert find_or_make(channel.name).channel == channel
        with pytest.raises(NoChannel, match="belongs to the brand"):
            find_or_make(channel.name, "Another")

    @pytest.mark.parametrize("name", ["", "  ", "x" * 121])
    def test_a_name_that_is_none(self, name: str) -> None:
        with pytest.raises(NoChannel):
            find_or_make(name)


class TestTrouble:
    def test_a_database_that_comes_back_is_waited_for(self) -> None:
        answers: list[Any] = [OperationalError("gone"), OperationalError("starting"), 7]
        waited: list[float] = []

        def work() -> Any:
            answer = answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

        assert patiently(work, waited.append) == 7
        assert waited == list(WAITS[:2])

    def test_a_database_that_stays_away_is_told(self) -> None:
        def work() -> None:
            raise OperationalError("gone")

        waited: list[float] = []
        with pytest.raises(OperationalError):
            patiently(work, waited.append)
        assert waited == list(WAITS)

    @pytest.mark.parametrize("place", [lambda path: path, lambda path: path.parent / "nowhere" / "f"])
    def test_rejects_need_a_place(self, tmp_path: Path, place: Callable[[Path], Path]) -> None:
        path = a_csv(tmp_path / "f.csv", a_row("oops"))
        with pytest.raises(UnusableFile), Rejects(place(path), path) as rejects:
            rejects.add(2, "why", "row")
