"""Checks what keeps the project easy to find one's way in; says what is wrong, and fails if anything is.

- The engine's rooms (the folders of engine/) use only what stands on lower floors, and no folders that lie side by
  side use each other in a circle. Nor do modules of TypeScript and JavaScript, or files of the bindings.
- The server knows of the engine no more than its C interface, and the few rooms that any face may use.
- No source file is longer than 450 lines, but the tables listed here.
- What docs/architecture.md names exists, and its recipes touch no more files than they say.

./test lint runs it; it reads the files that git knows or would add.
"""

import posixpath
import re
import subprocess
import sys
from collections import defaultdict
from fnmatch import fnmatch
from pathlib import Path

# From the ground up; a room may use rooms of its own floor, though not in a circle. What lies in engine/ itself, the
# C interface, is the roof.
FLOORS = [
    ["base"],
    ["format"],
    ["compute", "options", "text", "grammar", "sampling"],
    ["model"],
    ["runtime"],
    ["workflow"],
]

# What the server may use of the engine: it computes by the C interface alone. Of workflows, which have no such
# interface and compute nothing themselves: the machine that it drives, and pictures of them.
FOR_FACES = (
    "engine/hearth.h",
    "engine/base/",
    "engine/options/",
    "engine/text/json_text.h",
    "engine/text/unicode.h",
    "engine/workflow/run/run.h",
    "engine/workflow/graph/graph.h",
)

MOST_LINES = 450

# Longer files, each with the reason.
TABLES = {
    "engine/text/unicode_tables.cpp": "the properties of Unicode's characters, made by tools/unicode",
}

ARCHITECTURE = "docs/architecture.md"
SOURCES = (".c", ".cpp", ".h", ".ts", ".js", ".mjs", ".py", ".sh")
MODULES = (".ts", ".js", ".mjs")

INCLUDE = re.compile(r'^#include "([^"]+)"', re.MULTILINE)
IMPORT = re.compile(r"""(?:\bfrom|\bimport)\s*\(?\s*["'](\.{1,2}/[^"']*)["']""")
PLACEHOLDER = re.compile(r"<[a-z_ ]+>")


