"""Encrypted at rest, and written anew with the first key when keys change, also where it was broken off."""

import json
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from ingest import adapters, rotation
from ingest.models import Channel, ChannelSession
from ingest.platforms.base import PlatformError
from ingest.sessions import Kept
from tests.cast import a_channel, fresh

pytestmark = pytest.mark.django_db
SECRETS = {"access_token": "a-token-nobody-may-see"}
FIELDS = [field for _model, field in rotation.encrypted_fields()]


def forget_keys() -> None:
    """The library makes its keys of the settings once a process."""
    for field in FIELDS:
        for name in ("keys", "f"):
            field.__dict__.pop(name, None)


@pytest.fixture
def keys(settings: Any) -> Iterator[Any]:
    """`keys(secret, *older, salts=[...])`: the installation's keys from here on."""

    def become(secret: str, *older: str, salts: tuple[str, ...] = ("radd",)) -> None:
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS, settings.SALT_KEY = secret, list(older), list(salts)
        forget_keys()

    become("old" * 20)
    yield become
    forget_keys()


def raw(channel: Channel) -> list[str]:
    with connection.cursor() as sql:
        sql.execute("SELECT secrets FROM ingest_channel WHERE id = %s", [channel.pk])
        found = sql.fetchall()
        sql.execute("SELECT secrets FROM ingest_channelsession WHERE channel_id = %s", [channel.pk])
        return [row[0] for row in (*found, *sql.fetchall())]


def a_kept_channel() -> Channel:
    channel = a_channel(platform="fake", secrets=json.dumps(SECRETS))
    Kept(channel.pk).renew(lambda _: SECRETS)
    return channel


def opens(channel: Channel) -> bool:
    return (adapters.credentials_of(fresh(channel)), Kept(channel.pk).get()) == (SECRETS, SECRETS)


def reencrypt(*words: str) -> str:
    out = StringIO()
    call_command("reencrypt", *words, stdout=out)
    return out.getvalue().strip()


def test_what_is_secret_lies_in_the_tables_as_cipher(keys: Any) -> None:
    assert {(model, field.attname) for model, field in rotation.encrypted_fields()} >= {
        (Channel, "secrets"),
        (ChannelSession, "secrets"),
    }
    cipher = raw(a_kept_channel())
    assert len(cipher) == 2
    assert not any("a-token" in text or "access" in text for text in cipher)


@pytest.mark.parametrize("change", ["secret", "salt"])
def test_after_a_change_of_keys_all_opens_with_the_new_one_alone(keys: Any, change: str) -> None:
    channels = [a_kept_channel() for _ in range(3)]
    before = [raw(channel) for channel in channels]
    now = {"secret": ("new" * 20, "old" * 20), "salt": ("old" * 20,)}[change]
    salts = {"secret": ("radd",), "salt": ("pepper", "radd")}[change]
    keys(*now, salts=salts)
    with pytest.raises(CommandError, match="still needed"):
        reencrypt("--check")
    assert [raw(channel) for channel in channels] == before, "who only looks changes nothing"
    assert reencrypt() == "6 written anew, 0 with the first key already, 0 sealed"
    assert reencrypt() == "0 written anew, 6 with the first key already, 0 sealed"
    keys(now[0], salts=salts[:1])
    assert reencrypt("--check") == "0 still need an old key, 6 with the first key already, 0 sealed"
    assert all(opens(channel) for channel in channels)


def test_broken_off_midway_it_is_begun_again_and_nothing_was_lost(keys: Any) -> None:
    channels = [a_kept_channel() for _ in range(4)]
    keys("new" * 20, "old" * 20)

    class Killed(BaseException):
        pass

    rows: list[str] = []

    def die(row: str) -> None:
        rows.append(row)
        if len(rows) == 3:
            raise Killed

    with pytest.raises(Killed):
        rotation.reencrypt(die)
    assert all(opens(channel) for channel in channels), "half of it with one key, half with the other"
    done = rotation.reencrypt()
    assert (done.again, done.first) == (5, 3)
    keys("new" * 20)
    assert all(opens(channel) for channel in channels)


def test_what_opens_with_no_key_is_named_and_left_as_it_is(keys: Any) -> None:
    lost = a_kept_channel()
    keys("other" * 20)
    mine = a_kept_channel()
    keys("new" * 20, "other" * 20)
    before = raw(lost)
    with pytest.raises(CommandError, match=f"ingest.Channel {lost.pk}, ingest.ChannelSession {lost.pk}"):
        reencrypt()
    assert raw(lost) == before, "cipher is never encrypted a second time"
    assert opens(mine)
    keys("old" * 20)
    assert opens(lost), "the key was found again"


def test_a_channel_under_a_lost_key_says_so(keys: Any) -> None:
    channel = a_kept_channel()
    keys("new" * 20)
    with pytest.raises(PlatformError, match="sealed_credentials"):
        adapters.credentials_of(fresh(channel))
    assert Kept(channel.pk).get() == {}


def test_what_is_empty_stays_so(keys: Any) -> None:
    channel = a_channel()
    assert reencrypt() == "0 written anew, 0 with the first key already, 0 sealed"
    assert fresh(channel).secrets is None
