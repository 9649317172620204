"""What is waited for on a network: on an event loop with a thread of its own, for blocking callers and others alike."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

from ._engine import SameProcess
from .errors import HearthError

_T = TypeVar("_T")


class Network:
    """It does not know who uses it, who so can be collected."""

    def __init__(self) -> None:
        self.process = SameProcess("the server was connected to")
        self.loop = asyncio.new_event_loop()
        self._closed = False
        self._tasks: set[asyncio.Task[Any]] = set()
        self._thread = threading.Thread(target=self._main, name="hearth-network", daemon=True)
        self._thread.start()

    def _main(self) -> None:
        self.loop.run_forever()
        self.loop.close()

    def submit(self, work: Coroutine[Any, Any, _T]) -> Future[_T]:
        if not self.process.holds or self._closed:
            work.close()
            self.process.require()
            raise HearthError("DISPOSED", "the connection to the server was closed")
        return asyncio.run_coroutine_threadsafe(self._run(work), self.loop)

    async def _run(self, work: Coroutine[Any, Any, _T]) -> _T:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            return await work
        finally:
            self._tasks.discard(task)

    def close(self, end: Callable[[], Coroutine[Any, Any, object]]) -> None:
        """What is going on is cancelled, and then `end` run."""
        if not self.process.holds or self._closed:
            return
        self._closed = True
        ending = asyncio.run_coroutine_threadsafe(self._end(end), self.loop)
        ending.add_done_callback(lambda _: self.loop.call_soon_threadsafe(self.loop.stop))
        # Whoever used it may have been collected on the thread itself, by the end of what went on for them.
        if threading.current_thread() is not self._thread:
            self._thread.join()

    async def _end(self, end: Callable[[], Coroutine[Any, Any, object]]) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await end()
