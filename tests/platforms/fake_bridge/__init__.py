"""The other side of the generic channel, twice over: a team's bridge, and the desk that a bridge speaks to.

`FakeBridge` holds a small network of its own: people post there, the bridge tells Radd by signed calls, and puts up
what Radd answers. `Desk` stands where Radd's own web page for such calls will stand: it checks, stores, says 200.
Both know the contract from docs/generic-channel.md alone and check signatures by code of their own.
"""

from tests.platforms.fake_bridge.bridge import FakeBridge, Fault
from tests.platforms.fake_bridge.desk import Desk, Stored
from tests.platforms.fake_bridge.telegram import FakeTelegram

__all__ = ["Desk", "FakeBridge", "FakeTelegram", "Fault", "Stored"]
