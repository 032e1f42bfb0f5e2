"""A stand-in for Bluesky: a personal data server with its AppView over HTTP, and a firehose over WebSocket.

In a test: `with FakeBluesky() as sky: sky.world.post(...)`. It does what was seen of the servers of the AT Protocol
(npm @atproto/dev-env), or read in their code; nothing here was ever checked against Bluesky itself.
"""

from tests.platforms.fake_bluesky.server import FakeBluesky
from tests.platforms.fake_bluesky.world import BRAND, FakeAccount, FakePost, World
from tests.platforms.faults import Fault

__all__ = ["BRAND", "FakeAccount", "FakeBluesky", "FakePost", "Fault", "World"]
