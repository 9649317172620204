"""A run as users hold it, on an event loop."""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypedDict

from ..errors import error_of
from ._drive import Driver, Event
from ._files import ReadFile, Source, opened, require_runs
from ._http import allowed_origins, answer_http
from ._models import KINDS, Models, answer_model
from ._store import MemoryStore, WorkflowStore, answer_store

if TYPE_CHECKING:
    from typing_extensions import Unpack

Function = Callable[..., Any]

MOST_AHEAD = 256
"""Events that a run may be ahead of who reads them."""


class WorkflowOptions(TypedDict, total=False):
    """Of a run."""

    model: Models
    """Who answers; not needed where the workflow asks no model."""
    functions: Mapping[str, Function]
    """Actions of the program's own, by name; they get their parameters by name. Coroutine functions run on the loop, others
    on a thread."""
    store: WorkflowStore
    """Where `storage` and `memory` keep values; by default in memory, until the run is over. `FolderStore` stays."""
    allow_origins: Iterable[str]
    """Whom `http.get` and `http.post` may ask, such as "https://example.org"; by default nobody."""
    read_file: ReadFile
    """Reads the files that the workflow calls; by default from the disk, for one that is a file itself."""
    checkpoint: Any
    """Goes on from what `on_checkpoint` got, or an interrupted run's result has: nodes that had ended are not run again."""
    changes: Mapping[str, Any]
    """To the state of the checkpoint."""
    on_checkpoint: Callable[[Any], Any]
    """Gets where the run is, as JSON, whenever a node has ended, before that is told."""
    on_event: Callable[[Event], Any]
    """Gets every event (docs/workflows.md). Both may be coroutine functions, and are waited for."""


@dataclass(frozen=True)
class WorkflowUsage:
    """Of all calls of models in a run, as the models counted them."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True)
class WorkflowResult:
    status: str
    """"done", or "interrupted": somebody is to look at it, and execute_yaml with the `checkpoint` goes on."""
    output: Any
    """What the file's `outputs` say, or the state; None where the run was interrupted."""
    state: dict[str, Any]
    usage: WorkflowUsage = field(default_factory=WorkflowUsage)
    checkpoint: Any = None
    """Of an interrupted run."""


class AsyncWorkflowRun:
    """A workflow that runs: its events, as they come, by `async for`, and its `result`. Who stops reading early ends it;
    who reads slowly is waited for."""

    def __init__(
        self,
        source: Source,
        state: Mapping[str, Any] | None,
        options: WorkflowOptions,
        keeps_events: bool = True,
    ) -> None:
        self._options = options
        self._driver: Driver | None = None
        self._is_aborted = False
        self._events: asyncio.Queue[Event | None] | None = asyncio.Queue(MOST_AHEAD) if keeps_events else None
        self._work = asyncio.ensure_future(self._whole(source, state))
        self._work.add_done_callback(self._ended)

    async def __aiter__(self) -> AsyncIterator[Event]:
        try:
            while self._events is not None:
                event = await self._events.get()
                if event is None:
                    break
                yield event
            await self._work
        finally:
            self.abort()

    @property
    def result(self) -> Awaitable[WorkflowResult]:
        """What comes of it; events that nobody has read are passed over."""
        return self._result()

    def abort(self) -> None:
        """Ends it, and with it what models are writing: its result then is the error ABORTED."""
        self._is_aborted = True
        while self._events is not None and not self._events.empty():
            self._events.get_nowait()  # so that nobody waits for a reader
        if self._driver is not None:
            self._driver.cancel()

    async def _result(self) -> WorkflowResult:
        while self._events is not None and not self._work.done():
            reading = asyncio.ensure_future(self._events.get())
            await asyncio.wait((reading, self._work), return_when=asyncio.FIRST_COMPLETED)
            reading.cancel()
        try:
            return await asyncio.shield(self._work)
        except asyncio.CancelledError:
            self.abort()
            raise

    def _ended(self, work: asyncio.Future[Any]) -> None:
        work.cancelled() or work.exception()  # who never asks for the result needs not hear of its failure
        if self._events is not None:
            self._end_mark = asyncio.ensure_future(self._events.put(None))

    async def _whole(self, source: Source, state: Mapping[str, Any] | None) -> WorkflowResult:
        options = self._options
        functions = options.get("functions", {})
        allowed = allowed_origins(options.get("allow_origins", ()))
        workflow = await asyncio.to_thread(opened, source, functions, options.get("read_file"))
        require_runs(workflow)
        if options.get("checkpoint") is None:
            run = workflow.start(dict(state or {}))
        else:
            run = workflow.resume(options["checkpoint"], dict(options.get("changes", {})))
        host = _Host(options, allowed, self._tell)
        keep = functools.partial(_called, options["on_checkpoint"]) if "on_checkpoint" in options else None
        self._driver = Driver(run, host.carry_out, self._tell, keep)
        if self._is_aborted:
            self._driver.cancel()
        last = await self._driver.drive()
        if last["event"] == "error":
            raise error_of(last["error"]["code"], last["error"]["message"], {"usage": last["usage"]})
        usage = WorkflowUsage(
            last["usage"]["calls"], last["usage"]["promptTokens"], last["usage"]["completionTokens"]
        )
        if last["event"] == "done":
            return WorkflowResult("done", last["output"], last["state"], usage)
        return WorkflowResult("interrupted", None, last["state"], usage, run.checkpoint)

    async def _tell(self, event: Event) -> None:
        on_event = self._options.get("on_event")
        if on_event is not None:
            await _called(on_event, event)
        if self._events is not None and not self._is_aborted:
            await self._events.put(event)