def our_files() -> list[str]:
    """The project's files, whether committed yet or not."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, capture_output=True, check=True, text=True).stdout.splitlines()
    return sorted(name for name in names if Path(name).is_file())


def text_of(name: str) -> str:
    return Path(name).read_text(encoding="utf-8")


def is_test(name: str) -> bool:
    """Tests may use whatever they need to make what they test."""
    return re.search(r"_(test|fuzz|benchmark|testing|fuzzing)\.[a-z]+$", name) is not None


def includes(files: list[str]) -> dict[str, list[str]]:
    """What each file of C and C++ includes of the project."""
    known = set(files)
    sources = [name for name in files if name.endswith((".c", ".cpp", ".h"))]
    return {name: [used for used in INCLUDE.findall(text_of(name)) if used in known] for name in sources}


def imports(files: list[str]) -> dict[str, list[str]]:
    """What each module imports by a relative path."""
    known = set(files)
    found = {}
    for name in files:
        if not name.endswith(MODULES):
            continue
        found[name] = []
        for path in IMPORT.findall(text_of(name)):
            target = posixpath.normpath(posixpath.join(posixpath.dirname(name), path))
            stem = re.sub(r"\.js$", "", target)
            found[name] += [used for used in (target, f"{stem}.ts", f"{stem}.d.ts") if used in known][:1]
    return found


def circle_in(graph: dict[str, set[str]]) -> list[str]:
    """One circle of the graph, its first node again at the end; empty where there is none."""
    finished: set[str] = set()

    def follow(node: str, path: list[str]) -> list[str]:
        if node in path:
            return path[path.index(node) :] + [node]
        if node in finished:
            return []
        for following in sorted(graph.get(node, ())):
            if circle := follow(following, path + [node]):
                return circle
        finished.add(node)
        return []

    for start in sorted(graph):
        if circle := follow(start, []):
            return circle
    return []


def circles_of_folders(uses: dict[str, list[str]]) -> list[str]:
    """Of folders that lie within the same folder, whatever lies deeper counting as theirs."""
    graphs: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for name, used_names in uses.items():
        for used in used_names:
            here, there = name.split("/")[:-1], used.split("/")[:-1]
            shared = len(posixpath.commonprefix([here, there]))
            if shared < min(len(here), len(there)):
                graphs["/".join(here[:shared])][here[shared]].add(there[shared])
    faults = []
    for folder, graph in sorted(graphs.items()):
        if circle := circle_in(graph):
            faults.append(f"folders of {folder}/ include each other in a circle: {' -> '.join(circle)}")
    return faults


def looks_upward(uses: dict[str, list[str]]) -> list[str]:
    """Includes of the engine that lead to a higher floor."""
    floor_of = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}

    def floor(name: str) -> int:
        parts = name.split("/")
        if parts[0] != "engine":
            return len(FLOORS) + 1
        return floor_of[parts[1]] if len(parts) > 2 else len(FLOORS)

    rooms = {name.split("/")[1] for name in uses if name.startswith("engine/") and name.count("/") > 1}
    if unknown := sorted(rooms - set(floor_of)):
        return [f"engine/{room} stands on no floor: give it one in {sys.argv[0]}" for room in unknown]
    return [
        f"{name} includes {used}, which stands above it"
        for name, used_names in uses.items()
        for used in used_names
        if name.startswith("engine/") and floor(used) > floor(name)
    ]


def looks_behind_the_interface(uses: dict[str, list[str]]) -> list[str]:
    return [
        f"{name} includes {used}: the server reaches the engine by engine/hearth.h"
        for name, used_names in uses.items()
        for used in used_names
        if name.startswith("apps/serve/") and used.startswith("engine/") and not used.startswith(FOR_FACES)
    ]


def long_files(files: list[str]) -> list[str]:
    lines = {name: len(text_of(name).splitlines()) for name in files if name.endswith(SOURCES)}
    faults = [
        f"{name} has {count} lines, more than {MOST_LINES}: split it by what it is about"
        for name, count in lines.items()
        if count > MOST_LINES and name not in TABLES
    ]
    return faults + [
        f"{name} is listed as a long table, but is none"
        for name in TABLES
        if lines.get(name, 0) <= MOST_LINES
    ]


def exists(path: str, files: list[str]) -> bool:
    """Whether a file or folder is there that the path names, in which <name> stands for any."""
    pattern = PLACEHOLDER.sub("*", path.rstrip("/"))
    depth = pattern.count("/")
    return any(fnmatch("/".join(name.split("/")[: depth + 1]), pattern) for name in files)


def recipes_of(chapter: str) -> dict[str, list[str]]:
    """The items under each heading."""
    sections = [section.partition("\n") for section in chapter.split("\n### ")[1:]]
    return {title: re.findall(r"^- .*", text, re.MULTILINE) for title, _, text in sections}


def faults_of_recipe(title: str, items: list[str], files: list[str]) -> list[str]:
    faults = [] if items else [f"the recipe '{title}' lists no files"]
    for item in items:
        path = re.match(r"- `([^`]+)`", item)
        if path is None:
            faults.append(f"the recipe '{title}' has an item that does not begin with a path: {item[:60]}")
        elif not exists(path[1], files):
            faults.append(f"the recipe '{title}' names {path[1]}, which is not there")
    stated = re.search(r"\((\d+) files?\)$", title)
    if stated and len(items) > int(stated[1]):
        faults.append(f"the recipe '{title}' lists {len(items)} files")
    return faults


def faults_of_architecture(files: list[str]) -> list[str]:
    page = text_of(ARCHITECTURE)
    chapter = page.partition("\n## Recipes\n")[2].split("\n## ")[0]
    recipes = recipes_of(chapter)
    page = page.replace(chapter, "")
    faults = [] if recipes else ["there are no recipes (## Recipes, then ### and a list for each)"]
    for title, items in recipes.items():
        faults += faults_of_recipe(title, items, files)
    folders = {name.split("/")[0] for name in files if "/" in name}
    drawn = re.findall(r"^    (\S+)  ", page, re.MULTILINE)
    quoted = [
        path for path in re.findall(r"`([^`\s]+)`", page) if "/" in path and path.split("/")[0] in folders
    ]
    faults += [
        f"{path} is not there"
        for path in sorted({*drawn, *quoted})
        if not exists(path, files) and not exists(f"{path}.*", files)  # a header and its source by their stem
    ]
    return [f"{ARCHITECTURE}: {fault}" for fault in faults]


def main() -> int:
    files = our_files()
    uses = {name: used for name, used in includes(files).items() if not is_test(name)}
    faults = looks_upward(uses) + looks_behind_the_interface(uses)
    faults += circles_of_folders({n: u for n, u in uses.items() if n.startswith(("engine/", "apps/"))})
    bindings = {name: set(used) for name, used in uses.items() if name.startswith("bindings/")}
    modules = {name: set(used) for name, used in imports(files).items()}
    for graph in (bindings, modules):
        if circle := circle_in(graph):
            faults.append(f"these import each other in a circle: {' -> '.join(circle)}")
    faults += long_files(files) + faults_of_architecture(files)
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
