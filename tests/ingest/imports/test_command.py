"""What an importing person sees of `manage.py import_posts`."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from ingest.imports.progress import Teller
from ingest.models import Channel, Message
from tests.cast import a_channel
from tests.ingest.imports.files import a_csv, a_jsonl, a_line, a_page, a_row, an_x_post


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(path: Path, *words: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("import_posts", str(path), "--channel=History", *words, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


@pytest.mark.django_db
class TestCommand:
    def test_the_account_and_the_rejects(self, here: Path) -> None:
        path = a_csv(here / "history.csv", a_row(1), a_row(1), "2,x", a_row(3, by="nawa", inbound="False"))
        out, err = run(path, "--brand=Nawa")
        assert "rows read 4 = imported 2 + already known 0 + rejected 1 + duplicates 1" in out
        assert "New: channel History" in out
        assert err == ""
        (entry,) = map(json.loads, (here / "history.csv.rejects.jsonl").read_text().splitlines())
        assert entry == {"line": 4, "reason": "2 columns instead of 7", "row": "2,x\r\n"}
        again, _ = run(path)
        assert "rows read 4 = imported 0 + already known 2 + rejected 1 + duplicates 1" in again
        assert "New:" not in again
        assert Channel.objects.get().brand.name == "Nawa"

    def test_nobody_of_ours_is_worth_a_word(self, here: Path) -> None:
        path = a_jsonl(here / "pages.jsonl", a_page(an_x_post("101")))
        assert "No account of the brand is known" in run(path)[1]
        assert run(path, "--ours=@Reem")[1] == ""
        assert Message.objects.get().direction == "in"

    def test_a_format_may_be_named(self, here: Path) -> None:
        path = a_jsonl(here / "f", *["{oops"] * 30, a_line())
        with pytest.raises(CommandError, match="none of the known formats"):
            run(path)
        assert "imported 1 + already known 0 + rejected 30" in run(path, "--format=radd")[0]

    def test_wait_leaves_nothing_untriaged(self, here: Path) -> None:
        out, _ = run(a_csv(here / "f.csv", a_row(1), a_row(2, "thanks", 1)), "--wait", "--no-progress")
        assert "read 2" in out
        assert not Message.objects.exclude(state="triaged").exists()

    @pytest.mark.parametrize(
        ("name", "content", "words"),
        [
            ("none.csv", None, "cannot be read"),
            ("empty", "", "is empty"),
            ("letter.txt", "Dear all,\n", "none of the known formats"),
            ("short.csv", "tweet_id,text\n1,hello\n", "names no column"),
        ],
    )
    def test_what_is_unusable_ends_in_one_sentence(
        self, here: Path, name: str, content: str | None, words: str
    ) -> None:
        if content is not None:
            (here / name).write_text(content)
        with pytest.raises(CommandError, match=words) as refusal:
            run(here / name)
        assert refusal.value.returncode == 2
        assert not Channel.objects.exists()

    def test_another_brand_s_channel_is_unusable(self, here: Path) -> None:
        a_channel(name="History")
        with pytest.raises(CommandError, match="belongs to the brand") as refusal:
            run(a_csv(here / "f.csv", a_row(1)), "--brand=Another")
        assert refusal.value.returncode == 2


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


class TestProgress:
    def test_a_terminal_gets_a_bar(self) -> None:
        screen = Terminal()
        teller = Teller(screen)
        teller.show("Importing", 50, 100, "500 rows")
        assert "Importing [##############..............]  50% 500 rows" in screen.getvalue()
        teller.show("Importing", 51, 100)
        assert "51%" not in screen.getvalue()
        teller.end()
        assert screen.getvalue().endswith("\r\x1b[K")

    def test_a_log_gets_a_line_now_and_then(self, monkeypatch: pytest.MonkeyPatch) -> None:
        now = [100.0]
        monkeypatch.setattr("ingest.imports.progress.time.monotonic", lambda: now[0])
        log = StringIO()
        teller = Teller(log)
        for second in range(12):
            now[0] = 100.0 + second
            teller.show("Importing", second, 100, f"{second} rows")
        assert log.getvalue() == "Importing: 5% 5 rows\nImporting: 10% 10 rows\n"
