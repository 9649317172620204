"""An answer while it is written: from the engine's events to pieces, from calls of tools to the next answer."""

from __future__ import annotations

import time
from array import array
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from ._engine import Engine, EngineResult, Generation, chat_json
from ._json import json_text, parsed
from ._tools import AnswerReader, Tool, described, messages_of, run_call, step_of
from ._types import (
    AnswerPart,
    FinishPart,
    GenerateResult,
    StreamPart,
    TextPart,
    Timings,
    ToolResult,
    Usage,
    WarningPart,
)
from ._waiting import Waiting
from .errors import HearthError, error_of


@dataclass(frozen=True)
class Request:
    """What is asked, checked."""

    options: Mapping[str, Any]
    """The engine's, under its names."""
    raw: str | None = None
    """A text to go on from, instead of the messages."""
    messages: Sequence[Mapping[str, Any]] = ()
    tools: Sequence[Tool] | None = None
    tool_choice: str | None = None
    keep_reasoning: bool | None = None
    template_variables: Mapping[str, Any] | None = None
    when_full: str | None = None
    max_steps: int = 1
    timeout: float | None = None
    whole: bool = False
    """Nobody reads before the end."""
    schema: Any = None

    @property
    def chat(self) -> str | None:
        if self.raw is not None:
            return None
        return chat_json(
            messages=list(self.messages),
            tools=described(self.tools),
            toolChoice=self.tool_choice,
            keepReasoning=self.keep_reasoning,
            variables=self.template_variables,
        )


