"""The box of pictures on the page: put in, described, refused in words; and a picture opened by its address."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from ingest.models import Channel, Message, OutgoingImage
from tests.cast import FakePlatform, a_brand, a_person, a_post, an_answer, fresh, receive
from tests.pictures import a_file, a_picture, takes_pictures
from tests.tickets.views.conftest import HTMX, signed_in
from tickets.models import Ticket

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


@pytest.fixture(autouse=True)
def _pictures(platform: type[FakePlatform]) -> None:
    takes_pictures(platform)


def upload(client: Client, ticket: Ticket, *contents: bytes, plain: bool = False, **data: Any) -> Any:
    """Put files into the box as the form does."""
    files = [SimpleUploadedFile(f"picture {n}.png", content, "image/png") for n, content in enumerate(contents, 1)]
    address = f"/tickets/{ticket.pk}/pictures"
    headers = {} if plain else HTMX
    return client.post(address, {"view": "all", "files": files, **data}, headers=headers)


def write(client: Client, ticket: Ticket, *keys: UUID, text: str = "Here it is", **data: Any) -> Any:
    given = {"view": "all", "text": text, "seen": fresh(ticket).position, "key": uuid4(), "picture": list(keys)}
    return client.post(f"/tickets/{ticket.pk}/reply", given | data, headers=HTMX)


def keys() -> list[UUID]:
    return list(OutgoingImage.objects.order_by("place").values_list("key", flat=True))


# --- in ---------------------------------------------------------------------------------------------------------------
def test_files_are_put_into_the_box_and_shown(desk: Client, ticket: Ticket) -> None:
    response = upload(desk, ticket, a_file("red"), a_file("blue"))
    html = response.content.decode()
    assert response.status_code == 200
    assert [f'src="/pictures/{key}"' in html for key in keys()] == [True, True]
    assert "has no description" in html
    assert "2 of 3 pictures for Fake" in html


def test_a_box_is_still_there_when_the_page_is_loaded_again(desk: Client, ticket: Ticket, agent: User) -> None:
    image = a_picture(ticket, agent, "The corrected bill")
    html = desk.get(f"/inbox/all/{ticket.pk}/").content.decode()
    assert f'name="picture" value="{image.key}"' in html
    assert "The corrected bill</textarea>" in html
    assert 'id="undescribed" hidden' in html


@pytest.mark.parametrize("content", [SVG, b"<script>alert(1)</script>", b"\xff\xd8\xff half"])
def test_what_is_no_picture_is_refused_by_name_and_the_others_come_in(
    desk: Client, ticket: Ticket, content: bytes
) -> None:
    html = upload(desk, ticket, content, a_file()).content.decode()
    assert "Not added, \u2068picture 1.png\u2069: it is no picture that can be sent" in html
    assert len(keys()) == 1


def test_more_than_the_platform_takes_is_refused_in_words(desk: Client, ticket: Ticket) -> None:
    html = upload(desk, ticket, *[a_file()] * 4).content.decode()
    assert "picture 4.png\u2069: Fake platform takes 3 pictures with an answer." in html
    assert len(keys()) == 3


def test_a_file_too_large_to_be_looked_at_is_refused(desk: Client, ticket: Ticket, settings: Any) -> None:
    settings.PICTURE_BYTES = 50
    assert "it is too large" in upload(desk, ticket, a_file()).content.decode()


def test_a_form_of_many_huge_files_is_not_even_read(desk: Client, ticket: Ticket, settings: Any) -> None:
    settings.PICTURE_BYTES = 1
    assert upload(desk, ticket, b"x" * 1_100_000).status_code == 400
    assert keys() == []


def test_a_ticket_of_another_brand_is_not_there(ticket: Ticket) -> None:
    stranger = signed_in(a_person(a_brand()))
    assert upload(stranger, ticket, a_file()).status_code == 404
    assert keys() == []


def test_words_are_kept_and_pictures_move_and_go(desk: Client, ticket: Ticket) -> None:
    upload(desk, ticket, a_file("red"), a_file("blue"))
    first, second = keys()
    upload(desk, ticket, earlier=second, **{f"alt-{first}": "Red", f"alt-{second}": "Blue"})
    assert keys() == [second, first]
    upload(desk, ticket, remove=second)
    assert list(OutgoingImage.objects.values_list("key", "alt")) == [(first, "Red")]


@pytest.mark.parametrize("told", ["", "no key", "0" * 40])
def test_a_key_that_is_none_changes_nothing(desk: Client, ticket: Ticket, told: str) -> None:
    upload(desk, ticket, a_file())
    response = upload(desk, ticket, remove=told, earlier=told, picture=told, **{f"alt-{told}": "x"})
    assert response.status_code == 200
    assert len(keys()) == 1


def test_without_a_script_the_page_comes_back_with_the_words_being_written(desk: Client, ticket: Ticket) -> None:
    response = upload(desk, ticket, a_file(), plain=True, text="My draft")
    html = response.content.decode()
    assert "<html" in html
    assert "My draft</textarea>" in html
    assert f'value="{keys()[0]}"' in html
    refused = upload(desk, ticket, SVG, plain=True, text="My draft")
    assert refused.status_code == 422
    assert "My draft</textarea>" in refused.content.decode()


def test_a_platform_without_pictures_says_so_and_offers_no_picker(desk: Client, ticket: Ticket, platform: Any) -> None:
    del platform.image_limits
    html = desk.get(f"/inbox/all/{ticket.pk}/").content.decode()
    assert "Fake takes no pictures" in html
    assert "pick-pictures" not in html
    upload(desk, ticket, a_file())
    assert keys() == []


# --- out --------------------------------------------------------------------------------------------------------------
def test_an_answer_goes_out_with_its_pictures_and_the_thread_shows_them(
    desk: Client, ticket: Ticket, agent: User
) -> None:
    image = a_picture(ticket, agent)
    html = write(desk, ticket, image.key, **{f"alt-{image.key}": "The <corrected> bill"}).content.decode()
    assert (
        f'<img src="/pictures/{image.key}" width="40" height="30" loading="lazy" alt="The &lt;corrected&gt; bill">'
        in html
    )
    assert f'name="picture" value="{image.key}"' not in html
    assert Message.objects.get(direction="out").pictures.get().alt == "The <corrected> bill"


def test_files_may_come_along_with_the_answer_itself(desk: Client, ticket: Ticket) -> None:
    write(desk, ticket, files=[SimpleUploadedFile("a.png", a_file(), "image/png")])
    assert Message.objects.get(direction="out").pictures.count() == 1


def test_a_bad_file_holds_the_answer_back_and_keeps_its_words(desk: Client, ticket: Ticket) -> None:
    response = write(desk, ticket, text="My draft", files=[SimpleUploadedFile("a.svg", SVG, "image/svg+xml")])
    assert response.status_code == 422
    assert "My draft</textarea>" in response.content.decode()
    assert not Message.objects.filter(direction="out").exists()


def test_where_the_conversation_moved_on_pictures_and_their_words_stay(
    desk: Client, ticket: Ticket, agent: User, channel: Channel
) -> None:
    image = a_picture(ticket, agent)
    receive(channel, a_post("still wrong!", conversation_key="t1"))
    response = write(desk, ticket, image.key, seen=1, **{f"alt-{image.key}": "The bill"})
    html = response.content.decode()
    assert response.status_code == 409
    assert f'name="picture" value="{image.key}"' in html
    assert "The bill</textarea>" in html


def test_a_picture_that_is_gone_is_said_to_be_gone(desk: Client, ticket: Ticket) -> None:
    response = write(desk, ticket, uuid4())
    assert response.status_code == 422
    assert "a picture is no longer here" in response.content.decode()


def test_what_was_deleted_on_the_platform_is_shown_no_more(desk: Client, ticket: Ticket, agent: User) -> None:
    image = a_picture(ticket, agent)
    an_answer(ticket, by=agent, pictures=[image.key])
    Message.objects.filter(direction="out").update(deleted_at=ticket.opened_at)
    assert str(image.key) not in desk.get(f"/inbox/all/{ticket.pk}/").content.decode()


def test_pictures_cost_a_page_no_more_questions_however_many_there_are(
    desk: Client, ticket: Ticket, agent: User, django_assert_num_queries: Any
) -> None:
    an_answer(ticket, by=agent, pictures=[a_picture(ticket, agent).key])
    a_picture(ticket, agent)
    address = f"/inbox/all/{ticket.pk}/"
    desk.get(address)
    with CaptureQueriesContext(connection) as asked:
        desk.get(address)
    assert not any('"ingest_outgoingimage"."content"' in query["sql"] for query in asked)
    an_answer(ticket, by=agent, pictures=[a_picture(ticket, agent).key, a_picture(ticket, agent).key])
    a_picture(ticket, agent)
    with django_assert_num_queries(len(asked)):
        desk.get(address)


# --- by its address ---------------------------------------------------------------------------------------------------
def test_a_picture_is_served_as_nothing_but_a_picture(desk: Client, ticket: Ticket, agent: User) -> None:
    image = a_picture(ticket, agent)
    response = desk.get(f"/pictures/{image.key}")
    assert response.content == bytes(image.content)
    assert response["Content-Type"] == "image/png"
    assert response["Content-Disposition"] == f'inline; filename="{image.key}.png"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["Cache-Control"] == "private, no-cache"


def test_a_picture_known_already_is_not_sent_again_but_asked_for_each_time(
    desk: Client, ticket: Ticket, agent: User
) -> None:
    image = a_picture(ticket, agent)
    etag = desk.get(f"/pictures/{image.key}")["ETag"]
    again = desk.get(f"/pictures/{image.key}", headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    stranger = signed_in(a_person(a_brand()))
    assert stranger.get(f"/pictures/{image.key}", headers={"If-None-Match": etag}).status_code == 404


def test_a_picture_is_nothing_to_strangers_colleagues_before_it_is_sent_and_who_is_not_signed_in(
    ticket: Ticket, agent: User, channel: Channel
) -> None:
    image = a_picture(ticket, agent)
    colleague, stranger = signed_in(a_person(channel.brand)), signed_in(a_person(a_brand()))
    address = f"/pictures/{image.key}"
    assert [each.get(address).status_code for each in (colleague, stranger, Client())] == [404, 404, 302]
    an_answer(ticket, by=agent, pictures=[image.key])
    assert [each.get(address).status_code for each in (colleague, stranger, Client())] == [200, 404, 302]
    assert colleague.get(f"/pictures/{uuid4()}").status_code == 404


def test_the_pages_policy_lets_our_own_pictures_show(desk: Client, ticket: Ticket) -> None:
    policy = desk.get(f"/inbox/all/{ticket.pk}/")["Content-Security-Policy"]
    (images,) = [part for part in policy.split(";") if part.strip().startswith("img-src")]
    assert "'self'" in images
