"""Pictures of an answer: what its platform takes, why one cannot be sent, and how they become part of the answer."""

from collections.abc import Sequence
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.permissions import may_see
from ingest import adapters
from ingest.models import Channel, Message, OutgoingImage
from ingest.pictures import BadPicture
from ingest.platforms.base import ImageLimits, Json, Kind, PlatformError, SendsImages
from tickets.models import Ticket

NONE = ImageLimits(0, 0)
WHY: dict[str, Promise] = {
    "not_a_picture": _("it is no picture that can be sent. JPEG, PNG and WebP can."),
    "moving": _("it moves, and only still pictures can be sent."),
    "too_large": _("it is too large."),
    "too_many_pixels": _("it has too many pixels. Make it smaller first."),
    "gone": _("a picture is no longer here. Add it again."),
}


def why_not(code: str, limits: ImageLimits, platform: str) -> str:
    """Why a picture cannot be sent, in words that follow a colon."""
    if code == "too_many" and limits.most:
        words = ngettext(
            "%(platform)s takes %(most)d picture with an answer.",
            "%(platform)s takes %(most)d pictures with an answer.",
            limits.most,
        )
        return words % {"platform": adapters.label_of(platform), "most": limits.most}
    if code == "too_many":
        return str(_("%(platform)s takes no pictures with this answer.")) % {"platform": adapters.label_of(platform)}
    return str(WHY[code])


def limits_of(channel: Channel, kind: str) -> ImageLimits:
    """What pictures an answer to a message of that kind may hold; none where the platform takes none."""
    try:
        adapter = adapters.of(channel)
    except PlatformError:
        return NONE
    return adapter.image_limits(Kind(kind)) if isinstance(adapter, SendsImages) else NONE


def draft_of(ticket: Ticket) -> str:
    """The name of a ticket's answer box."""
    return f"ticket-{ticket.pk}"


def picture_for(user: User, key: UUID) -> OutgoingImage | None:
    """The picture, if this person may see it: of an answer who sees its brand, of a draft only who put it there."""
    found = OutgoingImage.objects.filter(key=key).select_related("channel").defer("channel__secrets").first()
    if found is None or not may_see(user, found.channel.brand_id):
        return None
    return found if found.message_id or found.uploaded_by_id == user.pk else None


def enclose(keys: Sequence[UUID], *, ticket: Ticket, parent: Message, message: Message, by: User) -> None:
    """Make these pictures of the draft, in this order, part of an answer that goes under `parent`; unsaved `media`.

    Runs in the answer's own transaction. Raises BadPicture: gone, too_many, too_large, too_many_pixels.
    """
    if not keys:
        return
    found = OutgoingImage.objects.in_draft(draft_of(ticket), by).named(keys).without_content()
    known = {image.key: image for image in found.select_for_update(of=("self",))}
    if set(known) != set(keys) or len(set(keys)) != len(keys):
        raise BadPicture("gone")
    pictures = [known[key] for key in keys]
    _check(pictures, limits_of(parent.channel, parent.kind))
    for place, image in enumerate(pictures, 1):
        OutgoingImage.objects.filter(pk=image.pk).update(
            message=message, place=place, channel=parent.channel_id, conversation=parent.conversation_id
        )
    message.media = [told(image) for image in pictures]
    message.save(update_fields=["media"])


def told(image: OutgoingImage) -> Json:
    """The picture as it stands among the media of its message; `key` opens it here."""
    return {
        "type": "image",
        "url": "",
        "preview_url": "",
        "alt": image.alt,
        "key": str(image.key),
        "width": image.width,
        "height": image.height,
    }


def back_in_draft(message: Message, ticket: Ticket, by: User) -> int:
    """Copies of an answer's pictures for the box of who took it back; how many. Its own stay what was written."""
    for image in (images := list(OutgoingImage.objects.of(message))):
        OutgoingImage.objects.create(
            channel=image.channel,
            conversation=image.conversation,
            draft=draft_of(ticket),
            uploaded_by=by,
            content=image.content,
            media_type=image.media_type,
            alt=image.alt,
            width=image.width,
            height=image.height,
            size=image.size,
            place=image.place,
        )
    return len(images)


def _check(pictures: Sequence[OutgoingImage], limits: ImageLimits) -> None:
    """What was fitted to one platform may go out on another, by the customer's newest message."""
    if len(pictures) > limits.most:
        raise BadPicture("too_many")
    if any(image.size > limits.most_bytes for image in pictures):
        raise BadPicture("too_large")
    if limits.pixels is not None and any(image.width * image.height > limits.pixels for image in pictures):
        raise BadPicture("too_many_pixels")
