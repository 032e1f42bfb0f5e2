"""No secret is seen anywhere, whatever goes wrong: each is marked, a parrot quotes it, and everything is searched."""

import io
import json
import logging
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils.log import AdminEmailHandler
from structlog.stdlib import ProcessorFormatter

from accounts.models import Role
from ingest import cleaning, collect, delivery, doorbell
from ingest.listening import Ear
from ingest.models import Channel, Delivery
from ingest.platforms.registry import CONNECTABLE, adapter_of
from ingest.sessions import Kept
from tests.care.parrot import OverHttp, OverMail, parrot
from tests.cast import a_brand, a_channel, a_person, a_post, an_answer, receive, ticket_of
from tests.tickets.views.conftest import signed_in

pytestmark = pytest.mark.django_db(transaction=True)
MARK = "marked-secret"
# What is not found where it stands in plain text: base64 of the mark, wherever it may begin.
CODED = [part for part in cleaning._forms(MARK) if MARK not in part]
CHANNELS = "/monitor/channels/"


def marked(platform: str) -> dict[str, str]:
    """Every secret that this platform may be given, each recognisable. An app's id stands in addresses for all."""
    needs = [need.name for need in getattr(adapter_of(platform), "needs", ()) if need.secret]
    return {name: f"{MARK}-{platform}-{name}-0123456789" for name in needs if name != "client_id"}


