"""A stand-in for Mastodon and for servers that only speak its API: a real server that keeps state.

In a test: `with FakeMastodon(GOTOSOCIAL) as server: server.world.post(...)`. A `Manner` says how one kind of server
differs from the others. Nothing here was checked against a live server.
"""

from tests.platforms.fake_mastodon.entry import account
from tests.platforms.fake_mastodon.manners import GOTOSOCIAL, MASTODON, PLEROMA, Manner
from tests.platforms.fake_mastodon.server import FakeMastodon, Fault
from tests.platforms.fake_mastodon.world import BRAND, TOKEN, FakeStatus, FakeUser, World

__all__ = [
    "BRAND", "GOTOSOCIAL", "MASTODON", "PLEROMA", "TOKEN", "FakeMastodon", "FakeStatus", "FakeUser", "Fault", "Manner",
    "World", "account",
]  # fmt: skip