class AsyncStreamedText:
    """An answer while it is written. It may be read in several ways, and each sees it from the beginning:
    `async for text in stream`, `text_stream`, `full_stream`, `await stream.response`. Whoever stops reading early, ends
    it; whoever reads slowly, is waited for.
    """

    def __init__(self, waiting: Waiting, engine: Engine, request: Request) -> None:
        self._waiting = waiting
        self._engine = engine
        self._request = request
        self._deadline = None if request.timeout is None else time.monotonic() + request.timeout
        self._pieces: list[AnswerPart] = []
        self._step_begins = [0]
        self._generation: Generation | None = None
        self._aborted = False
        self._failure: HearthError | None = None
        self._result: GenerateResult | None = None
        self._outcome = GenerateResult(finish_reason="cancelled")
        self._turns_left_out = 0
        self.on_result: Callable[[GenerateResult], None] = lambda result: None
        """Told of a result, before whoever waits for it."""
        self.on_end: Callable[[], None] = lambda: None
        """Told of the end, whichever it is."""
        self._reading = waiting.lock()
        self._begun = waiting.begin(self._begin(request))
        self._source = self._parts()

    async def __aenter__(self) -> AsyncStreamedText:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.abort()

    def __aiter__(self) -> AsyncIterator[str]:
        return self._texts(ends=True)

    @property
    def text_stream(self) -> AsyncIterator[str]:
        return self._texts()

    @property
    def full_stream(self) -> AsyncIterator[StreamPart]:
        """The pieces of all kinds, and a FinishPart."""
        return self._all_parts()

    @property
    def response(self) -> Awaitable[str]:
        """The whole text; of an aborted answer what was given out."""
        return self._response()

    @property
    def result(self) -> Awaitable[GenerateResult]:
        """The text with its finish_reason, usage and timings."""
        return self._whole()

    def abort(self) -> None:
        """Ends the answer where it is: no reader gets another piece. From any thread."""
        if self._aborted or self._result is not None:
            return
        self._aborted = True
        if self._generation is not None:
            self._generation.cancel()

    def __del__(self) -> None:
        if hasattr(self, "_source"):
            self.abort()

    async def _response(self) -> str:
        return (await self._whole()).text

    async def _whole(self) -> GenerateResult:
        for index in count(len(self._pieces)):
            if await self._piece(index) is None and self._result is not None:
                return self._result
        raise AssertionError

    async def _texts(self, ends: bool = False) -> AsyncIterator[str]:
        try:
            async for part in self._read():
                if isinstance(part, TextPart) and part.text != "":
                    yield part.text
        finally:
            if ends:
                self.abort()

    async def _all_parts(self) -> AsyncIterator[StreamPart]:
        async for part in self._read():
            yield part
        yield FinishPart(await self._whole())

    async def _read(self) -> AsyncIterator[AnswerPart]:
        for index in count():
            part = await self._given(index)
            if part is None:
                return
            yield part

    async def _given(self, index: int) -> AnswerPart | None:
        """The piece of that number for a reader, or None behind the last."""
        return None if self._aborted else await self._piece(index)

    async def _piece(self, index: int) -> AnswerPart | None:
        """The piece of that number, or None behind the last."""
        async with self._reading:
            if index < len(self._pieces):
                return self._pieces[index]
            if self._failure is not None:
                raise self._failure
            if self._result is not None:
                return None
            try:
                part = await anext(self._source, None)
            except HearthError as error:
                self._failure = error
                raise
            except BaseException:  # KeyboardInterrupt, or a task that is cancelled
                self.abort()
                self._settle()
                raise
            if part is None:
                self._settle()
            else:
                self._pieces.append(part)
            return part

    async def _parts(self) -> AsyncIterator[AnswerPart]:
        """From the engine: answers, with what tools say to the calls in each but the last."""
        try:
            await self._begun
            request = self._request
            for steps in count(1):
                async for part in self._answer():
                    yield part
                results = await self._run_calls()
                for result in results or []:
                    if result is not None:
                        yield result
                if results is None or None in results or steps == request.max_steps:
                    return
                step = step_of(self._pieces[self._step_begins[-1] :])
                # What had to be called has been.
                messages = [*request.messages, *messages_of(step)]
                request = replace(request, messages=messages, tool_choice="auto")
                self._step_begins.append(len(self._pieces))
                await self._begin(request)
        finally:
            if self._generation is not None:
                self._generation.cancel()
            self.on_end()

    async def _begin(self, request: Request) -> None:
        """Has the engine answer."""
        chat = request.chat
        tokens, self._turns_left_out = await self._prompt_tokens(request, chat)
        if self._aborted:
            return
        asked = request.options if chat is None else {**request.options, "chat": chat}
        self._generation = self._engine.generate(tokens, json_text(asked), request.whole)
        if self._aborted:  # by another thread, meanwhile
            self._generation.cancel()

    async def _prompt_tokens(self, request: Request, chat: str | None) -> tuple[array[int], int]:
        if chat is None:
            return await self._call("tokenize", [request.raw, True, False]), 0
        if request.when_full == "drop":
            fitting = await self._call("chatTokensThatFit", [chat])
            return array("i", fitting["tokens"]), fitting["turnsLeftOut"]
        return await self._call("chatTokens", [chat]), 0

    async def _call(self, name: str, arguments: Sequence[Any]) -> Any:
        return await self._waiting.result(self._engine.call(name, arguments), self._deadline)

    async def _answer(self) -> AsyncIterator[AnswerPart]:
        reader = AnswerReader()
        while self._generation is not None:
            event = await self._waiting.result(self._generation.next(), self._deadline)
            if "computedBy" in event.extras:
                self._engine.info.update(event.extras["computedBy"])
            for part in reader.parts(event.text, event.extras):
                if not self._aborted:
                    yield part
            if event.result is not None:
                self._generation = None
                self._add(event.result, event.extras.get("speculation", {}))

    def _add(self, result: EngineResult, speculation: Mapping[str, int]) -> None:
        if result.finish_reason == "error":
            raise result.error or HearthError("INTERNAL", "the answer failed without an error")
        usage, timings = self._outcome.usage, self._outcome.timings
        self._outcome = replace(
            self._outcome,
            finish_reason=result.finish_reason,
            usage=Usage(
                usage.prompt_tokens + result.prompt_tokens,
                usage.cached_tokens + result.cached_tokens,
                usage.completion_tokens + result.completion_tokens,
                usage.drafted_tokens + speculation.get("draftedTokens", 0),
                usage.accepted_tokens + speculation.get("acceptedTokens", 0),
            ),
            timings=Timings(
                timings.queued_ms + result.queued_ms,
                timings.prefill_ms + result.prefill_ms,
                timings.decode_ms + result.decode_ms,
            ),
            seed=result.seed,
            turns_left_out=self._turns_left_out,
        )

    async def _run_calls(self) -> list[ToolResult | None] | None:
        """None where nothing was called."""
        calls = step_of(self._pieces[self._step_begins[-1] :]).tool_calls
        if self._aborted or not calls:
            return None
        tools = self._request.tools or []
        results = await self._waiting.all([run_call(self._waiting, tools, call) for call in calls])
        return None if self._aborted else results

    def _settle(self) -> None:
        """The steps are what they are now."""
        ends = [*self._step_begins[1:], len(self._pieces)]
        steps = [step_of(self._pieces[begin:end]) for begin, end in zip(self._step_begins, ends)]
        logprobs = [told for part in self._pieces if isinstance(part, TextPart) for told in part.logprobs]
        # Each step is told the same.
        warnings = {part.message: None for part in self._pieces if isinstance(part, WarningPart)}
        result = replace(
            self._outcome,
            **vars(steps[-1]),
            steps=steps,
            messages=[message for step in steps for message in messages_of(step)],
            logprobs=logprobs or None,
            warnings=list(warnings),
        )
        if self._aborted:
            result = replace(result, finish_reason="cancelled")
        elif self._request.schema is not None and result.finish_reason == "stop":
            try:
                result = replace(result, value=parsed(result.text, self._request.schema))
            except ValueError as error:
                name = getattr(self._request.schema, "__name__", "json_schema")
                self._failure = error_of("INVALID_ARGUMENT", f"what the model wrote is no {name}: {error}")
                raise self._failure from error
        self._result = result
        self.on_result(result)
