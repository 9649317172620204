"""The wheel, as users get it: installed without a network by each Python that this machine has."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from data_cases import MODEL, ROOT

RELEASES = ("3.10", "3.11", "3.12", "3.13")
# Neither this package's sources nor the library that the other tests run on.
ENVIRONMENT = {
    name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "HEARTH_LIBRARY")
}

ASK = """
import sys, hearth
with hearth.Hearth() as models:
    model = models.load_model(sys.argv[1], threads=1)
    print(model.generate_text("What is 37 + 48?", temperature=0).text)
    try:
        hearth.Hearth(mode="server", endpoint="http://127.0.0.1")
    except hearth.HearthError as error:
        print(error)
"""


def run(*command: str | Path, **environment: str) -> str:
    ended = subprocess.run(
        command,
        env={**ENVIRONMENT, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd="/",
        timeout=120,
    )
    assert ended.returncode == 0, f"{command} ended with {ended.returncode}:\n{ended.stdout}"
    return ended.stdout


def pythons() -> dict[str, str]:
    """Those of this machine, by release."""
    found = {f"{sys.version_info.major}.{sys.version_info.minor}": sys.executable}
    for release in RELEASES:
        installed = sorted(Path.home().glob(f".pyenv/versions/{release}.*/bin/python3"))
        path = shutil.which(f"python{release}") if not installed else str(installed[-1])
        if path is not None:
            found.setdefault(release, path)
    return found


def fresh_environment(python: str, folder: Path) -> list[str | Path]:
    """The pip that installs into it: the Python's own where there is one, since another would take seconds to set up."""
    own = subprocess.run([python, "-m", "pip", "--version"], capture_output=True).returncode == 0
    run(python, "-m", "venv", *(["--without-pip"] if own else []), folder)
    return [python, "-m", "pip", "--python", folder / "bin/python"] if own else [folder / "bin/pip"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    script = ROOT / "python/build_wheel.py"
    return Path(run(sys.executable, script, folder, HEARTH_LIBRARY=os.environ["HEARTH_LIBRARY"]).strip())


def test_says_which_systems_it_is_for(wheel: Path) -> None:
    tagged = re.fullmatch(r"hearth-[\d.]+-py3-none-(manylinux_2_(\d+)_\w+)\.whl", wheel.name)
    assert tagged is not None
    with zipfile.ZipFile(wheel) as archive:
        (library,) = [name for name in archive.namelist() if "libhearth.so." in name]
        (about,) = [name for name in archive.namelist() if name.endswith("/WHEEL")]
        assert f"Tag: py3-none-{tagged[1]}" in archive.read(about).decode()
        archive.extract(library, wheel.parent)
    needed = re.findall(r"\bGLIBC_2\.(\d+)", run("readelf", "--version-info", wheel.parent / library))
    assert int(tagged[2]) >= max(int(minor) for minor in needed)


@pytest.mark.parametrize("release", sorted(pythons()))
def test_answers_where_it_is_installed(release: str, wheel: Path, tmp_path: Path) -> None:
    pip = fresh_environment(pythons()[release], tmp_path)
    run(*pip, "install", "--no-index", wheel)
    said = run(tmp_path / "bin/python", "-c", ASK, MODEL)
    assert said.startswith("37 + 48 = 85.\n")
    assert 'pip install "hearth[server]"' in said
    if pythons()[release] == sys.executable:
        # Made by pip, it is the same.
        made = [*pip, "wheel", "--no-index", "--no-deps", "--wheel-dir", tmp_path, ROOT / "python"]
        run(*made, HEARTH_LIBRARY=os.environ["HEARTH_LIBRARY"])
        assert (tmp_path / wheel.name).read_bytes() == wheel.read_bytes()
