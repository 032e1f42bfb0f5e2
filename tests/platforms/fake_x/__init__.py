"""A stand-in for X: a real HTTP server that keeps state and does what X is known to do.

In a test: `with FakeX() as x: x.world.post(...)`. On its own: `python -m tests.platforms.fake_x --port 8099`.
Where X's behaviour is not known for sure the code says so; nothing here was ever checked against X itself.
"""

from tests.platforms.fake_x.server import FakeX
from tests.platforms.fake_x.world import BRAND, REMOVED, FakePost, FakeUser, World
from tests.platforms.faults import Fault

__all__ = ["BRAND", "REMOVED", "FakePost", "FakeUser", "FakeX", "Fault", "World"]
