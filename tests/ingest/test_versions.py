"""Of several versions of one post the newest counts, in whatever order they are told."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from ingest.collect import store, store_page
from ingest.models import BadItem, Message
from ingest.platforms.base import Page
from tests.cast import a_channel, a_post

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize("order", [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]])
def test_of_several_versions_on_one_page_the_newest_wins_in_any_order(order: list[int]) -> None:
    channel, at, known = a_channel(), timezone.now(), a_post("first")
    new = a_post("first")
    store(channel, [known])
    for post in (known, new):
        versions = [
            post,
            replace(post, text="second", edited_at=at),
            replace(post, text="third", edited_at=at + MINUTE),
        ]
        store(channel, [versions[turn] for turn in order])
    assert list(Message.objects.values_list("text", flat=True)) == ["third", "third"]


@pytest.mark.parametrize("order", [1, -1])
def test_a_deletion_on_the_same_page_as_an_edit_wins_in_any_order(order: int) -> None:
    channel, at, post = a_channel(), timezone.now(), a_post("my number is 05x")
    store(channel, [post])
    told = [replace(post, text="", deleted_at=at), replace(post, text="my number is 06x", edited_at=at + MINUTE)]
    store(channel, told[::order])
    assert Message.objects.values_list("text", "deleted_at").get() == ("", at)


def test_an_edit_of_tomorrow_is_set_aside_rather_than_hide_the_next_ones() -> None:
    channel, post = a_channel(), a_post("first")
    store(channel, [post])
    vain = replace(post, text="vain", edited_at=timezone.now() + timedelta(days=3))
    store_page(channel, Page((vain,), {}))
    store(channel, [replace(post, text="second", edited_at=timezone.now())])
    assert Message.objects.get().text == "second"
    assert BadItem.objects.get().payload["text"] == "vain"
