"""Tests run on the package in src and the library of the Release build, unless HEARTH_LIBRARY names another."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "python/src"))
os.environ.setdefault("HEARTH_LIBRARY", str(ROOT / "build/libhearth.so"))

from hearth import Hearth, Model
from data_cases import thinking_model
from local_server import LocalServer

MODEL = str(ROOT / "models/hearth-spark.gguf")


def threads(name: str) -> int:
    """Of those whose names begin so."""
    return sum(thread.name.startswith(name) for thread in threading.enumerate())


def wait_for_threads(name: str, number: int) -> None:
    """Until there are no more."""
    deadline = time.monotonic() + 30
    while threads(name) > number and time.monotonic() < deadline:
        gc.collect()
        time.sleep(0.01)
    assert threads(name) == number


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


@pytest.fixture(scope="session")
def thinking(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a model that thinks."""
    file: Path = tmp_path_factory.mktemp("models") / "thinking.gguf"
    file.write_bytes(thinking_model())
    return file


@pytest.fixture(scope="session")
def hearth_serve(thinking: Path) -> Iterator[str]:
    """The address of `hearth serve` with the bundled model and the one that thinks."""
    command = [ROOT / "build/hearth", "serve", MODEL, thinking, "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
        server.terminate()
