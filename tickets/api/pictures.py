"""Pictures of answers in the API: put into one's box on a ticket first, then named when the answer is sent."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse, HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.ground import Ground
from accounts.api.problems import problems
from ingest.models import OutgoingImage
from ingest.pictures import BadPicture
from tickets.answering import tray
from tickets.answering.pictures import picture_for
from tickets.api import refusals
from tickets.models import Ticket

WORDS = 100_000


class PictureSerializer(serializers.ModelSerializer[OutgoingImage]):
    """A picture in the box, as it will go out."""

    class Meta:
        model = OutgoingImage
        fields = ["key", "media_type", "width", "height", "size", "alt"]
        read_only_fields = fields


class UploadSerializer(serializers.Serializer[Any]):
    """A picture to put in."""

    file = serializers.FileField(help_text="JPEG, PNG or WebP. It is encoded anew: no place, no camera, upright.")
    alt = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=10_000, help_text="What it shows, for who cannot see."
    )


class Pictures(Ground):
    """My box on a ticket."""

    parser_classes = [MultiPartParser]
    longest = settings.PICTURE_BYTES + WORDS
    tell = staticmethod(refusals.answer)

    def ticket(self, number: int) -> Ticket:
        """Somebody else's ticket does not exist."""
        found = Ticket.objects.visible_to(self.person).select_related("channel").filter(pk=number).first()
        if found is None:
            raise NotFound
        return found

    @extend_schema(operation_id="tickets_pictures", responses={200: PictureSerializer(many=True), **problems(404)})
    def get(self, _request: Request, id: int) -> Response:  # noqa: A002  (as in the address)
        """What I have put into the box and not sent yet, in order."""
        return Response(PictureSerializer(tray.drafted(self.ticket(id), self.person), many=True).data)

    @extend_schema(
        operation_id="tickets_add_picture",
        request={"multipart/form-data": UploadSerializer},
        responses={201: PictureSerializer, **problems(400, 404, 413, 415, 422)},
    )
    def post(self, request: Request, id: int) -> Response:  # noqa: A002  (as in the address)
        """Put a picture into the box; name its `key` among the `pictures` of the answer. Forgotten after a day."""
        ticket = self.ticket(id)
        given = UploadSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        file = given.validated_data["file"]
        if file.size > settings.PICTURE_BYTES:
            raise BadPicture("too_large")
        made = tray.add(ticket, content=bytes(file.read()), by=self.person, alt=given.validated_data["alt"])
        return Response(PictureSerializer(made).data, status=201)


class OnePicture(Ground):
    """A picture by its key."""

    @extend_schema(
        operation_id="pictures_open",
        responses={(200, "image/jpeg"): OpenApiTypes.BINARY, (200, "image/png"): OpenApiTypes.BINARY, **problems(404)},
    )
    def get(self, _request: Request, key: UUID) -> HttpResponseBase:
        """The picture itself: of an answer for who sees its brand, of a box for who put it there."""
        found = picture_for(self.person, key)
        if found is None:
            raise NotFound
        return HttpResponse(bytes(found.content), content_type=found.media_type)

    @extend_schema(operation_id="pictures_remove", responses={204: None, **problems(404)})
    def delete(self, _request: Request, key: UUID) -> Response:
        """Take it out of the box again."""
        found = picture_for(self.person, key)
        if found is None or found.message_id:
            raise NotFound
        found.delete()
        return Response(status=204)
