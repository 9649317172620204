"""Runs the cases of packages/core/conformance/cases.json, which say what every face of Hearth does."""

from __future__ import annotations

import dataclasses
import inspect
import json
import math
import re
from pathlib import Path
from typing import Any

import pytest

from hearth import AsyncHearth, Hearth, HearthError
from hearth._json import camel, snake

ROOT = Path(__file__).resolve().parents[2]
MODEL = ROOT / "models/hearth-spark.gguf"
LIST = json.loads((ROOT / "packages/core/conformance/cases.json").read_text(encoding="utf-8"))
CASES: list[dict[str, Any]] = LIST["cases"]


def thinking_model() -> bytes:
    """The bundled model with the chat template that cases.json describes."""
    find, replace = LIST["thinking"]["find"].encode(), LIST["thinking"]["replace"].encode()
    whole = MODEL.read_bytes()
    assert find in whole and len(find) == len(replace)
    return whole.replace(find, replace, 1)


def plain(value: Any) -> Any:
    """What a call gave, as TypeScript has it in JSON."""
    if dataclasses.is_dataclass(value):
        names = [field.name for field in dataclasses.fields(value) if field.name != "type"]
        return {camel(name): plain(getattr(value, name)) for name in names}
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    return value


def part_of(value: Any, path: str) -> Any:
    for name in re.split(r"(?<!\\)\.", path) if path else []:
        key = name.replace("\\.", ".")
        if isinstance(value, dict):
            value = value[key]
        else:
            value = len(value) if key == "length" else value[int(key)]
    return value


class Run:
    """Of one case: its model, its chat and what it has saved."""

    def __init__(self, hearth: Hearth | AsyncHearth, sources: dict[str, Any], case: dict[str, Any]) -> None:
        self.hearth = hearth
        self.source = sources[case.get("model", "model")]
        self.case = case
        self.model: Any = None
        self.chat: Any = None
        self.loaded = 0
        self.saved: dict[str, Any] = {}

    async def run(self) -> None:
        self.model = await self.load(self.case.get("load", {}))
        for number, step in enumerate(self.case["steps"]):
            try:
                await self.step(step)
            except Exception as error:
                raise AssertionError(f"step {number}, {step['call']}: {error!r}") from error
        await done(self.model.dispose())

    async def load(self, options: dict[str, Any]) -> Any:
        self.loaded += 1
        chosen = {"threads": 1, **options}
        return await done(
            self.hearth.load_model(self.source, f"model-{self.loaded}", **python_options(chosen))
        )

    async def step(self, step: dict[str, Any]) -> None:
        if "error" not in step:
            value = await self.call(step)
            if "save" in step:
                self.saved[step["save"]] = value
            self.hold(value, step)
            return
        with pytest.raises(HearthError) as raised:
            await self.call(step)
        assert raised.value.code == step["error"], raised.value
        for said in step.get("says", []):
            assert said in raised.value.message or snake(said) in raised.value.message

    async def call(self, step: dict[str, Any]) -> Any:
        name = step["call"]
        arguments = [self.known(each) for each in step.get("arguments", [])]
        options = python_options({key: self.known(each) for key, each in step.get("options", {}).items()})
        if name == "loadModel":
            previous, self.model = self.model, await self.load(step["options"])
            await done(previous.dispose())
            return None
        if name == "createChat":
            self.chat = self.model.create_chat(**options)
            return None
        if name in ("info", "messages"):
            return plain(self.model.info if name == "info" else self.chat.messages)
        if name == "streamText":
            return plain(await whole(self.model.stream_text(**options)))
        called = self.chat if name == "send" else self.model
        return plain(await done(getattr(called, snake(name))(*arguments, **options)))

    def known(self, value: Any) -> Any:
        """With what was saved in the place of its names."""
        if isinstance(value, str) and re.match(r"\$\w+(\.|$)", value):
            name, _, path = value[1:].partition(".")
            return part_of(self.saved[name], path)
        if isinstance(value, dict):
            return {key: self.known(each) for key, each in value.items()}
        return [self.known(each) for each in value] if isinstance(value, list) else value

    def hold(self, value: Any, step: dict[str, Any]) -> None:
        if "is" in step:
            assert value == self.known(step["is"])
        for matcher, holds in MATCHERS.items():
            for path, wanted in step.get(matcher, {}).items():
                found, expected = part_of(value, path), self.known(wanted)
                assert holds(found, expected), f"{path or 'it'} is {found!r}, held to {matcher} {expected!r}"


MATCHERS = {
    "has": lambda found, wanted: found == wanted,
    "differs": lambda found, wanted: found != wanted,
    "matches": lambda found, wanted: re.search(wanted, found) is not None,
    "contains": lambda found, wanted: wanted in found,
    "lacks": lambda found, wanted: wanted not in found,
    "above": lambda found, wanted: found > wanted,
    "atMost": lambda found, wanted: found <= wanted,
    "count": lambda found, wanted: len(found) == wanted,
    "norm": lambda found, wanted: abs(math.hypot(*found) - wanted) < 1e-4,
}


def python_options(options: dict[str, Any]) -> dict[str, Any]:
    return {snake(name): value for name, value in options.items()}


async def done(value: Any) -> Any:
    return await value if inspect.isawaitable(value) else value


async def whole(stream: Any) -> Any:
    """The result, which must be what the pieces are together."""
    if hasattr(stream, "__aiter__"):
        text = "".join([piece async for piece in stream])
    else:
        text = "".join(stream)
    result = await done(stream.result)
    assert result.text == text
    return result
