"""Makes the wheel of the Python package: libhearth as a Release build, and the sources. Needs no package of Python.

python3 python/build_wheel.py [FOLDER]    into python/dist where none is named; prints the wheel's path
pip wheel ./python                        the same, by PEP 517

HEARTH_LIBRARY names a libhearth.so that is there already, to be put in as it is.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent

SYSTEM_LIBRARIES = {"libc", "libm", "libstdc++", "libgcc_s", "ld-linux-x86-64", "ld-linux-aarch64"}
"""What every manylinux system has (PEP 600)."""

GLIBC_BESIDE = {29: 34, 30: 35, 31: 38, 32: 39}
"""GLIBCXX_3.4.x of libstdc++, and y in the first glibc 2.y beside which systems have it. Older ones are in all of 2.31."""

MACHINES = {"Advanced Micro Devices X86-64": "x86_64", "AArch64": "aarch64"}
"""As readelf calls them, and as Python does."""


def build_library() -> Path:
    build = ROOT / "build-wheel"
    options = ["-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", "-DHEARTH_TESTS=OFF"]
    for command in (
        ["cmake", "-S", ROOT, "-B", build, *options],
        ["cmake", "--build", build, "--target", "hearth_shared"],
    ):
        subprocess.run(command, check=True, stdout=sys.stderr)
    return build / "libhearth.so"


def read_elf(library: Path, what: str) -> str:
    told = subprocess.run(["readelf", what, library], check=True, capture_output=True, text=True)
    return told.stdout


def platform_tag(library: Path) -> str:
    """manylinux with the version of glibc that the library asks for (PEP 600), found in its table of symbol versions."""
    needed = set(re.findall(r"\(NEEDED\).*\[([^\]]*?)\.so", read_elf(library, "--dynamic")))
    if not needed <= SYSTEM_LIBRARIES:
        raise SystemExit(
            f"{library} needs {', '.join(needed - SYSTEM_LIBRARIES)}, which systems may not have"
        )
    versions = read_elf(library, "--version-info")
    glibc = max(int(minor) for minor in re.findall(r"\bGLIBC_2\.(\d+)", versions))
    cpp = max((int(minor) for minor in re.findall(r"\bGLIBCXX_3\.4\.(\d+)", versions)), default=0)
    if cpp > max(GLIBC_BESIDE):
        raise SystemExit(f"{library} needs GLIBCXX_3.4.{cpp}: put the glibc beside it into GLIBC_BESIDE")
    machine = re.search(r"Machine: *(.*)", read_elf(library, "--file-header"))
    assert machine is not None
    return f"manylinux_2_{max(glibc, GLIBC_BESIDE.get(cpp, 31 if cpp else 0))}_{MACHINES[machine[1]]}"


def project() -> dict[str, str]:
    """The name, the version and more of pyproject.toml; Python 3.10 has no reader of TOML."""
    text = (HERE / "pyproject.toml").read_text(encoding="utf-8")
    found = dict(re.findall(r'^([a-z-]+) = "(.*)"$', text, flags=re.MULTILINE))
    for kind in ("keywords", "classifiers"):
        listed = re.search(rf"^{kind} = \[(.*?)\]$", text, flags=re.MULTILINE | re.DOTALL)
        found[kind] = "\n".join(re.findall(r'"(.*?)"', listed[1])) if listed else ""
    found["extras"] = text[text.index("[project.optional-dependencies]\n") :].split("\n\n", 1)[0]
    return found


def metadata(about: dict[str, str]) -> str:
    lines = [
        "Metadata-Version: 2.1",
        f"Name: {about['name']}",
        f"Version: {about['version']}",
        f"Summary: {about['description']}",
        "License: MIT",
        f"Requires-Python: {about['requires-python']}",
        f"Keywords: {','.join(about['keywords'].splitlines())}",
        *(f"Classifier: {classifier}" for classifier in about["classifiers"].splitlines()),
    ]
    for extra, needs in re.findall(r"^(\w+) = \[(.*)\]$", about["extras"], flags=re.MULTILINE):
        lines.append(f"Provides-Extra: {extra}")
        lines += [f'Requires-Dist: {need}; extra == "{extra}"' for need in re.findall(r'"(.*?)"', needs)]
    readme = (HERE / "README.md").read_text(encoding="utf-8")
    return "\n".join([*lines, "Description-Content-Type: text/markdown", "", readme])


def record_line(name: str, content: bytes) -> tuple[str, str, int]:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=")
    return name, f"sha256={digest.decode()}", len(content)


def write_wheel(folder: Path, library: Path) -> Path:
    about = project()
    tag = f"py3-none-{platform_tag(library)}"
    stem = f"{about['name']}-{about['version']}"
    info = f"{stem}.dist-info"
    sources = HERE / "src"
    files = {
        path.relative_to(sources).as_posix(): path.read_bytes()
        for path in sorted(sources.rglob("*"))
        if path.suffix == ".py" or path.name == "py.typed"
    }
    abi = re.search(r"HEARTH_ABI_VERSION (\d+)", (ROOT / "engine/hearth.h").read_text(encoding="utf-8"))
    assert abi is not None
    files[f"hearth/libhearth.so.{abi[1]}"] = library.read_bytes()
    files[f"{info}/METADATA"] = metadata(about).encode()
    files[f"{info}/LICENSE"] = (ROOT / "LICENSE").read_bytes()
    wheel = ["Wheel-Version: 1.0", "Generator: hearth", "Root-Is-Purelib: false", f"Tag: {tag}", ""]
    files[f"{info}/WHEEL"] = "\n".join(wheel).encode()
    record = io.StringIO()
    lines = csv.writer(record, lineterminator="\n")
    lines.writerows(record_line(name, content) for name, content in files.items())
    lines.writerow((f"{info}/RECORD", "", ""))
    files[f"{info}/RECORD"] = record.getvalue().encode()

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stem}-{tag}.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            # One date for all, so that the same files make the same wheel.
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return path


def build_wheel(folder: str, settings: Any = None, metadata_folder: str | None = None) -> str:
    """Of PEP 517."""
    given = os.environ.get("HEARTH_LIBRARY")
    return write_wheel(Path(folder), Path(given) if given else build_library()).name


def build_sdist(folder: str, settings: Any = None) -> str:
    """Of PEP 517."""
    import build_sdist  # which builds on this module

    return build_sdist.write_sdist(Path(folder)).name


if __name__ == "__main__":
    into = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "dist"
    print(into / build_wheel(str(into)))
