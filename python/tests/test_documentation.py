"""docs/python.md: what it shows does what it says."""

from __future__ import annotations

import asyncio
import re
import textwrap

import pytest

from hearth import Model

from conftest import ROOT

EXAMPLES = re.findall(
    r"```python\n(.*?)```", (ROOT / "docs/python.md").read_text(encoding="utf-8"), flags=re.DOTALL
)


@pytest.mark.parametrize("example", [example for example in EXAMPLES if "127.0.0.1" not in example])
def test_examples_run(example: str, model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    if "pydantic" in example:
        pytest.importorskip("pydantic")
    monkeypatch.chdir(ROOT)
    names = {"model": model}
    if "async with" in example:
        exec("async def main():\n" + textwrap.indent(example, "    "), names)
        asyncio.run(names["main"]())  # type: ignore[operator]
    else:
        exec(example, names)
