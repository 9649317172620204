"""The examples of the documentation: every block of code, what language it has, and what runs it.

A block is fenced, and begins with its language. Behind it may stand: `not run: REASON`, which is shown in the report; the
name of a file, under which it lies in the folder that the page's other examples are run in; `[LABEL]`, a tab of the site.
"""

import json
import pathlib
import re
from dataclasses import asdict, dataclass

ROOT = pathlib.Path(__file__).resolve().parents[2]

FENCE = re.compile(r"^```(?P<info>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"(?:\A|\n\n)    \S")
IN_BROWSERS = re.compile(
    r"^import .* from \"(@hearth/(web(/tea)?|prompt-api|react|svelte|vue)|\./hearth/.*)\"", re.MULTILINE
)

SCRIPTS = ("js", "jsx", "ts", "mjs")
# What runs the others; texts are only shown.
FACES = {
    "sh": "program",
    "yaml": "program",
    "gbnf": "program",
    "json": "program",
    "c": "program",
    "cpp": "program",
}
FACES |= {
    "python": "python",
    "text": "text",
    "html": "text",
    "cmake": "text",
    "vue": "text",
    "svelte": "text",
}


@dataclass(frozen=True)
class Block:
    page: str
    line: int  # of its first line of code
    language: str
    info: str
    text: str
    face: str  # what runs it: program, python, node, browser; or text

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def why_not(self) -> str | None:
        """Why it is not run."""
        found = re.match(r"not run: (.+)", self.info)
        return found[1] if found else None

    @property
    def file(self) -> str | None:
        return self.info if re.fullmatch(r"[\w./-]+\.\w+", self.info) else None


def pages() -> list[str]:
    found = [*ROOT.glob("docs/*.md"), *ROOT.glob("site/*.md")]
    # Its blocks are the help of the commands, which tools/write_cli_reference.py writes.
    names = sorted(str(path.relative_to(ROOT)) for path in found if path.name != "cli.md")
    return ["README.md", *names]


def blocks_of(page: str) -> list[Block]:
    text = (ROOT / page).read_text(encoding="utf-8")
    indented = INDENTED.search(FENCE.sub("", text))
    if indented:
        raise SystemExit(f"{page}: please fence this block, with its language: {text_at(text, indented)!r}")
    found = []
    scripts_in = "node"  # fragments go on where the page's scripts before them run
    for match in FENCE.finditer(text):
        language, _, info = (match["info"] or "").partition(" ")
        line = text.count("\n", 0, match.start("text")) + 1
        if language in SCRIPTS:
            if "import " in match["text"] or not found:
                scripts_in = "browser" if IN_BROWSERS.search(match["text"]) else "node"
            face = scripts_in
        elif language == "sh" and re.search(r"^(\$ )?(npx|node) ", match["text"], re.MULTILINE):
            face = "node"
        elif language == "sh" and "hearth bundle" in match["text"]:
            face = "browser"
        elif language in FACES:
            face = FACES[language]
        else:
            raise SystemExit(f"{page}:{line}: unknown language '{language}' of a block")
        found.append(Block(page, line, language, info, match["text"], face))
    return found


def text_at(text: str, found: re.Match[str]) -> str:
    return found[0].strip("\n") + text[found.end() :].split("\n", 1)[0]


if __name__ == "__main__":
    # Those that pages are made of, for tests/browser/documentation.test.ts.
    chosen = [block for page in pages() for block in blocks_of(page) if block.language in SCRIPTS]
    print(json.dumps([asdict(block) for block in chosen if block.face == "browser"]))
