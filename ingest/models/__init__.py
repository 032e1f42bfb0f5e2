"""Tables of the outside world: channels, the people who write, what they wrote, and answers on their way out."""

from ingest.models.channel import BadItem, Channel
from ingest.models.contact import Contact
from ingest.models.conversation import Conversation
from ingest.models.correction import Correction
from ingest.models.delivery import Delivery
from ingest.models.message import Message

__all__ = ["BadItem", "Channel", "Contact", "Conversation", "Correction", "Delivery", "Message"]
