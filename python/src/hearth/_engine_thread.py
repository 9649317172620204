"""The thread of a model in this process: it loads the model and steps, and hands on what comes of that."""

from __future__ import annotations

import ctypes
import json
import os
import threading
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from ctypes import byref, c_int, c_void_p, sizeof
from typing import Any, Union

from . import _library
from ._engine import EngineResult, Event, Generation, SameProcess
from ._json import json_text
from ._library import failure_of, library, require
from ._replies import reply_value
from ._types import LoadProgress, OnProgress
from .errors import HearthError, error_of

Source = Union[str, "os.PathLike[str]", bytes]
"""A GGUF file: its path, or its bytes."""

_Task = Callable[[], None]


def settle(future: Future[Any], work: Callable[[], Any]) -> None:
    """Gives it what `work` gives, or raises."""
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = work()
    except BaseException as error:
        future.set_exception(error)
    else:
        future.set_result(result)


class LocalAnswer:
    """A generation of the C interface. Its handle may be cancelled from any thread while it is there."""

    def __init__(self, generation: Generation) -> None:
        self.generation = generation
        self.held = False
        self._lock = threading.Lock()
        self._handle: c_void_p | None = None
        self._cancelled = False

    def begin(self, handle: c_void_p) -> None:
        with self._lock:
            self._handle = handle
            if self._cancelled:
                library().hearth_generation_cancel(handle)

    def cancel(self) -> None:
        with self._lock:
            self._cancelled = True
            library().hearth_generation_cancel(self._handle)

    def hold(self, held: bool) -> None:
        self.held = held and not self._cancelled
        library().hearth_generation_hold(self._handle, int(self.held))

    def fail(self, error: HearthError) -> None:
        self.generation.deliver(Event("", result=EngineResult("error", error)))

    def deliver(self) -> bool:
        """Hands on what there is. Whether that was the end."""
        event = _library.Event()
        while True:
            event.struct_size = sizeof(event)
            status = library().hearth_generation_next(self._handle, byref(event))
            if status != 0:
                self.fail(failure_of(status))
                break
            if event.present:
                self.generation.deliver(_event_of(event))
            if not event.present or event.finish != 0:
                break
        if status == 0 and event.finish == 0:
            return False
        with self._lock:
            library().hearth_generation_free(self._handle)
            self._handle = None
        return True


def _event_of(event: _library.Event) -> Event:
    text = ctypes.string_at(event.text, event.text_size).decode() if event.text_size else ""
    extras = json.loads(event.json) if event.json else {}
    if event.finish == 0:
        return Event(text, extras)
    error = None
    if event.error != 0:
        error = error_of(_library.status_name(event.error), event.error_message.decode())
    result = EngineResult(
        finish_reason=library().hearth_finish_reason_name(event.finish).decode(),
        error=error,
        prompt_tokens=event.prompt_tokens,
        cached_tokens=event.cached_tokens,
        completion_tokens=event.completion_tokens,
        queued_ms=event.queued_ms,
        prefill_ms=event.prefill_ms,
        decode_ms=event.decode_ms,
        seed=event.seed,
    )
    return Event(text, extras, result)


class EngineThread:
    """The thread and what belongs to it. It does not know its LocalEngine, which so can be collected."""

    def __init__(self, source: Source, options: Mapping[str, Any], on_progress: OnProgress | None) -> None:
        self.loaded: Future[None] = Future()
        self.ended: Future[None] = Future()
        self.process = SameProcess("the model was loaded")
        self.readers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="hearth-read")
        self.model = c_void_p()
        self._source = source
        self._options = options
        self._on_progress = on_progress
        self._wake = threading.Condition()
        self._tasks: deque[_Task] = deque()
        self._stopping = False
        self._answers: list[LocalAnswer] = []
        self.thread = threading.Thread(target=self._main, name="hearth", daemon=True)
        self.thread.start()

    def post(self, task: _Task) -> bool:
        """For the thread to do. False where it has been stopped."""
        with self._wake:
            if self._stopping:
                return False
            self._tasks.append(task)
            self._wake.notify()
            return True

    def stop(self) -> None:
        with self._wake:
            self._stopping = True
            self._wake.notify()

    def close(self) -> None:
        """When nobody has the model any more, or the interpreter ends."""
        if not self.process.holds:
            return
        self.stop()
        # Any thread may collect what nobody has, such as one that this one waits for; the interpreter ends on the main one.
        if threading.current_thread() is threading.main_thread():
            self.thread.join()

    def _main(self) -> None:
        settle(self.loaded, self._load)
        while self._wait_for_work():
            self._run_tasks()
            self._step()
        self._finish()
        self.ended.set_result(None)

    def _load(self) -> None:
        options = _library.ModelOptions()
        library().hearth_model_options_init(byref(options), sizeof(options))
        options.json = json_text(self._options).encode()
        failures: list[BaseException] = []

        def progress(_user: object, stage: int, done: int, total: int) -> int:
            if self._on_progress is not None:
                try:
                    self._on_progress(LoadProgress(_library.STAGES[stage], done, total))
                except BaseException as error:  # it must not go through C
                    failures.append(error)
            return int(self._stopping or bool(failures))

        options.progress = _library.PROGRESS(progress)
        if isinstance(self._source, bytes):
            memory = _library.Memory(self._source, len(self._source))
            status = library().hearth_model_load_memory(byref(memory), 1, byref(options), byref(self.model))
        else:
            path = os.fsencode(self._source)
            status = library().hearth_model_load_path(path, byref(options), byref(self.model))
        if failures:
            raise failures[0]
        require(status)

    def _wait_for_work(self) -> bool:
        with self._wake:
            going = any(not answer.held for answer in self._answers)
            while not (self._stopping or not self.model or self._tasks or going):
                self._wake.wait()
            return not self._stopping and bool(self.model)

    def _run_tasks(self) -> None:
        while self._tasks:
            self._tasks.popleft()()

    def _step(self) -> None:
        if not self._answers:
            return
        busy = c_int()
        # Should it fail, every generation gets a last event that says why.
        library().hearth_model_step(self.model, byref(busy))
        self._deliver()

    def _deliver(self) -> None:
        self._answers = [answer for answer in self._answers if not answer.deliver()]

    def generate(self, answer: LocalAnswer, tokens: bytes, options: bytes) -> None:
        chosen = _library.GenerationOptions()
        library().hearth_generation_options_init(self.model, byref(chosen), sizeof(chosen))
        chosen.json = options
        handle = c_void_p()
        count = len(tokens) // 4
        status = library().hearth_generation_create(self.model, tokens, count, byref(chosen), byref(handle))
        if status != 0:
            return answer.fail(failure_of(status))
        answer.begin(handle)
        self._answers.append(answer)

    def call(self, name: str, arguments: bytes, data: bytes) -> Any:
        reply = _library.Reply()
        require(library().hearth_call(self.model, name.encode(), arguments, data, len(data), byref(reply)))
        return reply_value(reply.type, _library.taken(reply.data))

    def _finish(self) -> None:
        with self._wake:
            self._stopping = True
        self.readers.shutdown(wait=True)
        library().hearth_model_free(self.model)
        self.model = c_void_p()
        self._deliver()  # DISPOSED, to those that were going
        self._run_tasks()
