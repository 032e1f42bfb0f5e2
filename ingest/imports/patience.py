"""Waiting for a database that is being restarted."""

import time
from collections.abc import Callable
from typing import TypeVar

import structlog
from django.db import InterfaceError, OperationalError, connection

log = structlog.get_logger(__name__)

# Seconds before the n-th further attempt; a restart of PostgreSQL after a crash fits in.
WAITS = (0.5, 1, 2, 4, 8, 15, 30, 30)

T = TypeVar("T")


def patiently(work: Callable[[], T], sleep: Callable[[float], None] = time.sleep) -> T:
    """The result of `work`, which may safely run again; raises what it raised last when the database stays away."""
    for wait in WAITS:
        try:
            return work()
        except (OperationalError, InterfaceError) as error:
            log.warning("database away", error=str(error).strip(), wait=wait)
            if not connection.in_atomic_block:
                connection.close()
            sleep(wait)
    return work()
