"""Answers on the demo platform show their pictures, once and in order."""

from dataclasses import replace

import time_machine

from ingest.platforms.base import Account, Image
from ingest.platforms.demo import Demo
from tests.platforms.demo.cast import answer_to

BILL, MAP = Image(b"one", "image/png", "The bill"), Image(b"two", "image/jpeg", "الخريطة")


def test_an_answer_shows_its_pictures_once_however_often_it_is_sent(
    account: Account, clock: time_machine.Traveller
) -> None:
    demo = Demo(account)
    outgoing = replace(answer_to(demo.fetch({}).posts[0]), images=(BILL, MAP))
    first, again = demo.reply(outgoing), demo.reply(outgoing)
    assert first == again
    assert demo.pictures(first.external_id) == [(b"one", "The bill"), (b"two", "الخريطة")]


def test_an_answer_without_pictures_shows_none(account: Account, clock: time_machine.Traveller) -> None:
    demo = Demo(account)
    assert demo.pictures(demo.reply(answer_to(demo.fetch({}).posts[0])).external_id) == []
