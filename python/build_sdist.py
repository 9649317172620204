"""Makes the Python package's source distribution: of the repository what its build reads, with the project's description
at the top, as PEP 517 asks for.

python3 python/build_sdist.py [FOLDER]    into python/dist where none is named; prints the path
"""

from __future__ import annotations

import gzip
import io
import os
import re
import subprocess
import sys
import tarfile
from pathlib import Path

from build_wheel import HERE, ROOT, metadata, project

FOLDERS = ("CMakeLists.txt", "LICENSE", "apps", "bench", "bindings", "cmake", "engine", "python", "testing")
NOT_BUILT = re.compile(
    r"/corpus/|/tests/|_(test|fuzz|benchmark)\.(cpp|c|py)$|^bench/.*/|^bindings/(node|wasm)/"
)


def sources() -> dict[str, bytes]:
    listed = subprocess.run(
        ["git", "ls-files", "--", *FOLDERS], cwd=ROOT, check=True, capture_output=True, text=True
    )
    names = [name for name in listed.stdout.splitlines() if not NOT_BUILT.search(name)]
    return {name: (ROOT / name).read_bytes() for name in names}


def top_project() -> str:
    """pyproject.toml, for the folder above its own."""
    text = (HERE / "pyproject.toml").read_text(encoding="utf-8")
    return text.replace('backend-path = ["."]', 'backend-path = ["python"]').replace(
        '"README.md"', '"python/README.md"'
    )


def write_sdist(folder: Path) -> Path:
    about = project()
    stem = f"{about['name']}-{about['version']}"
    files = {**sources(), "pyproject.toml": top_project().encode(), "PKG-INFO": metadata(about).encode()}
    # One date for all, so that the same files make the same archive.
    date = int(os.environ.get("SOURCE_DATE_EPOCH", 0))
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in sorted(files.items()):
            entry = tarfile.TarInfo(f"{stem}/{name}")
            entry.size, entry.mtime, entry.mode = len(content), date, 0o644
            archive.addfile(entry, io.BytesIO(content))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stem}.tar.gz"
    path.write_bytes(gzip.compress(packed.getvalue(), mtime=date))
    return path


if __name__ == "__main__":
    print(write_sdist(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "dist"))
