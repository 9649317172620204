"""An answer whose GPU is lost: the engine says what computes from then on."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

from hearth._engine import EngineResult, Event, Generation
from hearth._stream import AsyncStreamedText, Request
from hearth._waiting import Blocking, run


class LosingEngine:
    memory = 0

    def __init__(self) -> None:
        self.info: dict[str, Any] = {"device": "gpu (Quick)", "deviceReason": "", "layerCount": 2}

    def call(self, name: str, arguments: Sequence[Any], data: bytes = b"") -> Future[Any]:
        tokens: Future[Any] = Future()
        tokens.set_result(array("i", [1]))
        return tokens

    def generate(self, tokens: array[int], options: str, whole: bool) -> Generation:
        generation = Generation(whole)
        lost = {
            "warnings": ["the GPU went away"],
            "computedBy": {"device": "cpu (slow)", "deviceReason": "it went"},
        }
        generation.deliver(Event("Well", lost))
        generation.deliver(Event("", {}, EngineResult("stop")))
        return generation

    def dispose(self) -> Future[None]:
        raise AssertionError


def test_the_model_is_told_of_as_it_computes_now() -> None:
    engine = LosingEngine()
    result = run(AsyncStreamedText(Blocking(), engine, Request({})).result)
    assert result.warnings == ["the GPU went away"]
    assert engine.info == {"device": "cpu (slow)", "deviceReason": "it went", "layerCount": 2}
