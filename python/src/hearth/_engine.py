"""A loaded model, wherever it computes: in this process or behind a server. Everything users see is built on this."""

from __future__ import annotations

import os
from array import array
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Protocol

from ._json import json_text
from ._mailbox import Mailbox
from .errors import HearthError, error_of

MOST_AHEAD = 128
"""Pieces that an answer may be ahead of its reader: some seconds of reading, so that nobody ever waits for a piece."""


@dataclass(frozen=True)
class EngineResult:
    """Of the last event of an answer."""

    finish_reason: str
    error: HearthError | None = None
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    queued_ms: float = 0
    prefill_ms: float = 0
    decode_ms: float = 0
    seed: int = -1


@dataclass(frozen=True)
class Event:
    text: str
    extras: dict[str, Any] = field(default_factory=dict)
    """JSON, as engine/runtime/event_json.h has it."""
    result: EngineResult | None = None


class Generation(Mailbox[Event]):
    """Events of one answer on their way from the engine's thread to whoever reads them."""

    def __init__(self, whole: bool = False) -> None:
        super().__init__()
        self.cancel: Callable[[], object] = lambda: None
        """Ends the answer where it is; its last event says so. From any thread."""
        self.hold: Callable[[bool], object] = lambda held: None
        """While held, nothing is computed for the answer: its reader does not keep up."""
        self._whole = whole
        self._held = False

    def deliver(self, letter: Event) -> None:
        super().deliver(letter)
        self._pace()

    def next(self) -> Future[Event]:
        future = super().next()
        self._pace()
        return future

    def _pace(self) -> None:
        """Has the engine wait when it is far ahead, and go on when half of that is read."""
        if self._whole:
            return
        with self._lock:
            held = len(self._letters) > (MOST_AHEAD // 2 if self._held else MOST_AHEAD)
            changed = held != self._held
            self._held = held
        if changed:
            self.hold(held)


class Engine(Protocol):
    """The futures end with HearthErrors."""

    @property
    def info(self) -> dict[str, Any]:
        """JSON, as hearth_model_info_json has it. Who hears of another device keeps it up to date."""

    memory: int
    """Bytes of weights, keys and values."""

    def call(self, name: str, arguments: Sequence[Any], data: bytes = b"") -> Future[Any]:
        """The engine's calls by name: hearth_call (engine/hearth.h) describes them."""

    def generate(self, tokens: array[int], options: str, whole: bool) -> Generation:
        """`options` is JSON. `whole`: nobody reads before the end."""

    def dispose(self) -> Future[None]:
        ...


class SameProcess:
    """Threads do not come along when a process forks."""

    def __init__(self, what: str) -> None:
        self._process = os.getpid()
        self._what = what

    def require(self) -> None:
        if not self.holds:
            message = f"the process has forked since {self._what}, and threads do not come along: do so in the child"
            raise error_of("UNSUPPORTED", message)

    @property
    def holds(self) -> bool:
        return os.getpid() == self._process


def chat_json(**chat: Any) -> str:
    """A conversation as the engine takes it: under its names, without what is not said."""
    return json_text({name: value for name, value in chat.items() if value is not None})
