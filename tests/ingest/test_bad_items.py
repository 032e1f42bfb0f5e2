"""Items of a page that nobody understood: kept whole, each once."""

import pytest

from ingest.collect import store
from ingest.platforms.base import BadItem
from tests.cast import a_channel

pytestmark = pytest.mark.django_db


def test_items_without_an_id_are_kept_apart_and_each_once() -> None:
    channel = a_channel()
    bad = [BadItem("", {"text": "one"}, "no id"), BadItem("", {"text": "two"}, "no id")]
    store(channel, [], bad=bad)
    store(channel, [], bad=bad)
    assert channel.bad_items.count() == 2
