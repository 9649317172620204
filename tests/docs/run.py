"""Runs the examples of the documentation, page by page, and tells how many there are of each kind.

Usage: run.py build/hearth FACE..., each of: program (commands, files, C), python, node,
browser (commands that need what pages are built of; their scripts are run by tests/browser/documentation.test.ts). Of one page alone: --page docs/node.md
"""

import asyncio
import collections
import contextlib
import io
import os
import pathlib
import re
import subprocess
import sys
import textwrap
import time
import traceback

from blocks import ROOT, SCRIPTS, Block, blocks_of, pages
from scene import HEARTH, SPARK, scene
from shell import Shell

NODE = os.environ.get("NODE", "node")


class Page:
    """What an example leaves behind for those after it."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.shell = Shell(folder)
        self.names: dict[str, object] = {}  # of Python


def run_file(block: Block, folder: pathlib.Path) -> None:
    """A file that later examples use is checked by its program."""
    path = folder / (block.file or f"line-{block.line}.{block.language}")
    path.write_text(block.text)
    if block.language == "yaml" and re.search(r"^(nodes|steps):", block.text, re.MULTILINE):
        check([HEARTH, "workflow", "validate", path], folder)
    elif block.language == "yaml":
        check([HEARTH, "serve", "--config", path, "--print-config"], folder)
    elif block.language == "gbnf":
        check([HEARTH, "grammar", path], folder)
    else:
        raise AssertionError(f"nothing runs blocks of {block.language}")


def run_c(block: Block, folder: pathlib.Path) -> None:
    source, program = folder / f"line-{block.line}.{block.language}", folder / f"line-{block.line}"
    source.write_text(block.text)
    compiler = ["cc", "-std=c11"] if block.language == "c" else ["c++", "-std=c++17"]
    check(
        [
            *compiler,
            "-Wall",
            "-Werror",
            "-I",
            ROOT / "engine",
            source,
            "-o",
            program,
            ROOT / "build/libhearth.so",
        ],
        folder,
    )
    check([program], folder)


def run_python(block: Block, folder: pathlib.Path, page: Page) -> None:
    os.environ.setdefault("HEARTH_LIBRARY", str(ROOT / "build/libhearth.so"))
    sys.path.insert(0, str(ROOT / "python/src"))
    from hearth import Hearth

    text = page.shell.addressed(block.text)
    names = page.names
    before = os.getcwd()
    os.chdir(folder)
    try:
        with Hearth() as hearth, contextlib.redirect_stdout(io.StringIO()):
            names["model"] = hearth.load_model(str(SPARK), threads=1)
            if re.search(r"^ *(async (with|for)|.*\bawait )", text, re.MULTILINE):
                exec("async def main():\n" + textwrap.indent(text, "    "), names)
                asyncio.run(names["main"]())  # type: ignore[operator]
            else:
                exec(compile(text, block.place, "exec"), names)
    finally:
        os.chdir(before)


def run_script(block: Block, folder: pathlib.Path, page: Page) -> None:
    path = folder / f"line-{block.line}.mjs"
    text = page.shell.addressed(block.text)
    if "import " not in text:
        text = f'import "{ROOT}/tests/docs/fragment.mjs";\n{text}\nprocess.exit();\n'
    path.write_text(text)
    check([NODE, path], folder)


def check(command: list[object], folder: pathlib.Path) -> None:
    done = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
    )
    if done.returncode != 0:
        # Node.js shows the line that failed, which of a built file is a long one.
        told = "\n".join(line[:300] for line in done.stdout.splitlines()[-40:])
        raise AssertionError(f"ended with {done.returncode}:\n{told}")


def parse(block: Block, folder: pathlib.Path) -> None:
    """What is not run can at least be read."""
    if block.language == "sh":
        text = re.sub(r"^\$ ", "", block.text, flags=re.MULTILINE)
        check(["bash", "-n", "-c", text], folder)
    elif block.language == "python":
        compile(block.text, block.place, "exec")
    elif block.language in ("js", "mjs"):
        path = folder / f"line-{block.line}.mjs"
        path.write_text(block.text)
        check([NODE, "--check", path], folder)


def run(block: Block, folder: pathlib.Path, page: Page) -> None:
    if block.why_not:
        parse(block, folder)
    elif block.language == "sh":
        page.shell.run(block.text)
    elif block.language in ("c", "cpp"):
        run_c(block, folder)
    elif block.face == "program":
        run_file(block, folder)
    elif block.face == "python":
        run_python(block, folder, page)
    else:
        run_script(block, folder, page)


def is_for_pages(block: Block) -> bool:
    return block.face == "browser" and block.language in SCRIPTS


def run_page(page: str, faces: set[str], told: "collections.Counter[str]") -> list[str]:
    blocks = blocks_of(page)
    wanted = [block for block in blocks if block.face in faces and not is_for_pages(block)]
    faults: list[str] = []
    if not wanted:
        return faults
    with scene(page, "\n".join(block.text for block in wanted)) as folder:
        left = Page(folder)
        try:
            for block in blocks:
                if block.file:
                    (folder / block.file).write_text(block.text)
            for block in wanted:
                try:
                    run(block, folder, left)
                    told[f"{block.language} {'read' if block.why_not else 'run'}"] += 1
                except Exception as error:
                    known = isinstance(error, (AssertionError, subprocess.SubprocessError))
                    faults.append(f"{block.place}: {error if known else traceback.format_exc()}")
        finally:
            left.shell.close()
    return faults


def main() -> None:
    words = sys.argv[2:]
    only = pages()
    if "--page" in words:
        at = words.index("--page")
        only = [words[at + 1]]
        del words[at : at + 2]
    faces = set(words)
    if not faces or faces - {"program", "python", "node", "browser"}:
        raise SystemExit(__doc__)
    began = time.monotonic()
    told: "collections.Counter[str]" = collections.Counter()
    faults = [fault for page in only for fault in run_page(page, faces, told)]
    for page in only:
        for block in blocks_of(page):
            if block.why_not and block.face in faces:
                print(f"{block.place} is not run: {block.why_not}")
    print("examples:", ", ".join(f"{count} {kind}" for kind, count in sorted(told.items())), end="")
    print(f"; {time.monotonic() - began:.0f} s")
    if faults:
        raise SystemExit("\n\n".join(["", *faults, f"{len(faults)} examples do not work"]))


main()
