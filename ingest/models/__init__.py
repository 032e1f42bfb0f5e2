"""Tables of the outside world: channels, the people who write, what they wrote, answers on their way out, readers."""

from ingest.models.channel import BadItem, Channel, ChannelSession
from ingest.models.contact import Contact
from ingest.models.conversation import Conversation
from ingest.models.correction import Correction
from ingest.models.delivery import Delivery
from ingest.models.drift import ReadingWeek
from ingest.models.event import InboundEvent
from ingest.models.message import Message
from ingest.models.picture import OutgoingImage
from ingest.models.reader import ReaderModel, Reread, ShadowReading
from ingest.models.upkeep import Backfill, ChannelHour, Reach, Spend, Tombstone

__all__ = [
    "Backfill",
    "BadItem",
    "Channel",
    "ChannelHour",
    "ChannelSession",
    "Contact",
    "Conversation",
    "Correction",
    "Delivery",
    "InboundEvent",
    "Message",
    "OutgoingImage",
    "Reach",
    "ReaderModel",
    "ReadingWeek",
    "Reread",
    "ShadowReading",
    "Spend",
    "Tombstone",
]
