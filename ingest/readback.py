"""Our own posts, read back from the platform, that are answers of ours whose id nobody knew.

A person may say that an answer is there without telling where: then its message has no id of the platform's, and the
post that comes back by reading is not recognised by one. It is recognised here: ours, under the same message, in the
same words, and not older than the first try to send it. The answer takes the post's id and address; what of it the next
part of a long answer needs follows.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import Q

from ingest import parts
from ingest.cleaning import clean, clean_json
from ingest.models import Channel, Delivery, Message
from ingest.platforms.base import Json, Kind, Post
from ingest.threads import conversation_key

# Clocks differ: a platform may date our answer a little before we began to send it.
CLOCKS = timedelta(minutes=2)
LINK = re.compile(r"https?://\S+")
# Platforms put the names of those who are answered in front.
LEADING_NAMES = re.compile(r"^(?:@[\w.@-]+[:,]?\s+)+")


def adopt(channel: Channel, posts: Sequence[Post]) -> int:
    """Before these are stored: answers of ours without an id take those that they are; how many did."""
    ours = [post for post in posts if channel.external_id and post.author.external_id == channel.external_id]
    if not ours:
        return 0
    nameless = list(_nameless(channel, ours))
    if not nameless:
        return 0
    ids = [post.external_id for post in ours]
    known = set(Message.objects.filter(channel=channel, external_id__in=ids).values_list("external_id", flat=True))
    adopted = 0
    for post in ours:
        answer = next((row for row in nameless if post.external_id not in known and _is(row, post)), None)
        if answer is not None:
            nameless.remove(answer)
            _name(answer, post.external_id, clean(post.url), clean_json(post.raw))
            adopted += 1
    return adopted


def take_over(delivery: Delivery) -> bool:
    """The answer takes the place of its copy that was read back before anybody knew. The caller holds the row."""
    message = delivery.message
    here = Message.objects.filter(channel=message.channel_id, direction=Message.Direction.OUT, delivery=None)
    same_place = Q(parent_external_id=message.parent_external_id) & ~Q(parent_external_id="")
    if message.kind == Kind.DM:
        same_place |= Q(parent_external_id="", kind=message.kind, conversation__key=delivery.conversation.key)
    copies = here.filter(same_place, posted_at__gte=_not_before(delivery)).exclude(external_id="").order_by("id")
    copy = next((row for row in copies.select_for_update(of=("self",)) if same_words(message.text, row.text)), None)
    if copy is None:
        return False
    copy.delete()
    _name(message, copy.external_id, copy.url, copy.raw)
    return True


def same_words(ours: str, theirs: str) -> bool:
    """Whether a platform's copy of a text is ours: names in front, links and spaces may differ."""
    return _bare(ours) == _bare(theirs)


def _nameless(channel: Channel, ours: Iterable[Post]) -> Iterable[Message]:
    """Answers that were said to be there, without an id, where one of these posts may be one; locked, oldest first."""
    parents = {post.parent_id for post in ours} - {""}
    # A direct message answers a conversation rather than a message.
    talks = {conversation_key(post) for post in ours if post.kind == Kind.DM and not post.parent_id}
    where = Q(parent_external_id__in=parents)
    if talks:
        where |= Q(kind=Kind.DM.value, conversation__key__in=talks)
    rows = Message.objects.filter(where, channel=channel, direction=Message.Direction.OUT, external_id="")
    rows = rows.filter(delivery__state=Delivery.State.SENT).select_related("delivery", "conversation").order_by("id")
    return rows.select_for_update(of=("self",))


def _is(answer: Message, post: Post) -> bool:
    if post.parent_id:
        same_place = post.parent_id == answer.parent_external_id
    else:
        same_place = conversation_key(post) == answer.conversation.key
    if not same_place or post.posted_at < _not_before(answer.delivery):
        return False
    return (bool(post.url) and post.url == answer.url) or same_words(answer.text, post.text)


def _not_before(delivery: Delivery) -> datetime:
    return (delivery.first_tried_at or delivery.created_at) - CLOCKS


def _name(message: Message, external_id: str, url: str, raw: Json) -> None:
    """What the platform tells of it is kept as of any post, beside what we keep there ourselves."""
    told = {name: value for name, value in raw.items() if name != parts.KEY}
    Message.objects.filter(pk=message.pk).update(
        external_id=external_id, url=message.url or url, raw={**told, **message.raw}
    )
    parts.hand_on(message.delivery, external_id)


def _bare(text: str) -> str:
    text = unicodedata.normalize("NFC", LINK.sub("<link>", text))
    text = "".join(letter for letter in text if unicodedata.category(letter) != "Cf").strip()
    return " ".join(LEADING_NAMES.sub("", text + " ").split())
