"""Tools that users pass in, the calls that models make of them, and what comes of those."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ._json import from_json, json_text, schema_of
from ._types import (
    AnswerPart,
    ChosenLogprob,
    ReasoningPart,
    Step,
    TextPart,
    TokenLogprob,
    ToolCall,
    ToolCallDelta,
    ToolResult,
    WarningPart,
)
from ._waiting import Waiting
from .errors import invalid

Tool = Mapping[str, Any]


def tool_list(tools: Sequence[Tool] | Mapping[str, Tool] | None) -> list[Tool] | None:
    """The tools as a list, whichever way they were given. INVALID_ARGUMENT for one that is none."""
    if tools is None:
        return None
    if not isinstance(tools, Mapping):
        return list(tools)
    return [_named_tool(name, tool) for name, tool in tools.items()]


def _named_tool(name: str, tool: Tool) -> Tool:
    if not isinstance(tool, Mapping):
        raise invalid(f"tools.{name} must be a dict")
    described = {key: value for key, value in tool.items() if key != "execute"}
    schema = schema_of(described.get("parameters"))
    if schema is not None:
        described["parameters"] = schema
    listed = {"type": "function", "function": {"name": name, **described}}
    return {**listed, "execute": tool["execute"]} if tool.get("execute") else listed


def described(tools: Sequence[Tool] | None) -> list[Any] | None:
    """As the engine takes them: without what runs them."""
    if tools is None:
        return None
    return [
        {key: value for key, value in tool.items() if key != "execute"} if isinstance(tool, Mapping) else tool
        for tool in tools
    ]


def _chosen(told: Mapping[str, Any]) -> ChosenLogprob:
    top = [from_json(TokenLogprob, each) for each in told["topLogprobs"]]
    return replace(from_json(ChosenLogprob, told), top_logprobs=top)


class AnswerReader:
    """Pieces of an answer, from what the engine says. Of one answer: it remembers the calls that have begun."""

    def __init__(self) -> None:
        self._calls: dict[int, dict[str, str]] = {}

    def parts(self, text: str, extras: Mapping[str, Any]) -> Iterable[AnswerPart]:
        for message in extras.get("warnings", []):
            yield WarningPart(message)
        if extras.get("reasoning"):
            yield ReasoningPart(extras["reasoning"])
        logprobs = [_chosen(told) for told in extras.get("logprobs", [])]
        if text != "" or logprobs:
            yield TextPart(text, logprobs)
        for delta in extras.get("toolCalls", []):
            yield from self._call_parts(from_json(ToolCallDelta, delta))

    def _call_parts(self, delta: ToolCallDelta) -> Iterable[AnswerPart]:
        call = self._calls.setdefault(delta.index, {"id": "", "name": "", "arguments": ""})
        call["id"] = call["id"] or delta.id or ""
        call["name"] = call["name"] or delta.name or ""
        call["arguments"] += delta.arguments
        yield delta
        if delta.whole:
            yield ToolCall(call["id"], call["name"], _value_of(call["arguments"]))


def step_of(parts: Iterable[AnswerPart]) -> Step:
    """What the pieces of one step say together."""
    told = list(parts)
    return Step(
        text="".join(part.text for part in told if isinstance(part, TextPart)),
        reasoning="".join(part.text for part in told if isinstance(part, ReasoningPart)),
        tool_calls=[part for part in told if isinstance(part, ToolCall)],
        tool_results=[part for part in told if isinstance(part, ToolResult)],
    )


def messages_of(step: Step) -> list[dict[str, Any]]:
    """What a step adds to the conversation."""
    answer: dict[str, Any] = {"role": "assistant", "content": step.text}
    if step.reasoning:
        answer["reasoning_content"] = step.reasoning
    if step.tool_calls:
        answer["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in step.tool_calls
        ]
    return [answer, *(_result_message(result) for result in step.tool_results)]


def _result_message(result: ToolResult) -> dict[str, Any]:
    content = _text_of(result.result) if result.error is None else f"Error: {result.error}"
    return {"role": "tool", "content": content, "tool_call_id": result.id, "name": result.name}


async def run_call(waiting: Waiting, tools: Sequence[Tool], call: ToolCall) -> ToolResult | None:
    """Runs the tool of a call; None where it has no "execute". What that raises becomes the result's error."""
    tool = next((tool for tool in tools if tool.get("function", {}).get("name") == call.name), None)
    if tool is None:
        return ToolResult(call.id, call.name, error=f'there is no tool "{call.name}"')
    if not tool.get("execute"):
        return None
    if not isinstance(call.arguments, dict):
        return ToolResult(call.id, call.name, error="the arguments are no JSON object")
    try:
        result = await waiting.execute(tool["execute"], call.arguments)
        _text_of(result)
    except Exception as error:
        return ToolResult(call.id, call.name, error=str(error) or type(error).__name__)
    return ToolResult(call.id, call.name, result)


def _value_of(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _text_of(result: Any) -> str:
    return result if isinstance(result, str) else json_text(result)