class _Host:
    """Carries out what a run asks for, as its options allow."""

    def __init__(
        self, options: WorkflowOptions, allowed: frozenset[str], tell: Callable[[Event], Awaitable[None]]
    ):
        self._options = options
        self._allowed = allowed
        self._tell = tell
        self._store: WorkflowStore = options.get("store") or MemoryStore()

    async def carry_out(self, call: Event) -> Any:
        kind, request = call["kind"], call["request"]
        if kind in KINDS:
            return await answer_model(self._options.get("model"), call, self._tell)
        if kind == "store":
            return await asyncio.to_thread(answer_store, self._store, request)
        if kind == "http":
            return await asyncio.to_thread(answer_http, request, self._allowed)
        if kind == "function":
            function = self._options.get("functions", {})[request["name"]]
            if inspect.iscoroutinefunction(function):
                return await function(**request["parameters"])
            return await asyncio.to_thread(function, **request["parameters"])
        raise error_of("UNSUPPORTED", f"there is nothing here for calls of the kind '{kind}'")


async def _called(function: Callable[[Any], Any], value: Any) -> None:
    result = function(value)
    if inspect.isawaitable(result):
        await result


def stream_yaml_async(
    source: Source, state: Mapping[str, Any] | None = None, **options: Unpack[WorkflowOptions]
) -> AsyncWorkflowRun:
    """`stream_yaml`, on a running loop."""
    return AsyncWorkflowRun(source, state, options)


async def execute_yaml_async(
    source: Source, state: Mapping[str, Any] | None = None, **options: Unpack[WorkflowOptions]
) -> WorkflowResult:
    """`execute_yaml`, on a running loop."""
    run = AsyncWorkflowRun(source, state, options, keeps_events=False)
    try:
        return await run.result
    finally:
        run.abort()


def validate_yaml(
    source: Source, functions: Iterable[str] = (), *, read_file: ReadFile | None = None
) -> list[dict[str, Any]]:
    """All that is wrong with a workflow: {"severity": "error", "unsupported" or "warning", "rule", "line", "column",
    "message", "file"}."""
    return opened(source, functions, read_file).faults


def draw_yaml(
    source: Source,
    format: str = "mermaid",
    functions: Iterable[str] = (),
    *,
    read_file: ReadFile | None = None,
) -> str:
    """A picture of a workflow, as "mermaid" or "svg"."""
    workflow = opened(source, functions, read_file)
    require_runs(workflow)
    return workflow.graph(format)
