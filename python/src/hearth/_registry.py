"""Which of several models stay within one budget of memory: the engine's own registry, in names and numbers."""

from __future__ import annotations

import ctypes
import json
import threading
import weakref
from ctypes import byref, c_void_p
from typing import Any

from . import _library
from ._library import library, require

NO_LIMIT = 0


class Registry:
    def __init__(self, memory_budget: int = NO_LIMIT, default_model: str | None = None) -> None:
        self._handle = c_void_p()
        self._lock = threading.Lock()
        name = None if default_model is None else default_model.encode()
        require(library().hearth_registry_create(memory_budget, name, byref(self._handle)))
        weakref.finalize(self, library().hearth_registry_free, self._handle)

    def add(self, name: str, memory: int) -> list[str]:
        """Takes in a model. The models that have to be unloaded for it; OUT_OF_MEMORY where that would not do."""
        unloaded: list[str] = []
        told = _library.UNLOAD(lambda _user, other: unloaded.append(other.decode()))
        with self._lock:
            require(library().hearth_registry_add(self._handle, name.encode(), memory, told, None))
        return unloaded

    def remove(self, name: str) -> None:
        with self._lock:
            require(library().hearth_registry_remove(self._handle, name.encode()))

    def use(self, name: str) -> None:
        """From now on it answers where a request names no model."""
        with self._lock:
            require(library().hearth_registry_use(self._handle, name.encode()))

    def begin(self, name: str | None) -> tuple[int, str]:
        """A request begins: its number, and the model that it goes to, which stays until `end`."""
        request = _library.Request()
        encoded = None if name is None else name.encode()
        with self._lock:
            require(library().hearth_registry_begin(self._handle, encoded, byref(request)))
            return request.id, request.model.decode()

    def end(self, request: int) -> None:
        with self._lock:
            library().hearth_registry_end(self._handle, request)

    def state(self) -> dict[str, Any]:
        """{"current": a name or None, "models": [{"id", "memory", "active"}]}"""
        text = _library.Bytes()
        with self._lock:
            require(library().hearth_registry_json(self._handle, byref(text)))
        try:
            state: dict[str, Any] = json.loads(ctypes.string_at(text.data, text.size))
        finally:
            library().hearth_text_free(byref(text))
        return state
