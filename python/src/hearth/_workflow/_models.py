"""What workflows ask of models."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Union

from .._hearth import AsyncHearth
from .._json import snake
from .._model import AsyncModel
from .._option import check_options
from .._option_table import GENERATION_OPTIONS
from .._sync import Hearth, Model
from .._types import GenerateResult
from .._waiting import Asyncio
from ..errors import error_of, invalid

Models = Union[Model, AsyncModel, Hearth, AsyncHearth, Mapping[str, Union[Model, AsyncModel]]]
"""Who answers: a model, whatever names the file has; a Hearth, or a dict, whose models go by the file's names."""

Tell = Callable[[dict[str, Any]], Awaitable[None]]

KINDS = ("generate", "embed", "rerank", "tokenize")


async def answer_model(models: Models | None, call: dict[str, Any], tell: Tell) -> Any:
    """What a call of one of these kinds is answered with."""
    kind, request = call["kind"], call["request"]
    model, end = _chosen(models, request["model"])
    try:
        if kind == "generate":
            return await _generate(model, call, tell)
        if kind == "embed":
            return await _embed(model, request["texts"])
        if kind == "rerank":
            return await _rerank(model, request["query"], request["documents"])
        return {"tokens": await model.tokenize(request["text"], add_special=True)}
    finally:
        end()


def _chosen(models: Models | None, name: str) -> tuple[AsyncModel, Callable[[], None]]:
    """The model that a file calls `name`, and what is to be called when it has answered."""
    if models is None:
        raise invalid("the workflow asks a model, and none was given: give model=")
    if isinstance(models, Hearth):
        models = models._hearth
    if isinstance(models, AsyncHearth):
        model, end = models._begin(name or None)
        return _on_this_loop(model), end
    if isinstance(models, (Model, AsyncModel)):
        return _on_this_loop(models), _nothing
    found = models.get(name) if name else next(iter(models.values()), None)
    if found is None:
        known = ", ".join(f"'{each}'" for each in models)
        raise error_of("NOT_FOUND", f"there is no model '{name}'; there are {known}")
    return _on_this_loop(found), _nothing


def _nothing() -> None:
    pass


def _on_this_loop(model: Model | AsyncModel) -> AsyncModel:
    """The same model, with coroutines that wait on the loop of the run, wherever else it is used."""
    inner = model._model if isinstance(model, Model) else model
    inner._require_open()
    return AsyncModel(inner._engine, inner.id, Asyncio())


async def _generate(model: AsyncModel, call: dict[str, Any], tell: Tell) -> dict[str, Any]:
    request = call["request"]
    options = {snake(name): value for name, value in request["options"].items()}
    check_options(options, GENERATION_OPTIONS)  # files have the engine's options alone, on every host
    choice = request.get("toolChoice")
    if isinstance(choice, Mapping):
        choice = choice.get("function", {}).get("name")
    asked: dict[str, Any] = {
        "messages": request["messages"],
        "tools": request.get("tools"),
        "tool_choice": choice,
    }
    async with model.stream_text(None, **options, **asked) as stream:
        async for text in stream.text_stream:
            await tell({"event": "token", "node": call["node"], "task": call["task"], "text": text})
        result: GenerateResult = await stream.result
    calls = [{"id": each.id, "name": each.name, "arguments": each.arguments} for each in result.tool_calls]
    return {
        "text": result.text,
        "reasoning": result.reasoning,
        "toolCalls": calls,
        "finishReason": result.finish_reason,
        "model": model.info.name,
        "usage": {
            "promptTokens": result.usage.prompt_tokens,
            "cachedTokens": result.usage.cached_tokens,
            "completionTokens": result.usage.completion_tokens,
        },
    }


async def _embed(model: AsyncModel, texts: list[str]) -> dict[str, Any]:
    """The texts' tokens are what is embedded, so that they are counted."""
    tokens = [await model.tokenize(text, add_special=True) for text in texts]
    return {
        "embeddings": await model.embed(tokens),
        "model": model.info.name,
        "usage": {"promptTokens": sum(map(len, tokens)), "completionTokens": 0},
    }


async def _rerank(model: AsyncModel, query: str, documents: list[str]) -> dict[str, Any]:
    """The scores in the order of the documents."""
    scores = {ranked.index: ranked.score for ranked in await model.rerank(query, documents)}
    return {"scores": [scores[index] for index in range(len(documents))], "model": model.info.name}
