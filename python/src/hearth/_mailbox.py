"""What one thread has for another, one after the other."""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import Future
from typing import Generic, TypeVar

_T = TypeVar("_T")


class Mailbox(Generic[_T]):
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._letters: deque[_T] = deque()
        self._waiting: Future[_T] | None = None

    def deliver(self, letter: _T) -> None:
        with self._lock:
            waiting, self._waiting = self._waiting, None
            if waiting is None or not waiting.set_running_or_notify_cancel():
                waiting = None
                self._letters.append(letter)
        if waiting is not None:
            waiting.set_result(letter)

    def next(self) -> Future[_T]:
        """One at a time may be asked for."""
        future: Future[_T] = Future()
        with self._lock:
            if self._letters:
                future.set_result(self._letters.popleft())
            else:
                self._waiting = future
        return future
