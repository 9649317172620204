"""Drives a run of the interpreter: has it go on, carries out what it asks for, all at once, and brings the answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from ..errors import HearthError, error_of
from ._interpreter import InterpretedRun

Event = dict[str, Any]
CarryOut = Callable[[Event], Awaitable[Any]]
"""Answers a `call` event."""
Tell = Callable[[Event], Awaitable[None]]
Keep = Callable[[Any], Awaitable[None]]
"""Gets a checkpoint."""

LAST = ("done", "error", "interrupted")
WORTH_KEEPING = ("node_finished", "interrupt", "interrupted")

TURN = 0.008
"""Seconds after which others on the loop have their turn."""


class Driver:
    """Of one run, on one loop. `tell` gets every event but calls; what it, or `keep`, fails with ends the run."""

    def __init__(self, run: InterpretedRun, carry_out: CarryOut, tell: Tell, keep: Keep | None) -> None:
        self._run = run
        self._carry_out = carry_out
        self._tell = tell
        self._keep = keep
        self._calls: dict[int, asyncio.Task[None]] = {}
        self._news = asyncio.Event()
        self._is_cancelled = False

    def cancel(self) -> None:
        """Models learn of it at once, the run when it goes on."""
        self._is_cancelled = True
        for task in self._calls.values():
            task.cancel()
        self._news.set()

    async def drive(self) -> Event:
        """The last event, which is told, too."""
        try:
            turn_began = time.monotonic()
            while True:
                if self._is_cancelled:
                    self._run.cancel()
                self._news.clear()
                advanced = self._run.advance(_now())
                last = await self._take(advanced["events"])
                if last is not None:
                    return last
                waited = await self._pause(advanced["wakeAt"])
                if not waited and time.monotonic() - turn_began > TURN:
                    await asyncio.sleep(0)
                    turn_began = time.monotonic()
        finally:
            left = list(self._calls.values())
            self._calls.clear()
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    async def _take(self, events: list[Event]) -> Event | None:
        if self._keep is not None and any(event["event"] in WORTH_KEEPING for event in events):
            await self._keep(self._run.checkpoint)
        last = None
        for event in events:
            if event["event"] == "call":
                self._calls[event["id"]] = asyncio.ensure_future(self._answer(event))
            elif event["event"] == "cancel":
                unwanted = self._calls.pop(event["id"], None)
                if unwanted is not None:
                    unwanted.cancel()
            else:
                await self._tell(event)
                last = event if event["event"] in LAST else last
        return last

    async def _answer(self, call: Event) -> None:
        try:
            value = await self._carry_out(call)
            error = None
        except asyncio.CancelledError:
            return
        except HearthError as failure:
            error = failure
        except Exception as failure:
            # Of a function of the program's: its own words.
            error = error_of("INVALID_ARGUMENT", f"{type(failure).__name__}: {failure}")
        if self._calls.pop(call["id"], None) is None:
            return  # nobody waits for it any more
        try:
            self._run.fail(call["id"], error) if error is not None else self._run.answer(call["id"], value)
        except HearthError as failure:  # no JSON can hold the value
            self._run.fail(call["id"], failure)
        self._news.set()

    async def _pause(self, wake_at: int | None) -> bool:
        """Until there is news, or the run wants to go on. Whether it waited."""
        wait = None if wake_at is None else (wake_at - _now()) / 1000
        if self._news.is_set() or (wait is not None and wait <= 0):
            return False
        try:
            await asyncio.wait_for(self._news.wait(), wait)
        except asyncio.TimeoutError:
            pass
        return True


def _now() -> int:
    """Milliseconds of the run's clock."""
    return time.monotonic_ns() // 1_000_000