@pytest.fixture
def places() -> Iterator[dict[str, dict[str, str]]]:
    """By platform: the options by which a channel comes to the parrot."""
    with parrot() as (url, imap, smtp):
        OverHttp.heard.clear()
        OverMail.heard.clear()
        mailbox = {
            "address": "care@nawa.example", "imap_host": "127.0.0.1", "imap_port": str(imap), "imap_security": "plain",
            "smtp_host": "127.0.0.1", "smtp_port": str(smtp), "smtp_security": "plain",
        }  # fmt: skip
        bridge = {"answer_url": f"{url}/answers", "allow_http": "yes", "allow_private": "yes"}
        sky = {"base_url": url, "identifier": "nawa.test", "firehose_url": url}
        yield {
            "x": {"base_url": url}, "mastodon": {"base_url": url}, "bluesky": sky, "email": mailbox, "webhook": bridge,
        }  # fmt: skip


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All that this process writes down, at the lowest level, as an installation would see it."""
    formatter = next(h.formatter for h in logging.getLogger().handlers if isinstance(h.formatter, ProcessorFormatter))
    handler, root = logging.StreamHandler(io.StringIO()), logging.getLogger()
    handler.setFormatter(formatter)
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler.stream
    root.setLevel(level)
    root.removeHandler(handler)


@pytest.fixture
def channels(places: dict[str, dict[str, str]]) -> list[Channel]:
    """One on every platform, with a session where tokens are renewed."""
    brand = a_brand()
    made = []
    for platform, options in places.items():
        channel = a_channel(brand, platform=platform, secrets=json.dumps(marked(platform)), options=options)
        Kept(channel.pk).renew(lambda _, name=platform: {"access": f"{MARK}-{name}-access", "did": "acct-care"})
        made.append(channel)
    return made


def the_database() -> str:
    """Every row of every table, as a dump has it."""
    with connection.cursor() as sql:
        sql.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        found = []
        for (table,) in sql.fetchall():
            sql.execute(f'SELECT t::text FROM "{table}" t')
            found += [f"{table}: {row[0]}" for row in sql.fetchall()]
    return "\n".join(found)


def the_bus() -> str:
    """Every key and value in Valkey that is ours: messages of Celery, bells, counters."""
    redis: Any = doorbell.connection()
    reads = {
        "string": redis.get,
        "hash": redis.hgetall,
        "set": redis.smembers,
        "zset": lambda k: redis.zrange(k, 0, -1),
    }
    found = []
    for key in redis.scan_iter(f"{django_settings.REDIS_PREFIX}*"):
        kind = redis.type(key).decode()
        found.append(repr((key, reads[kind](key) if kind in reads else redis.lrange(key, 0, -1))))
    return "\n".join(found)


def pages(client: Client, *starts: str) -> str:
    """All that can be reached from these pages by links of our own."""
    seen: dict[str, str] = {}
    left = list(starts)
    while left and len(seen) < 150:
        path = left.pop(0)
        if path in seen or path.startswith(("/static/", "/sign-out")):
            continue
        answer = client.get(path)
        seen[path] = f"{answer.status_code} {answer.headers} " + b"".join(answer).decode("utf-8", "replace")
        left += [link.partition("#")[0] for link in re.findall(r'(?:href|hx-get)="(/[^"]*)"', seen[path])]
    assert len(seen) > 12, seen.keys()
    return "\n".join(f"{path}: {text}" for path, text in seen.items())


def assert_none_in(where: str, text: str) -> None:
    for mark in (MARK, *CODED):
        at = text.find(mark)
        assert at < 0, f"{where} shows a secret: …{text[max(at - 300, 0) : at + 80]}…"


def everything_fails(channels: list[Channel]) -> None:
    """Each channel is looked at, heard, and has an answer to send."""
    agent = a_person(channels[0].brand)
    for channel in channels:
        message = receive(channel, a_post(f"@{channel.handle} my bill is wrong", by=f"{channel.platform}-customer"))[0]
        with suppress(Exception):
            an_answer(ticket_of(message), by=agent)
    for status in (500, 429, 401):
        OverHttp.status = status
        Channel.objects.update(lease_until=None, state="active")
        Delivery.objects.unfinished().update(due_at="2026-01-01T00:00Z", lease_until=None)
        for channel in channels:
            collect.poll(channel.pk)
            Ear(channel.pk)._turn()
        delivery.deliver_due()


def test_no_secret_is_in_tables_messages_logs_pages_or_answers_of_the_api(
    channels: list[Channel], log: io.StringIO, settings: Any
) -> None:
    settings.PLATFORM_TIMEOUT = 3
    everything_fails(channels)
    assert MARK in "".join(OverHttp.heard), "the parrot was told secrets"
    assert Channel.objects.exclude(last_error="").count() >= 4, "and its words were kept"
    assert "…" in "".join(Channel.objects.values_list("last_error", flat=True))
    assert_none_in("the database", the_database())
    assert_none_in("Valkey", the_bus())
    assert_none_in("the log", log.getvalue())
    admin = signed_in(a_person(channels[0].brand, role=Role.ADMIN))
    starts = [f"{CHANNELS}{channel.pk}/{page}" for channel in channels for page in ("", "settings", "keys")]
    starts += [
        "/inbox/",
        "/monitor/books/",
        CHANNELS,
        "/metrics",
        "/readyz",
        "/api/channels",
        "/api/tickets",
        "/api/schema/",
    ]
    assert_none_in("a page", pages(admin, *starts))
    assert_none_in("the log", log.getvalue())


def test_no_secret_comes_back_to_who_typed_it(places: dict[str, dict[str, str]], log: io.StringIO) -> None:
    brand = a_brand()
    admin = signed_in(a_person(brand, role=Role.ADMIN))
    for platform in CONNECTABLE:
        given = {
            **places[platform],
            **marked(platform),
            "name": platform,
            "brand": str(brand.pk),
            "poll_seconds": "60",
            "backfill_days": "0",
        }
        for address in (f"{CHANNELS}connect/{platform}/", f"{CHANNELS}connect/{platform}/test"):
            answer = admin.post(address, given)
            assert answer.status_code < 500
            assert_none_in(address, f"{answer.headers} {answer.content.decode()}")
        credentials = Path(f"/tmp/radd-{os.getpid()}-{platform}.json")
        credentials.write_text(json.dumps({**marked(platform), **places[platform]}))
        said = io.StringIO()
        words = [
            f"{platform} by hand",
            f"--platform={platform}",
            f"--brand={brand.name}",
            f"--credentials={credentials}",
        ]
        try:
            call_command("connect_channel", *words, stdout=said, stderr=said)
        except CommandError as refusal:
            said.write(str(refusal))
        finally:
            credentials.unlink()
        assert_none_in("manage.py connect_channel", said.getvalue())
    assert MARK in "".join(OverHttp.heard)
    assert_none_in("the database", the_database())
    assert_none_in("the log", log.getvalue())


def test_neither_an_error_page_nor_a_mail_about_one_shows_a_secret(
    channels: list[Channel], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ADMINS = [("Ops", "ops@nawa.example")]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    handler, logger = AdminEmailHandler(include_html=True), logging.getLogger("django.request")
    admin = signed_in(a_person(channels[0].brand, role=Role.ADMIN))
    admin.raise_request_exception = False

    def break_down(*_args: Any, **_more: Any) -> None:
        credentials = json.loads(Channel.objects.get(platform="x").secrets or "")
        Channel.objects.get(platform="x").account(credentials, Kept(channels[0].pk))
        raise RuntimeError(f"no {credentials}")

    monkeypatch.setattr("ingest.connecting.connect", break_down)
    with ExitStack() as stack:
        logger.addHandler(handler)
        stack.callback(logger.removeHandler, handler)
        given = {
            **marked("mastodon"),
            "base_url": "https://nawa.example",
            "name": "M",
            "brand": str(channels[0].brand_id),
            "poll_seconds": "60",
            "backfill_days": "0",
        }
        answer = admin.post(f"{CHANNELS}connect/mastodon/", given)
    assert answer.status_code == 500
    assert_none_in("the page of an error", answer.content.decode())
    assert_none_in("a page that is not there", admin.get("/nowhere/").content.decode())
    letters = "\n".join(f"{letter.subject} {letter.body} {letter.alternatives}" for letter in mail.outbox)
    assert "break_down" in letters
    assert "credentials" in letters, "variables are shown"
    assert_none_in("a mail to who runs it", letters)


@pytest.mark.parametrize("as_json", ["", "1"])
def test_the_logs_of_real_processes_show_none(channels: list[Channel], tmp_path: Path, as_json: str) -> None:
    Channel.objects.update(next_poll_at=None)
    database = connection.settings_dict
    place = f"{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    env = {**os.environ, "DATABASE_URL": f"postgres://{place}", "RADD_LOG_JSON": as_json, "RADD_PLATFORM_TIMEOUT": "3"}
    celery = [sys.executable, "-m", "celery", "--app=care", "worker", "--loglevel=debug", "-P", "threads", "-c", "2"]
    commands = (
        [*celery, "-Q", "collect,delivery,triage", "-n", f"secrets{os.getpid()}@%h"],
        [sys.executable, "manage.py", "listen"],
    )
    for channel in channels:
        doorbell.ring("radd.collect", channel.pk)
    with (tmp_path / "log").open("wb") as out:
        running = [
            subprocess.Popen(command, cwd=django_settings.BASE_DIR, env=env, stdout=out, stderr=out)
            for command in commands
        ]
    try:
        until = time.monotonic() + 60
        while Channel.objects.exclude(last_error="").count() < 4 and time.monotonic() < until:
            time.sleep(0.2)
    finally:
        for process in running:
            process.send_signal(signal.SIGTERM)
        for process in running:
            process.wait(30)
    said = (tmp_path / "log").read_text(errors="replace")
    assert "channel trouble" in said, said[-2000:]
    assert "radd.collect" in said
    assert_none_in("the log of a process", said)
