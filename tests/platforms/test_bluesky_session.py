"""Bluesky is entered with the password once; after that by tokens that are kept, renewed, and never fought over."""

from collections.abc import Callable

import pytest

from ingest.platforms.base import Author, Json, Unkept
from ingest.platforms.bluesky.adapter import Bluesky
from tests.platforms.bluesky_cast import CREDENTIALS, account, bluesky, error_of, read
from tests.platforms.contract import answer_to
from tests.platforms.fake_bluesky import BRAND, FakeBluesky


def test_a_hundred_pieces_of_work_need_one_login(sky: FakeBluesky) -> None:
    kept = Unkept()
    for _ in range(100):
        bluesky(sky, session=kept).fetch({})
    assert sky.api.sessions.logins == 1


def test_a_token_that_has_run_out_is_renewed_without_the_password(sky: FakeBluesky) -> None:
    kept = Unkept()
    for _ in range(3):
        bluesky(sky, session=kept).fetch({})
        sky.api.sessions.expire()
    bluesky(sky, session=kept).fetch({})
    assert (sky.api.sessions.logins, sky.api.sessions.refreshes) == (1, 3)


def test_when_the_refresh_token_is_dead_too_the_password_is_used_again(sky: FakeBluesky) -> None:
    kept = Unkept()
    bluesky(sky, session=kept).fetch({})
    sky.api.sessions.expire(refresh_too=True)
    bluesky(sky, session=kept).fetch({})
    assert sky.api.sessions.logins == 2


class Shared(Unkept):
    """A session that somebody else renews just before us."""

    def __init__(self, first: Callable[[], object]) -> None:
        super().__init__()
        self._first = first

    def renew(self, make: Callable[[Json], Json]) -> Json:
        first, self._first = self._first, lambda: None
        first()
        return super().renew(make)


def test_a_token_somebody_else_has_just_renewed_is_taken_over(sky: FakeBluesky) -> None:
    kept = Unkept()
    bluesky(sky, session=kept).fetch({})
    sky.api.sessions.expire()
    stale = kept.get()
    ours = Shared(lambda: ours.__setattr__("_value", kept.get()))
    ours._value = stale
    bluesky(sky, session=kept).fetch({})
    bluesky(sky, session=ours).fetch({})
    assert (sky.api.sessions.logins, sky.api.sessions.refreshes) == (1, 1)


def test_a_write_with_a_dead_token_is_made_once_with_the_new_one(sky: FakeBluesky) -> None:
    kept = Unkept()
    sky.world.post("amal.test", f"@{BRAND.handle} hello")
    nawa = bluesky(sky, session=kept)
    (post,) = read(nawa)
    sky.fault("expired", "putRecord")
    sent = nawa.reply(answer_to(post, "Hello"))
    assert [p.uri for p in sky.world.posts.values() if p.author.did == BRAND.did] == [sent.external_id]
    assert sky.api.sessions.refreshes == 1


@pytest.mark.parametrize(
    ("credentials", "options"),
    [
        ({}, {}),
        ({"app_password": "  "}, {}),
        ({"app_password": "wrong"}, {}),
        (CREDENTIALS, {"identifier": "other.test"}),
    ],
)
def test_keys_that_do_not_open_need_a_person(sky: FakeBluesky, credentials: Json, options: Json) -> None:
    error = error_of(lambda: Bluesky(account(sky, credentials=credentials, options=options)).fetch({}))
    assert (error.code, error.permanent) == ("bad_credentials", True)


def test_a_password_that_was_taken_back_needs_a_person(sky: FakeBluesky) -> None:
    kept = Unkept()
    bluesky(sky, session=kept).fetch({})
    sky.api.sessions.expire(refresh_too=True)
    sky.world.brand.password = "another"
    error = error_of(lambda: bluesky(sky, session=kept).fetch({}))
    assert (error.code, error.permanent) == ("bad_credentials", True)


def test_a_new_password_opens_a_new_session(sky: FakeBluesky) -> None:
    kept = Unkept()
    bluesky(sky, session=kept).fetch({})
    sky.world.brand.password = "new-pass-word"
    bluesky(sky, session=kept, credentials={"app_password": " new-pass-word\n"}).fetch({})
    assert sky.api.sessions.logins == 2


def test_the_keys_of_another_account_are_not_used(sky: FakeBluesky) -> None:
    sky.world.account("other.test", password="other-pass")
    other = account(sky, credentials={"app_password": "other-pass"}, options={"identifier": "@other.test"})
    error = error_of(lambda: Bluesky(other).fetch({}))
    assert (error.code, error.permanent) == ("bad_credentials", True)
    assert "other.test" in error.words


def test_too_many_logins_are_waited_out(sky: FakeBluesky) -> None:
    sky.api.sessions.most_logins = 0
    error = error_of(lambda: bluesky(sky).fetch({}))
    assert (error.code, error.permanent) == ("rate_limited", False)
    assert error.retry_after


def test_an_account_that_was_taken_down_needs_a_person(sky: FakeBluesky) -> None:
    sky.fault("takedown", "createSession")
    error = error_of(lambda: bluesky(sky).fetch({}))
    assert (error.code, error.permanent, error.words) == ("bad_credentials", True, "Account has been taken down")


def test_a_refresh_that_breaks_off_does_not_spend_a_login(sky: FakeBluesky) -> None:
    kept = Unkept()
    bluesky(sky, session=kept).fetch({})
    sky.api.sessions.expire()
    sky.fault("down", "refreshSession")
    assert error_of(lambda: bluesky(sky, session=kept).fetch({})).code == "platform_down"
    bluesky(sky, session=kept).fetch({})
    assert sky.api.sessions.logins == 1


def test_the_public_entrance_names_the_server_of_the_account(sky: FakeBluesky) -> None:
    def host(endpoint: object, **options: str) -> str:
        document = {"service": [{"type": "AtprotoPersonalDataServer", "serviceEndpoint": endpoint}]}
        nawa = Bluesky(account(sky, options={"base_url": "", **options}))
        told = {"accessJwt": "a", "refreshJwt": "r", "did": BRAND.did, "handle": BRAND.handle, "didDoc": document}
        return str(nawa._entrance._kept(told)["host"])

    assert host("https://pds.example.com/") == "https://pds.example.com"
    assert host("http://127.0.0.1:22") == host(None) == host("nonsense") == "https://bsky.social"
    assert host("https://pds.example.com", base_url="https://own.example.com/") == "https://own.example.com"


# --- connecting -------------------------------------------------------------------------------------------------------
def test_verify_tells_who_we_are_before_a_channel_knows_it(sky: FakeBluesky) -> None:
    fresh = account(sky, external_id="", handle="")
    picture = f"https://cdn.fake.test/img/avatar/plain/{BRAND.did}@jpeg"
    assert Bluesky(fresh).verify() == Author(BRAND.did, BRAND.handle, BRAND.name, picture, 51_000)
    assert error_of(lambda: Bluesky(fresh).fetch({})).code == "not_connected"


def test_verify_knows_an_account_too_young_for_a_profile(sky: FakeBluesky) -> None:
    sky.world.brand.indexed = False
    who = Bluesky(account(sky, external_id="")).verify()
    assert (who.external_id, who.handle, who.followers) == (BRAND.did, BRAND.handle, None)


def test_what_is_needed_names_one_secret() -> None:
    assert [need.name for need in Bluesky.needs if need.secret] == ["app_password"]
    assert [need.name for need in Bluesky.needs if need.required] == ["identifier", "app_password"]
