"""From YAML to a workflow that runs, with the files that it calls."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Union

from ..errors import HearthError, error_of, invalid
from ._interpreter import InterpretedWorkflow
from ._yaml import yaml_events

Source = Union[str, "os.PathLike[str]"]
"""The text of a YAML file, or the path of one: `Path("answer.yaml")`."""

ReadFile = Callable[[str], str]

NAME_OF_TEXT = "workflow.yaml"
"""What messages call a workflow that was given as a text."""

MOST_FILES = 1000
MOST_CHARACTERS = 16 * 2**20


def opened(
    source: Source, functions: Iterable[str] = (), read_file: ReadFile | None = None
) -> InterpretedWorkflow:
    """Whatever its faults. INVALID_ARGUMENT, "FILE:LINE:COLUMN: ...", where the first file is no YAML."""
    if not isinstance(source, (str, os.PathLike)):
        raise invalid("a workflow is the text of a YAML file, or its path: Path('answer.yaml')")
    if isinstance(source, str):
        first, text, read = NAME_OF_TEXT, source, read_file or _refused_to_text
    else:
        first, read = os.fspath(source), read_file or _text_of
        text = _text_of(first)
    workflow = InterpretedWorkflow(first, list(functions))
    _add(workflow, first, lambda path: text)
    for _ in range(MOST_FILES):
        path = workflow.wanted
        if path == "":
            return workflow
        _add(workflow, path, read)
    raise invalid(f"{first}: it calls more than {MOST_FILES} files")


def _add(workflow: InterpretedWorkflow, path: str, read: ReadFile) -> None:
    try:
        text = read(path)
        if not isinstance(text, str):
            raise invalid(f"read_file gave no text for {path}")
        if len(text) > MOST_CHARACTERS:
            raise invalid(f"{path}: it has more than {MOST_CHARACTERS} characters")
        events = yaml_events(text, path)
    except HearthError as error:
        if error.code == "UNSUPPORTED":  # without PyYAML no file can be read
            raise
        return workflow.refuse(error.message)
    workflow.add(events)


def _text_of(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise error_of("IO", f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise invalid(f"{path}: it is not UTF-8") from error


def _refused_to_text(path: str) -> str:
    raise invalid(f"{path}: a workflow that is given as a text has no folder: give its path, or read_file")


def require_runs(workflow: InterpretedWorkflow) -> None:
    """INVALID_ARGUMENT, or UNSUPPORTED where nothing else is wrong, with all `faults`, for one that does not run."""
    if workflow.info["runs"]:
        return
    faults = workflow.faults
    grave = [fault for fault in faults if fault["severity"] != "warning"]
    told = [_line_of(fault) for fault in grave[:10]]
    if len(grave) > len(told):
        told.append(f"and {len(grave) - len(told)} more")
    is_unsupported = all(fault["severity"] == "unsupported" for fault in grave)
    code = "UNSUPPORTED" if grave and is_unsupported else "INVALID_ARGUMENT"
    raise error_of(code, "\n".join(told), {"faults": faults})


def _line_of(fault: dict[str, Any]) -> str:
    return "{file}:{line}:{column}: {message} [{rule}]".format(**fault)
