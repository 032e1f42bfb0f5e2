"""What a person sees of `manage.py export_corrections`."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from ingest.corrections import write
from ingest.management.commands.export_corrections import moment
from tests.cast import a_channel, a_person, a_post, receive

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _two_corrected_messages() -> None:
    channel = a_channel()
    for message in receive(channel, a_post("الفاتورة غلط"), a_post("wrong again")):
        write(message, "urgency", "high", by=a_person(channel.brand))


def run(*words: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("export_corrections", *words, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_without_a_file_lines_go_to_standard_output_and_the_account_beside_them() -> None:
    out, err = run()
    assert [json.loads(line)["text"] for line in out.splitlines()] == ["الفاتورة غلط", "wrong again"]
    assert "الفاتورة" in out
    assert err == "2 corrected messages\n"


def test_a_file_is_written_whole(tmp_path: Path) -> None:
    path = tmp_path / "corrections.jsonl"
    path.write_text("an older export\n")
    out, err = run(f"--out={path}")
    assert out == ""
    assert err == f"2 corrected messages -> {path}\n"
    assert [json.loads(line)["urgency"] for line in path.read_text().splitlines()] == ["high", "high"]
    assert list(tmp_path.iterdir()) == [path]


def test_an_export_that_fails_leaves_the_older_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "corrections.jsonl"
    path.write_text("an older export\n")
    monkeypatch.setattr(json, "dumps", lambda *_args, **_more: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run(f"--out={path}")
    assert path.read_text() == "an older export\n"
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_since_tomorrow() -> None:
    assert run("--since=2999-01-01") == ("", "0 corrected messages\n")


def test_a_file_that_cannot_be_written_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be written"):
        run(f"--out={tmp_path / 'nowhere' / 'corrections.jsonl'}")


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2026-11-01", "2026-11-01T00:00:00"),
        ("2026-11-01T08:30", "2026-11-01T08:30:00"),
        ("2026-11-01T08:30:00+03:00", "2026-11-01T08:30:00+03:00"),
    ],
)
def test_since_is_a_day_or_a_time(text: str, iso: str) -> None:
    assert moment(text).isoformat().startswith(iso)
    assert moment(text).tzinfo is not None


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "2026-02-30", "2026-11-01T25:00"])
def test_what_is_no_day_is_refused_in_words(text: str) -> None:
    with pytest.raises(CommandError, match="give a day or a time"):
        run(f"--since={text}")
