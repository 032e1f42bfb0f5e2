"""Pictures by the API: put into one's box, named when the answer is sent, opened by who may see them."""

from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from accounts.models import User
from ingest.models import Channel, OutgoingImage
from ingest.platforms.base import ImageLimits, Kind
from tests.cast import a_brand, a_person
from tests.pictures import a_file
from tests.tickets.api.conftest import Ask, Short, body, doing
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    def image_limits(_self: Short, _kind: Kind) -> ImageLimits:
        return ImageLimits(2, 100_000)

    monkeypatch.setattr(Short, "image_limits", image_limits, raising=False)


def put_in(client: APIClient, ticket: Ticket, content: bytes = b"", status: int = 201, **more: Any) -> Any:
    file = SimpleUploadedFile("a.png", content or a_file(), "image/png")
    return body(client.post(doing(ticket, "pictures"), {"file": file, **more}, format="multipart"), status)


def test_an_answer_goes_out_with_the_pictures_it_names(client: APIClient, ticket: Ticket) -> None:
    first, second = (put_in(client, ticket, alt=alt) for alt in ("One", "Two"))
    assert (first["media_type"], first["width"], first["alt"]) == ("image/png", 40, "One")
    assert [one["key"] for one in body(client.get(doing(ticket, "pictures")), 200)] == [first["key"], second["key"]]
    pictures = [second["key"], first["key"]]
    found = body(client.post(doing(ticket, "reply"), {"text": "Here", "seen": 1, "pictures": pictures}), 201)
    assert [medium["key"] for medium in found["message"]["media"]] == pictures
    assert body(client.get(doing(ticket, "pictures")), 200) == []


@pytest.mark.parametrize(
    ("content", "reason"), [(b"<svg onload='alert(1)'/>", "not_a_picture"), (b"GIF89a" + b"\0" * 40, "not_a_picture")]
)
def test_what_is_no_picture_is_refused(client: APIClient, ticket: Ticket, content: bytes, reason: str) -> None:
    refused = put_in(client, ticket, content, status=422)
    assert (refused["code"], refused["reason"]) == ("bad_picture", reason)


def test_too_many_and_too_large_are_refused(client: APIClient, ticket: Ticket, settings: Any) -> None:
    put_in(client, ticket)
    put_in(client, ticket)
    assert put_in(client, ticket, status=422)["reason"] == "too_many"
    OutgoingImage.objects.all().delete()
    settings.PICTURE_BYTES = 50
    assert put_in(client, ticket, status=422)["reason"] == "too_large"


def test_a_request_is_refused_by_its_size_before_it_is_read(client: APIClient, ticket: Ticket) -> None:
    answer = client.post(doing(ticket, "pictures"), b"x", content_type="multipart/form-data; boundary=x",
                         CONTENT_LENGTH="99000000")  # fmt: skip
    assert answer.status_code == 413


def test_a_picture_without_a_file_is_a_wrong_request(client: APIClient, ticket: Ticket) -> None:
    answer = client.post(doing(ticket, "pictures"), {"alt": "x"}, format="multipart")
    assert list(body(answer, 400)["wrong"]) == ["file"]


def test_an_unknown_picture_sends_nothing(client: APIClient, ticket: Ticket) -> None:
    given = {"text": "Here", "seen": 1, "pictures": [str(uuid4())]}
    refused = body(client.post(doing(ticket, "reply"), given), 422)
    assert (refused["code"], refused["reason"]) == ("bad_picture", "gone")


def test_a_picture_is_opened_and_taken_out_by_who_put_it_in(client: APIClient, ticket: Ticket) -> None:
    key = put_in(client, ticket)["key"]
    opened = client.get(f"/api/pictures/{key}")
    assert (opened.status_code, opened["Content-Type"]) == (200, "image/png")
    assert client.delete(f"/api/pictures/{key}").status_code == 204
    assert client.get(f"/api/pictures/{key}").status_code == 404


def test_others_neither_put_in_nor_open_nor_take_out(
    client: APIClient, ticket: Ticket, channel: Channel, agent: User, ask: Ask
) -> None:
    key = put_in(client, ticket)["key"]
    colleague, stranger = ask(a_person(channel.brand)), ask(a_person(a_brand()))
    put_in(stranger, ticket, status=404)
    assert body(stranger.get(doing(ticket, "pictures")), 404)["code"] == "not_found"
    for other in (colleague, stranger):
        assert other.get(f"/api/pictures/{key}").status_code == 404
        assert other.delete(f"/api/pictures/{key}").status_code == 404
    body(client.post(doing(ticket, "reply"), {"text": "Here", "seen": 1, "pictures": [key]}), 201)
    assert colleague.get(f"/api/pictures/{key}").status_code == 200
    # What was sent stays what was sent.
    assert client.delete(f"/api/pictures/{key}").status_code == 404
