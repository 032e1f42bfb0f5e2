"""The platforms Radd speaks to: one row each."""

from ingest.platforms.base import Adapter
from ingest.platforms.demo import Demo
from ingest.platforms.imported import Imported
from ingest.platforms.x import X

PLATFORMS: dict[str, type[Adapter]] = {adapter.name: adapter for adapter in (X, Demo, Imported)}
