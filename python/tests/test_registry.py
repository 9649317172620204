"""Several models under their names, within one budget of memory."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from hearth import AsyncHearth, Hearth, HearthError

from conftest import MODEL

GREEDY: Any = {"temperature": 0, "max_tokens": 10}
ENDLESS: Any = {"max_tokens": -1, "ignore_end": True, "keep_tokens": 8}


def ids(hearth: Hearth) -> list[str]:
    return [entry.id for entry in hearth.get_models()]


def test_models_are_loaded_once_chosen_and_unloaded(hearth: Hearth) -> None:
    with pytest.raises(HearthError, match="no model is loaded: call"):
        hearth.generate("Hello")
    with ThreadPoolExecutor() as pool:
        one, two = pool.map(lambda _: hearth.load_model(MODEL, "a", threads=1), range(2))
    assert one == two
    hearth.load_model(MODEL, "b", threads=1)
    assert ids(hearth) == ["a", "b"]
    assert hearth.get_current_model() == one
    hearth.use_model("b")
    assert hearth.generate("What is 3 plus 4?", **GREEDY, model="a").text == "3 + 4 = 7."
    assert hearth.stream("What is 3 plus 4?", **GREEDY).response == "3 + 4 = 7."
    hearth.unload_model("b")
    assert not hearth.is_model_loaded("b") and hearth.is_model_loaded("a")
    assert hearth.get_current_model() == one
    for work in (lambda: hearth.use_model("b"), lambda: hearth.generate("Hello", model="b")):
        with pytest.raises(LookupError, match="no model named 'b' is loaded; there is 'a'"):
            work()


def test_the_least_recently_used_idle_model_makes_room(hearth: Hearth) -> None:
    hearth.load_model(MODEL, threads=1)
    memory = hearth.get_models()[0].memory
    with Hearth(memory_budget=int(2.5 * memory)) as small:
        small.load_model(MODEL, "a", threads=1)
        small.load_model(MODEL, "b", threads=1)
        small.generate("Hello", **GREEDY, model="a")
        small.load_model(MODEL, "c", threads=1)
        assert ids(small) == ["a", "c"]
        busy = [small.stream("Hello", model=name, **ENDLESS) for name in ("a", "c")]
        assert [entry.active for entry in small.get_models()] == [1, 1]
        with pytest.raises(MemoryError, match="above the budget"):
            small.load_model(MODEL, "d", threads=1)
        for stream in busy:
            stream.abort()
            assert stream.result.finish_reason == "cancelled"
        small.load_model(MODEL, "d", threads=1)
        assert ids(small) == ["c", "d"] or ids(small) == ["a", "d"]


def test_a_default_model_answers_once_it_is_there() -> None:
    with Hearth(default_model="b") as hearth:
        hearth.load_model(MODEL, "a", threads=1)
        assert hearth.get_current_model() is None
        b = hearth.load_model(MODEL, "b", threads=1)
        assert hearth.get_current_model() == b


def test_who_waits_for_a_model_that_cannot_be_loaded_is_told() -> None:
    async def run() -> None:
        async with AsyncHearth() as hearth:
            loading = [hearth.load_model("/missing.gguf") for _ in range(2)]
            ended = await asyncio.gather(*loading, return_exceptions=True)
            assert [getattr(error, "code", None) for error in ended] == ["NOT_FOUND"] * 2

    asyncio.run(run())


def test_who_waits_for_a_model_may_give_up_and_who_loads_it_too() -> None:
    async def run() -> None:
        async with AsyncHearth() as hearth:
            first = asyncio.create_task(hearth.load_model(MODEL, "a", threads=1))
            await asyncio.sleep(0)
            waiting = [hearth.load_model(MODEL, "a", timeout=0), hearth.load_model(MODEL, "a", threads=1)]
            late, model = await asyncio.gather(*waiting, return_exceptions=True)
            assert isinstance(late, TimeoutError) and model is await first

            first = asyncio.create_task(hearth.load_model(MODEL, "b", threads=1))
            await asyncio.sleep(0)
            waiter = asyncio.create_task(hearth.load_model(MODEL, "b", threads=1))
            await asyncio.sleep(0)
            first.cancel()
            (ended,) = await asyncio.gather(waiter, return_exceptions=True)
            assert isinstance(ended, HearthError) and ended.code == "ABORTED"
            assert (await hearth.load_model(MODEL, "b", threads=1)).id == "b"

    asyncio.run(run())


def test_options_of_a_hearth_that_make_no_sense() -> None:
    for options in (
        {"mode": "cloud"},
        {"mode": "server"},
        {"endpoint": "http://x"},
        {"mode": "server", "endpoint": "ftp://x"},
        {"memory_budget": -1},
    ):
        with pytest.raises(ValueError):
            Hearth(**options)  # type: ignore[arg-type]
