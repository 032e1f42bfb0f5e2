"""What X really sent, recorded for tweepy's own tests, is understood: bytes, headers and all."""

import json
import zlib
from pathlib import Path
from typing import Any

import pytest
import yaml

from ingest.platforms.base import Author, Outgoing
from ingest.platforms.x.adapter import X
from ingest.platforms.x.parse import read_page
from tests.platforms.contract import answer_to, walk
from tests.platforms.fake_x import BRAND, FakeX
from tests.platforms.openapi.spec import OLD, spec

RECORDED = Path(__file__).parent / "recorded"


def recording(name: str) -> dict[str, Any]:
    """The first answer of a recording."""
    document = yaml.safe_load((RECORDED / f"{name}.yaml").read_text())
    answer = document["interactions"][0]["response"]
    kept = {"content-type", "content-encoding", "x-rate-limit-reset", "x-rate-limit-remaining"}
    headers = {name: values[0] for name, values in answer["headers"].items() if name in kept}
    return {"status": answer["status"]["code"], "headers": headers, "body": answer["body"]["string"]}


def body(name: str) -> Any:
    """What it says, unpacked."""
    return json.loads(zlib.decompress(recording(name)["body"], wbits=31))


def play(fake: FakeX, name: str) -> None:
    """Let the next call be answered by it."""
    fake.fault("raw", **recording(name))


def test_mentions_of_2022_come_in(fake_x: FakeX, x: X) -> None:
    play(fake_x, "test_client_get_users_mentions")
    page = x.fetch({})
    assert page.bad == ()
    assert [post.external_id for post in page.posts] == [
        "1578516107798884353", "1578516142770909184", "1578516149339574274", "1578516190862794753",
        "1578516220231397376", "1578516230448631808", "1578516242867945475", "1578516249856077825",
        "1578516273537118209", "1578516295611748353",
    ]  # fmt: skip
    assert page.posts[4].text == "@Twitter make 🤨 an available reaction emoji in dms"
    assert page.posts[-1].text.startswith("@Twitter @TwitterSupport this is my ENTIRE feed, why do you think")
    # Asked for by the default fields alone, they tell no time: it stands in the ids.
    assert page.posts[0].posted_at.isoformat(timespec="seconds") == "2022-10-07T22:42:22+00:00"
    assert page.more
    assert page.cursor["pending"] == {
        "newest_id": "1578516295611748353",
        "next_token": "7140dibdnow9c7btw423i3sy3u5zupmkcpofxcsmxj48j",
        "since_id": "",
    }


def test_posts_looked_up_and_searched_are_read_by_the_same_reader() -> None:
    looked_up = read_page({"meta": {}, **body("test_client_get_tweets")})
    assert [post.external_id for post in looked_up.posts] == ["1293593516040269825", "1293595870563381249"]
    assert looked_up.posts[0].text.startswith("It’s finally here! 🥁 Say hello to the new #TwitterAPI.\n\nWe’re")
    searched = read_page(body("test_client_search_recent_tweets"))
    assert len(searched.posts) == 10
    assert searched.posts[-1].text == "2022-10-07 22:42:12.637103 tweepy"
    assert searched.posts[-1].posted_at.isoformat(timespec="seconds") == "2022-10-07T22:42:12+00:00"
    assert not looked_up.bad + searched.bad


def test_who_we_are_is_understood(fake_x: FakeX, x: X) -> None:
    play(fake_x, "test_client_get_me")
    assert x.verify() == Author("1072250532645998596", "TweepyDev", "Tweepy Testing")


def test_a_created_post_is_understood(fake_x: FakeX, x: X) -> None:
    fake_x.world.post("amal", f"@{BRAND.handle} hello")
    outgoing: Outgoing = answer_to(walk(x, {})[0][0], "Test Tweet")
    play(fake_x, "test_client_create_and_delete_tweet")
    sent = x.reply(outgoing)
    assert (sent.external_id, sent.url) == (
        "1456012973835788293",
        "https://x.com/NasimAir/status/1456012973835788293",
    )


@pytest.mark.parametrize(
    ("name", "method", "path", "status"),
    [
        ("test_client_get_users_mentions", "GET", "/2/users/783214/mentions", 200),
        ("test_client_get_me", "GET", "/2/users/me", 200),
        ("test_client_create_and_delete_tweet", "POST", "/2/tweets", 201),
    ],
)
def test_the_check_against_xs_openapi_file_takes_what_x_really_sent(
    name: str, method: str, path: str, status: int
) -> None:
    assert spec(OLD).answer(method, path, status, body(name)) == []
