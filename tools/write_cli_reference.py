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


def commands(overview: str) -> list[str]:
    """The names that the overview lists under "Subcommands:"."""
    listed = overview.split("Subcommands:\n")[1].split("\n\n")[0]
    return [line.split()[0] for line in listed.splitlines()]


def reference(program: str) -> str:
    """The whole page."""
    overview = help_of(program)
    parts = [INTRODUCTION, f"```\n{overview}\n```\n"]
    for command in commands(overview):
        parts.append(f"## hearth {command}\n\n```\n{help_of(program, command)}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    sys.stdout.write(reference(sys.argv[1]))
