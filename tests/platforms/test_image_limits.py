"""What each platform says of pictures, without asking anybody."""

from typing import Any

import pytest

from ingest.platforms.base import Account, ImageLimits, Kind, SendsImages, Unkept
from ingest.platforms.mastodon.limits import KEPT_AS, _understood
from ingest.platforms.registry import adapter_of

# As a server tells it: Mastodon 4, and one that says nothing.
TOLD = {
    "configuration": {
        "statuses": {"max_characters": 500, "max_media_attachments": 6},
        "media_attachments": {"image_size_limit": 2_000_000, "image_matrix_limit": 1_000_000, "description_limit": 900},
    }
}


def limits(platform: str, session: Unkept | None = None, **options: Any) -> ImageLimits:
    account = Account(1, "us", "us", {}, {"base_url": "http://127.0.0.1:9", **options}, session=session or Unkept())
    adapter = adapter_of(platform)(account)
    assert isinstance(adapter, SendsImages)
    return adapter.image_limits(Kind.MENTION)


@pytest.mark.parametrize("platform", ["x", "bluesky", "mastodon", "email", "webhook", "demo"])
def test_every_platform_that_answers_takes_some_and_of_a_size_a_row_can_hold(platform: str) -> None:
    told = limits(platform)
    assert 1 <= told.most <= 9
    assert 100_000 < told.most_bytes <= 5_000_000
    assert told.alt >= 900


def test_imported_history_takes_none() -> None:
    assert not issubclass(adapter_of("imported"), SendsImages)


def test_a_mastodon_server_says_itself_what_it_takes() -> None:
    kept = {
        field: getattr(_understood(TOLD), field) for field in ("max_images", "image_bytes", "image_pixels", "max_alt")
    }
    assert limits("mastodon", Unkept({KEPT_AS: kept})) == ImageLimits(6, 2_000_000, alt=900, pixels=1_000_000)
    assert limits("mastodon") == ImageLimits(4, 5_000_000, alt=1500, pixels=33_177_600)


@pytest.mark.parametrize("wrong", [-1, 0, "many", None, True])
def test_what_a_server_says_without_sense_is_as_mastodon_usually_has_it(wrong: object) -> None:
    told = {"configuration": {"statuses": {"max_media_attachments": wrong}}}
    assert _understood(told).max_images == 4


@pytest.mark.parametrize(("told", "most"), [("", 4), ("0", 0), ("2", 2), ("many", 4), ("-1", 4), ("٣", 4)])
def test_a_bridge_says_how_many_it_can_pass_on(told: str, most: int) -> None:
    assert limits("webhook", images=told).most == most
