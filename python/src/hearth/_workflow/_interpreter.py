"""The interpreter of workflows, by ctypes: engine/hearth_workflow.h by the same names. It reads no file, asks no model
and has no clock."""

from __future__ import annotations

import functools
import json
import weakref
from ctypes import POINTER, byref, c_char_p, c_double, c_int, c_size_t, c_void_p
from typing import Any

from .._json import json_text
from .._library import Bytes, library, require, taken
from ..errors import HearthError

_FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "hearth_workflow_create": (c_int, [c_char_p, c_char_p, POINTER(c_void_p)]),
    "hearth_workflow_wanted": (c_int, [c_void_p, POINTER(Bytes)]),
    "hearth_workflow_add": (c_int, [c_void_p, c_char_p, c_size_t]),
    "hearth_workflow_refuse": (c_int, [c_void_p, c_char_p]),
    "hearth_workflow_faults": (c_int, [c_void_p, POINTER(Bytes)]),
    "hearth_workflow_info": (c_int, [c_void_p, POINTER(Bytes)]),
    "hearth_workflow_graph": (c_int, [c_void_p, c_char_p, POINTER(Bytes)]),
    "hearth_workflow_free": (None, [c_void_p]),
    "hearth_workflow_start": (c_int, [c_void_p, c_char_p, c_size_t, POINTER(c_void_p)]),
    "hearth_workflow_resume": (c_int, [c_void_p, c_char_p, c_size_t, POINTER(c_void_p)]),
    "hearth_workflow_run_advance": (c_int, [c_void_p, c_double, POINTER(Bytes)]),
    "hearth_workflow_run_answer": (c_int, [c_void_p, c_char_p, c_size_t]),
    "hearth_workflow_run_cancel": (None, [c_void_p]),
    "hearth_workflow_run_checkpoint": (c_int, [c_void_p, POINTER(Bytes)]),
    "hearth_workflow_run_free": (None, [c_void_p]),
}


@functools.cache
def _library() -> Any:
    loaded = library()
    for name, (result, arguments) in _FUNCTIONS.items():
        function = getattr(loaded, name)
        function.restype = result
        function.argtypes = arguments
    return loaded


class InterpretedWorkflow:
    """A workflow with those that it calls, which is read file by file."""

    def __init__(self, path: str, functions: list[str]) -> None:
        handle = c_void_p()
        require(_library().hearth_workflow_create(_utf8(path), json_text(functions).encode(), byref(handle)))
        self._handle = handle
        weakref.finalize(self, _library().hearth_workflow_free, handle)

    @property
    def wanted(self) -> str:
        """The path of the file that is to be given next; "" when all are there."""
        return _text(_library().hearth_workflow_wanted, self._handle)

    def add(self, events: list[Any]) -> None:
        text = json_text(events).encode()
        require(_library().hearth_workflow_add(self._handle, text, len(text)))

    def refuse(self, reason: str) -> None:
        require(_library().hearth_workflow_refuse(self._handle, _utf8(reason)))

    @property
    def faults(self) -> list[dict[str, Any]]:
        faults: list[dict[str, Any]] = json.loads(_text(_library().hearth_workflow_faults, self._handle))
        return faults

    @property
    def info(self) -> dict[str, Any]:
        info: dict[str, Any] = json.loads(_text(_library().hearth_workflow_info, self._handle))
        return info

    def graph(self, format: str) -> str:
        return _text(_library().hearth_workflow_graph, self._handle, _utf8(format))

    def start(self, state: Any) -> InterpretedRun:
        return InterpretedRun(self, _library().hearth_workflow_start, state)

    def resume(self, checkpoint: Any, changes: Any) -> InterpretedRun:
        given = {"checkpoint": checkpoint, "changes": changes}
        return InterpretedRun(self, _library().hearth_workflow_resume, given)


class InterpretedRun:
    def __init__(self, workflow: InterpretedWorkflow, begin: Any, given: Any) -> None:
        self._workflow = workflow  # stays until the run is gone
        handle = c_void_p()
        text = json_text(given).encode()
        require(begin(workflow._handle, text, len(text), byref(handle)))
        self._handle = handle
        weakref.finalize(self, _library().hearth_workflow_run_free, handle)

    def advance(self, now: float) -> dict[str, Any]:
        """{"events", "wakeAt", "ended"}; times are milliseconds of one clock."""
        advanced: dict[str, Any] = json.loads(
            _text(_library().hearth_workflow_run_advance, self._handle, float(now))
        )
        return advanced

    def answer(self, call: int, value: Any) -> None:
        self._answer({"id": call, "value": value})

    def fail(self, call: int, error: HearthError) -> None:
        self._answer({"id": call, "error": {"code": error.code, "message": error.message}})

    def _answer(self, answer: dict[str, Any]) -> None:
        text = json_text(answer).encode()
        require(_library().hearth_workflow_run_answer(self._handle, text, len(text)))

    def cancel(self) -> None:
        _library().hearth_workflow_run_cancel(self._handle)

    @property
    def checkpoint(self) -> Any:
        return json.loads(_text(_library().hearth_workflow_run_checkpoint, self._handle))


def _text(function: Any, *arguments: Any) -> str:
    """What a function hands out."""
    text = Bytes()
    require(function(*arguments, byref(text)))
    return taken(text).decode()


def _utf8(text: str) -> bytes:
    return text.encode(errors="replace").replace(b"\0", b"")
