"""Several calls of one answer, which the bundled model does not make."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

from hearth._engine import EngineResult, Event, Generation
from hearth._stream import AsyncStreamedText, Request
from hearth._waiting import Asyncio, Blocking, Waiting, run


class CallingEngine:
    """Calls two tools, and has no more to say to their results."""

    memory = 0

    def __init__(self) -> None:
        self.answers = 0
        self.info: dict[str, Any] = {"device": "gpu (Quick)", "deviceReason": ""}

    def call(self, name: str, arguments: Sequence[Any], data: bytes = b"") -> Future[Any]:
        tokens: Future[Any] = Future()
        tokens.set_result(array("i", [1]))
        return tokens

    def generate(self, tokens: array[int], options: str, whole: bool) -> Generation:
        self.answers += 1
        generation = Generation(whole)
        calls = [
            {"index": index, "id": f"call{index}", "name": name, "arguments": "{}", "whole": True}
            for index, name in enumerate(("first", "second"))
        ]
        extras = {"toolCalls": calls} if self.answers == 1 else {}
        generation.deliver(
            Event("", extras, EngineResult("tool-calls" if extras else "stop", prompt_tokens=1))
        )
        return generation

    def dispose(self) -> Future[None]:
        raise AssertionError


def stream(waiting: Waiting, *functions: Any) -> AsyncStreamedText:
    tools = [
        {"type": "function", "function": {"name": name}, "execute": function}
        for name, function in zip(("first", "second"), functions)
    ]
    return AsyncStreamedText(waiting, CallingEngine(), Request({}, tools=tools, max_steps=2))


def test_on_an_event_loop_they_run_side_by_side() -> None:
    async def answer() -> None:
        met = asyncio.Event()

        async def waits() -> str:
            await met.wait()
            return "met"

        async def meets() -> str:
            met.set()
            return "there"

        result = await asyncio.wait_for(stream(Asyncio(), waits, meets).result, 30)
        assert [told.result for told in result.steps[0].tool_results] == ["met", "there"]
        assert result.finish_reason == "stop" and result.usage.prompt_tokens == 2

    asyncio.run(answer())


def test_on_a_thread_they_run_one_after_the_other() -> None:
    order: list[str] = []
    result = run(stream(Blocking(), lambda: order.append("first"), lambda: order.append("second"))._whole())
    assert order == ["first", "second"]
    assert [message["role"] for message in result.messages] == ["assistant", "tool", "tool", "assistant"]


def test_an_answer_that_is_aborted_by_a_tool_ends_there() -> None:
    answers: list[AsyncStreamedText] = []
    answers.append(stream(Blocking(), lambda: answers[0].abort(), lambda: None))
    result = run(answers[0]._whole())
    assert result.finish_reason == "cancelled" and len(result.steps) == 1
