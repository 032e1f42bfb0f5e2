"""Bluesky's own servers: what is claimed of every network, and what only they can show."""

from typing import ClassVar

from tests.counterparts import bluesky
from tests.counterparts.journey import Journey


class TestBluesky(Journey):
    label: ClassVar[str] = "Bluesky"
    start = staticmethod(bluesky.started)
