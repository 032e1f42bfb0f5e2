"""An admin who has never seen Radd connects a Bluesky account on the local network, by the pages alone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.desk import Corner
from tests.e2e.people import People
from tests.platforms.fake_bluesky import BRAND, FakeBluesky


@pytest.fixture
def sky() -> Iterator[FakeBluesky]:
    with FakeBluesky() as fake:
        yield fake


@pytest.fixture
def admin(people: People) -> Page:
    """The browser of an admin."""
    return people.sign_in("admin", language="en")


def fill(page: Page, sky: FakeBluesky, name: str, password: str = BRAND.password) -> None:
    """The form, as far as nothing is chosen already."""
    page.get_by_label("Handle or e-mail").fill(BRAND.handle)
    page.get_by_label("App password").fill(password)
    page.get_by_label("Server", exact=True).fill(sky.url)
    page.get_by_label("Name in Radd").fill(name)


def test_bluesky_is_connected_by_the_pages_alone_and_a_post_there_becomes_a_ticket(
    admin: Page, desk: Corner, sky: FakeBluesky
) -> None:
    admin.goto("/monitor/channels/")
    admin.get_by_role("link", name="Connect a channel").click()
    admin.get_by_role("link", name="Bluesky").click()
    fill(admin, sky, "Nawa on Bluesky", password="not-the-password")
    admin.get_by_role("button", name="Test it").click()
    expect(admin.locator("#tried")).to_contain_text("These keys are not accepted.")
    admin.get_by_label("App password").fill(BRAND.password)
    admin.get_by_role("button", name="Test it").click()
    expect(admin.locator("#tried")).to_contain_text(BRAND.handle)
    # What was typed is still there: a try changes nothing on the page.
    admin.get_by_role("button", name="Connect", exact=True).click()
    admin.wait_for_url("**/monitor/channels/*/")
    expect(admin.locator("h1")).to_have_text("Nawa on Bluesky")
    expect(admin.locator("main")).to_contain_text("connected it")
    assert BRAND.password not in admin.content()

    words = f"@{BRAND.handle} my bill is wrong again, nobody answers. Please fix it."
    sky.world.post("reem.test", words)
    found = "SELECT t.id FROM tickets_ticket t JOIN ingest_channel c ON c.id = t.channel_id WHERE c.name = %s"
    ticket = desk.wait_for(found, "Nawa on Bluesky", seconds=150)
    admin.goto(f"/inbox/all/{ticket}/")
    expect(admin.locator("#thread")).to_contain_text("my bill is wrong again")
    assert BRAND.password not in desk.log.read_text()

    # And out again: what it brought is erased once its name is typed.
    admin.goto("/monitor/channels/")
    admin.get_by_role("link", name="Nawa on Bluesky").click()
    admin.get_by_label("More about this channel").click()
    admin.get_by_role("link", name="Remove").click()
    admin.get_by_role("radio", name="Erase it").check()
    admin.get_by_label("To erase, type the channel's name").fill("Nawa on Bluesky")
    admin.get_by_role("button", name="Remove the channel").click()
    expect(admin.locator("#toasts")).to_contain_text("is being erased")
    desk.wait_for("SELECT count(*) = 0 FROM ingest_channel WHERE name = %s", "Nawa on Bluesky", seconds=90)
    desk.wait_for("SELECT count(*) = 0 FROM tickets_ticket WHERE id = %s", ticket)
