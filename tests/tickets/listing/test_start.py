"""An empty desk: it says what to do first, to whom that is, and stops once it is done."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Role
from ingest.models import Channel
from tests.cast import a_brand, a_channel, a_person
from tests.tickets.views.conftest import signed_in
from tickets.listing.start import first_steps

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _plain_files(settings: Any) -> None:
    """Pages whose files keep their names."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}


def test_an_admin_of_an_empty_desk_is_told_the_three_steps() -> None:
    brand = a_brand()
    admin = a_person(brand, role=Role.ADMIN)
    found = first_steps(admin)
    assert found is not None
    assert (found.brand, found.people) == (str(brand), False)
    page = signed_in(admin).get("/inbox/mine/").content.decode()
    for part in ("three steps away", "/monitor/channels/connect/", "/settings/people/new"):
        assert part in page


def test_an_agent_is_told_that_somebody_else_connects() -> None:
    page = signed_in(a_person(a_brand())).get("/inbox/all/").content.decode()
    assert "No channel is connected yet" in page
    assert "connect/" not in page


def test_with_a_channel_there_is_nothing_to_do_but_wait() -> None:
    brand = a_brand()
    admin = a_person(brand, role=Role.ADMIN)
    channel = a_channel(brand)
    assert first_steps(admin) is None
    assert "three steps away" not in signed_in(admin).get("/inbox/all/").content.decode()
    Channel.objects.filter(pk=channel.pk).update(state=Channel.State.REMOVED)
    assert first_steps(admin) is not None


def test_a_channel_of_another_brand_is_no_channel_of_theirs() -> None:
    a_channel(a_brand("other"))
    assert first_steps(a_person(a_brand())) is not None
    assert first_steps(a_person(a_brand(), role=Role.ADMIN)) is None


def test_a_filter_that_finds_nothing_says_so_instead(client: Client) -> None:
    desk = signed_in(a_person(a_brand(), role=Role.ADMIN))
    assert "three steps away" not in desk.get("/inbox/all/?language=ar").content.decode()
