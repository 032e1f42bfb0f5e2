"""How many threads a model may use."""

import os

THREADS_VARIABLE = "RADD_READER_THREADS"


def threads() -> int:
    """RADD_READER_THREADS, else the cores this process may run on. Raises ValueError for other than 1 and up."""
    given = os.environ.get(THREADS_VARIABLE)
    if not given:
        return cores()
    if not given.isdecimal() or int(given) < 1:
        raise ValueError(f"{THREADS_VARIABLE} must be a whole number from 1, not {given!r}.")
    return int(given)


def cores() -> int:
    """Cores this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
