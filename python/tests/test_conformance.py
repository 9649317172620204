"""The cases that every face of Hearth passes: on this one's three, which share one implementation."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from data_cases import CASES, MODEL, Run

from hearth import AsyncHearth, Hearth


@pytest.fixture(scope="session")
def sources(thinking: Path) -> dict[str, Any]:
    return {"model": str(MODEL), "thinking": str(thinking)}


def name_of(case: dict[str, Any]) -> str:
    return str(case["name"])


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_in_this_process(case: dict[str, Any], sources: dict[str, Any]) -> None:
    with Hearth() as hearth:
        asyncio.run(Run(hearth, sources, case).run())


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_on_an_event_loop(case: dict[str, Any], sources: dict[str, Any]) -> None:
    async def run() -> None:
        async with AsyncHearth() as hearth:
            await Run(hearth, sources, case).run()

    asyncio.run(run())


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_behind_a_server(case: dict[str, Any], hearth_serve: str) -> None:
    with Hearth(mode="server", endpoint=hearth_serve) as hearth:
        names = {"model": "hearth-spark", "thinking": "thinking"}
        asyncio.run(Run(hearth, names, case).run())
