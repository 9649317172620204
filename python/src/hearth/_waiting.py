"""How the one implementation of everything waits: by blocking its thread, or on an event loop.

All that takes time is written once, as coroutines that wait through a `Waiting`. Under `Blocking` such a coroutine never
suspends, so `run` may take it from beginning to end.
"""

from __future__ import annotations

import asyncio
import inspect
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent import futures
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, TypeVar

from .errors import HearthError, error_of, invalid

_T = TypeVar("_T")


class Waiting(Protocol):
    async def result(self, future: Future[_T], deadline: float | None = None) -> _T:
        """TIMEOUT where it is not there at the deadline, by time.monotonic()."""

    def begin(self, coroutine: Coroutine[Any, Any, _T]) -> Awaitable[_T]:
        """Goes ahead, whether anybody waits for it or not."""

    def lock(self) -> AbstractAsyncContextManager[Any]:
        ...

    async def execute(self, function: Callable[..., Any], arguments: dict[str, Any]) -> Any:
        """A function of the user's."""

    async def all(self, works: Sequence[Coroutine[Any, Any, _T]]) -> list[_T]:
        """What comes of each, side by side where that can be."""


def run(coroutine: Coroutine[Any, Any, _T]) -> _T:
    """Of a coroutine that waits by Blocking alone."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]
    raise HearthError("INTERNAL", "a coroutine was to block, and suspended itself instead")


def _remaining(deadline: float | None) -> float | None:
    return None if deadline is None else max(0.0, deadline - time.monotonic())


def _timed_out() -> HearthError:
    return error_of("TIMEOUT", "the deadline passed")


class _Begun(Awaitable[_T]):
    """What has come of a coroutine already."""

    def __init__(self, coroutine: Coroutine[Any, Any, _T]) -> None:
        self._future: Future[_T] = Future()
        try:
            self._future.set_result(run(coroutine))
        except Exception as error:
            self._future.set_exception(error)

    def __await__(self) -> Any:
        return self._future.result()
        yield  # makes it a generator


class _Lock:
    def __init__(self) -> None:
        self._lock = threading.Lock()

    async def __aenter__(self) -> None:
        self._lock.acquire()

    async def __aexit__(self, *_: object) -> None:
        self._lock.release()


class Blocking:
    async def result(self, future: Future[_T], deadline: float | None = None) -> _T:
        try:
            return future.result(_remaining(deadline))
        except futures.TimeoutError as error:
            if isinstance(error, HearthError):
                raise
            future.cancel()
            raise _timed_out() from None

    def begin(self, coroutine: Coroutine[Any, Any, _T]) -> Awaitable[_T]:
        return _Begun(coroutine)

    def lock(self) -> AbstractAsyncContextManager[Any]:
        return _Lock()

    async def execute(self, function: Callable[..., Any], arguments: dict[str, Any]) -> Any:
        result = function(**arguments)
        if inspect.iscoroutine(result):
            result.close()
            raise invalid(f"{function.__name__} is a coroutine function: use it with AsyncHearth")
        return result

    async def all(self, works: Sequence[Coroutine[Any, Any, _T]]) -> list[_T]:
        return [await work for work in works]


class Asyncio:
    async def result(self, future: Future[_T], deadline: float | None = None) -> _T:
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), _remaining(deadline))
        except asyncio.TimeoutError as error:
            if isinstance(error, HearthError):
                raise
            raise _timed_out() from None

    def begin(self, coroutine: Coroutine[Any, Any, _T]) -> Awaitable[_T]:
        task = asyncio.ensure_future(coroutine)
        # Who never reads an answer needs not hear of its failure.
        task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
        return task

    def lock(self) -> AbstractAsyncContextManager[Any]:
        return asyncio.Lock()

    async def execute(self, function: Callable[..., Any], arguments: dict[str, Any]) -> Any:
        if inspect.iscoroutinefunction(function):
            return await function(**arguments)
        return await asyncio.to_thread(function, **arguments)

    async def all(self, works: Sequence[Coroutine[Any, Any, _T]]) -> list[_T]:
        return list(await asyncio.gather(*works))
