"""One reading for all who ask at the same moment, however many they are."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from typing import Generic, ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.db import close_old_connections

Key = TypeVar("Key")
Found = TypeVar("Found")
P = ParamSpec("P")
R = TypeVar("R")

# Those who ask within this many seconds ask together.
TOGETHER = 0.02


class Together(Generic[Key, Found]):
    """Asks `read` for all the keys that are asked for while it waits or reads."""

    def __init__(self, read: Callable[[Collection[Key]], Mapping[Key, Found]]) -> None:
        self._read = read
        self._waiting: dict[Key, asyncio.Future[Found]] = {}
        self._task: asyncio.Task[None] | None = None

    async def ask(self, key: Key) -> Found:
        """What `read` finds for this key, by a reading that begins after this call. Raises what it raises."""
        if self._task is None or self._task.done():
            self._waiting = {}
            self._task = asyncio.create_task(self._answer())
        answer = self._waiting.setdefault(key, asyncio.get_running_loop().create_future())
        # One who leaves takes the answer from nobody else.
        return await asyncio.shield(answer)

    async def _answer(self) -> None:
        """Until nobody waits."""
        await asyncio.sleep(TOGETHER)
        while self._waiting:
            asked, self._waiting = self._waiting, {}
            try:
                found = await read(self._read, tuple(asked))
            except Exception as error:  # noqa: BLE001 (whoever asked has it raised to them, each for themselves)
                for answer in asked.values():
                    answer.set_exception(error)
            else:
                for key, answer in asked.items():
                    answer.set_result(found[key])
            await asyncio.sleep(TOGETHER)


async def read(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """A database read from the event loop, on a connection that is known to be alive."""

    def work() -> R:
        close_old_connections()
        return function(*args, **kwargs)

    return await sync_to_async(work)()
