#!/usr/bin/env python3
"""Checks that each C++ source includes what it uses, which builds that compile a folder's sources together hide: each
is parsed by itself, as are headers that have no source of their name, but those that are parts of others (-inl.h).

Usage: tools/check_includes.py BUILD_FOLDER

BUILD_FOLDER is configured, with HEARTH_UNITY off; nothing in it needs to be built. Most of a source's time goes into
what it shares with others, so that is parsed once, as a precompiled header, for all that include it anyway.
"""

import functools
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMPILER = "clang++-14"

# The headers that many include and that take long, those that include others of them first.
SHARED = [
    "apps/serve/service.h",
    "apps/cli/model_options.h",
    "engine/runtime/generation.h",
    "engine/model/families/family.h",
    "engine/model/spec.h",
    "engine/compute/backend.h",
    "nlohmann/json.hpp",
    "engine/base/result.h",
]
# Fewer do not make up for it.
FEWEST = 4


@functools.cache
def includes(name):
    """What a file of ours includes, directly or not; of a file of others only itself."""
    path = ROOT / name
    if not path.is_file():
        return frozenset()
    named = re.findall(r'^ *# *include ["<]([^">]+)[">]', path.read_text(), re.MULTILINE)
    return frozenset(named).union(*(includes(each) for each in named if each != name))


def shared_header(source):
    """What may be parsed before the source: what its own header includes, so that this is still whole by itself."""
    own = Path(source).with_suffix(".h").as_posix()
    seen = includes(own if own in includes(source) else source)
    return next((header for header in SHARED if header in seen), None)


def language_flags(command):
    """A compiler's arguments without files, optimisation and addresses, which don't change what is understood."""
    words = shlex.split(command)[1:]
    flags = []
    for previous, word in zip([""] + words, words):
        is_path = previous in ("-isystem", "-include")
        if is_path or (word.startswith(("-D", "-I", "-W", "-m", "-std", "-isystem", "-include"))):
            flags.append(word)
    return tuple(flags)


def commands_of(build):
    """Pairs of a source of ours, or a header without a source, and the flags that it is compiled with."""
    pairs = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        source = os.path.relpath(entry["file"], ROOT)
        if source.endswith(".cpp") and not (ROOT / source).is_relative_to(build):
            pairs.setdefault(source, language_flags(entry["command"]))
    for source, flags in list(pairs.items()):
        for header in includes(source):
            is_ours = (ROOT / header).is_file()
            is_part = header.endswith("-inl.h") or (ROOT / header).with_suffix(".cpp").is_file()
            if is_ours and header.endswith(".h") and not is_part:
                pairs.setdefault(header, flags)
    return sorted(pairs.items())


def run(arguments):
    done = subprocess.run([COMPILER, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


def main():
    build = Path(sys.argv[1]).resolve()
    users = {}
    for source, flags in commands_of(build):
        users.setdefault((shared_header(source), flags), []).append(source)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:

        def precompile(number, key):
            header, flags = key
            written = f"{folder}/{number}.pch"
            beginning = Path(folder, f"{number}.h")
            beginning.write_text(f"#include <{header}>\n")
            output = ["-fpch-instantiate-templates", "-x", "c++-header", beginning, "-o", written]
            return (f"all that include {header}", *run([*flags, *output])), written

        def parse(source, flags, precompiled):
            before = ["-include-pch", precompiled] if precompiled else []
            # What a header has for others to use is no fault.
            kind = ["-w", "-x", "c++"] if source.endswith(".h") else []
            return (source, *run([*flags, *before, "-fsyntax-only", *kind, source]))

        worth = [key for key, sources in users.items() if key[0] and len(sources) >= FEWEST]
        made = list(pool.map(precompile, range(len(worth)), worth))
        headers = dict(zip(worth, (written for _, written in made)))
        jobs = [(source, key[1], headers.get(key)) for key, sources in users.items() for source in sources]
        results = [result for result, _ in made] + list(pool.map(lambda job: parse(*job), jobs))
    failed = [(source, told) for source, status, told in results if status != 0 or told]
    for source, told in failed:
        print(f"{source}, by itself:\n{told}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
