"""Runs of workflows for threads that wait: on a loop of their own, on a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from ._drive import Event
from ._files import Source
from ._run import AsyncWorkflowRun, WorkflowOptions, WorkflowResult

if TYPE_CHECKING:
    from typing_extensions import Unpack

_T = TypeVar("_T")


class _Loop:
    """A loop that runs until it is closed."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="hearth workflow", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, _T]) -> _T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def call(self, function: Any) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(function)

    def close(self) -> None:
        if self._loop.is_closed():
            return
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class WorkflowRun:
    """A workflow that runs: its events, as they come, by `for`, and its `result`. Who stops reading early ends it; who
    reads slowly is waited for. Functions and callbacks are called on threads of the run."""

    def __init__(
        self,
        source: Source,
        state: Mapping[str, Any] | None,
        options: WorkflowOptions,
        keeps_events: bool = True,
    ) -> None:
        self._loop = _Loop()

        async def begin() -> AsyncWorkflowRun:
            return AsyncWorkflowRun(source, state, options, keeps_events)

        self._run = self._loop.run(begin())
        self._outcome: WorkflowResult | None = None
        self._failure: Exception | None = None

    def __enter__(self) -> WorkflowRun:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def __iter__(self) -> Iterator[Event]:
        events = self._run.__aiter__()

        async def following() -> Event | None:
            return await anext(events, None)

        try:
            while not self._has_ended:
                event = self._loop.run(following())
                if event is None:
                    break
                yield event
            self.result
        finally:
            self._end()

    @property
    def result(self) -> WorkflowResult:
        """What comes of it; events that nobody has read are passed over."""
        if not self._has_ended:
            try:
                self._outcome = self._loop.run(self._waited())
            except Exception as error:
                self._failure = error
            finally:
                self._end()
        if self._failure is not None:
            raise self._failure
        assert self._outcome is not None
        return self._outcome

    def abort(self) -> None:
        """Ends it, and with it what models are writing: its result then is the error ABORTED. From any thread."""
        self._loop.call(self._run.abort)

    @property
    def _has_ended(self) -> bool:
        return self._outcome is not None or self._failure is not None

    async def _waited(self) -> WorkflowResult:
        return await self._run.result

    def _end(self) -> None:
        """Whatever comes of it, also after Ctrl-C."""
        if not self._has_ended:
            self.abort()
            try:
                self._outcome = self._loop.run(self._waited())
            except Exception as error:
                self._failure = error
        self._loop.close()


def stream_yaml(
    source: Source, state: Mapping[str, Any] | None = None, **options: Unpack[WorkflowOptions]
) -> WorkflowRun:
    """A run that begins at once, to be read event by event."""
    return WorkflowRun(source, state, options)


def execute_yaml(
    source: Source, state: Mapping[str, Any] | None = None, **options: Unpack[WorkflowOptions]
) -> WorkflowResult:
    """Runs a workflow, by the text of its YAML file or by its path. Raises what it fails with; INVALID_ARGUMENT, or
    UNSUPPORTED, with all `faults` in its details, for one that cannot run."""
    with WorkflowRun(source, state, options, keeps_events=False) as run:
        return run.result
