"""Writes docs/cli.md from what the program says of itself: write_cli_reference.py PROGRAM > docs/cli.md

apps/cli/tests/usage_test.py checks that the page is what this makes.
"""

import subprocess
import sys

INTRODUCTION = """# The command line

Made from `hearth COMMAND --help` by `tools/write_cli_reference.py build/hearth > docs/cli.md`.
"""


def help_of(program: str, *command: str) -> str:
    """What the program prints for --help, without the blanks that end its lines."""
    shown = subprocess.run([program, *command, "--help"], capture_output=True, check=True, text=True).stdout
    return "\n".join(line.rstrip() for line in shown.strip().splitlines())


def commands(help_text: str) -> list[str]:
    """The names that a help lists under "Subcommands:", if it does."""
    listed = help_text.partition("Subcommands:\n")[2].partition("\n\n")[0]
    return [line.split()[0] for line in listed.splitlines()]


def section(program: str, *command: str) -> str:
    """What help says of a command, and of those that it has in turn."""
    shown = help_of(program, *command)
    title = " ".join(["hearth", *command])
    inner = [section(program, *command, name) for name in commands(shown)]
    return "\n".join([f"{'#' * (len(command) + 1)} {title}\n\n```\n{shown}\n```\n", *inner])


def reference(program: str) -> str:
    """The whole page."""
    overview = help_of(program)
    parts = [INTRODUCTION, f"```\n{overview}\n```\n"]
    return "\n".join(parts + [section(program, name) for name in commands(overview)])


if __name__ == "__main__":
    sys.stdout.write(reference(sys.argv[1]))
