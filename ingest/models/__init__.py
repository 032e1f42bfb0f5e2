"""Tables of the outside world: channels, the people who write, what they wrote, answers on their way out, readers."""

from ingest.models.channel import BadItem, Channel, ChannelSession
from ingest.models.contact import Contact
from ingest.models.conversation import Conversation
from ingest.models.correction import Correction
from ingest.models.delivery import Delivery
from ingest.models.drift import ReadingWeek
from ingest.models.message import Message
from ingest.models.reader import ReaderModel, Reread, ShadowReading

__all__ = [
    "BadItem",
    "Channel",
    "ChannelSession",
    "Contact",
    "Conversation",
    "Correction",
    "Delivery",
    "Message",
    "ReaderModel",
    "ReadingWeek",
    "Reread",
    "ShadowReading",
]
