"""A model in this process, by the C interface, whose calls leave Python's lock free."""

from __future__ import annotations

import contextlib
import weakref
from array import array
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from typing import Any

from ._engine import Generation
from ._engine_thread import EngineThread, LocalAnswer, Source, settle
from ._json import json_text
from ._library import library
from ._types import OnProgress
from .errors import HearthError


def _disposed() -> HearthError:
    return HearthError("DISPOSED", "the model was closed")


class LocalEngine:
    def __init__(
        self, source: Source, options: Mapping[str, Any], on_progress: OnProgress | None = None
    ) -> None:
        library()
        self._thread = EngineThread(source, options, on_progress)
        self.loaded = self._thread.loaded
        self.memory = 0
        self._memory_limit = options.get("memoryLimit") or float("inf")
        self._close = weakref.finalize(self, self._thread.close)

    @property
    def info(self) -> dict[str, Any]:
        return self._info

    def begin(self) -> None:
        """Once it is loaded."""
        self._info: dict[str, Any] = self._thread.call("info", b"[]", b"")
        weights = min(self._info["fileSize"] - self._info["leftInFile"], self._memory_limit)
        self.memory = int(weights) + self._info["cacheBytes"] + self._info["draftBytes"]

    def call(self, name: str, arguments: Sequence[Any], data: bytes = b"") -> Future[Any]:
        self._thread.process.require()
        encoded = json_text(list(arguments)).encode()
        thread = self._thread
        future: Future[Any] = Future()

        def work() -> Any:
            if not thread.model:
                raise _disposed()
            return thread.call(name, encoded, data)

        if library().hearth_call_only_reads(name.encode()):
            with contextlib.suppress(RuntimeError):  # shut down
                return thread.readers.submit(work)
        elif thread.post(lambda: settle(future, work)):
            return future
        future.set_exception(_disposed())
        return future

    def generate(self, tokens: array[int], options: str, whole: bool) -> Generation:
        self._thread.process.require()
        thread = self._thread
        generation = Generation(whole)
        answer = LocalAnswer(generation)

        def begin() -> None:
            if thread.model:
                thread.generate(answer, tokens.tobytes(), options.encode())
            else:
                answer.fail(_disposed())

        def cancel() -> None:
            if thread.process.holds:
                answer.cancel()
                thread.post(lambda: answer.hold(False))

        generation.cancel = cancel
        generation.hold = lambda held: thread.post(lambda: answer.hold(held))
        if not thread.post(begin):
            answer.fail(_disposed())
        return generation

    def dispose(self) -> Future[None]:
        self._thread.process.require()
        self._close.detach()
        self._thread.stop()
        return self._thread.ended
