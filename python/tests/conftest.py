"""Tests run on the package in src and the library of the Release build, unless HEARTH_LIBRARY names another."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "python/src"))
os.environ.setdefault("HEARTH_LIBRARY", str(ROOT / "build/libhearth.so"))

from hearth import Hearth, Model
from local_server import LocalServer

MODEL = str(ROOT / "models/hearth-spark.gguf")


@pytest.fixture
def hearth() -> Iterator[Hearth]:
    with Hearth() as hearth:
        yield hearth


@pytest.fixture
def model(hearth: Hearth) -> Model:
    return hearth.load_model(MODEL, threads=1)


@pytest.fixture
def server() -> Iterator[LocalServer]:
    server = LocalServer()
    yield server
    server.close()
