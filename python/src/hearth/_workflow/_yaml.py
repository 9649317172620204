"""YAML read by PyYAML, as the events of which the interpreter makes a document: engine/hearth_workflow.h has their form."""

from __future__ import annotations

import importlib
from typing import Any

from ..errors import error_of, invalid

MOST_EVENTS = 2_000_000
DEEPEST = 128
"""More than the interpreter takes (100), and less than PyYAML's own recursion could do harm at."""


def yaml_events(text: str, name: str) -> list[list[Any]]:
    """The events of the one document in a text. INVALID_ARGUMENT, "NAME:LINE:COLUMN: ...", where it is no YAML, or
    several documents."""
    try:
        yaml: Any = importlib.import_module("yaml")
    except ImportError as error:
        message = 'workflows are read by PyYAML, which is not installed: pip install "hearth[workflow]"'
        raise error_of("UNSUPPORTED", message) from error
    events: list[list[Any]] = []
    documents = depth = 0
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            documents += isinstance(event, yaml.DocumentStartEvent)
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            listed = _listed(yaml, event)
            if listed is not None:
                events.append(listed)
            if documents > 1:
                raise invalid(f"{name}:1:1: there are several documents; a file has one workflow")
            if len(events) > MOST_EVENTS:
                raise invalid(f"{name}:1:1: it is too large for a workflow")
            if depth > DEEPEST:
                mark = event.start_mark
                raise invalid(f"{name}:{mark.line + 1}:{mark.column + 1}: nested more than 100 deep")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise invalid(f"{name}:{line}:{column}: {error.problem or error.context}") from error
    except yaml.YAMLError as error:
        raise invalid(f"{name}:1:1: {error}") from error
    return events


def _listed(yaml: Any, event: Any) -> list[Any] | None:
    line, column = event.start_mark.line + 1, event.start_mark.column + 1
    if isinstance(event, yaml.AliasEvent):
        return ["*", line, column, event.anchor]
    if isinstance(event, yaml.ScalarEvent):
        tag = "" if event.tag in (None, "!") else event.tag
        is_plain = event.style is None and event.tag is None
        return ["=", line, column, event.value, "plain" if is_plain else "quoted", event.anchor or "", tag]
    if isinstance(event, yaml.CollectionStartEvent):
        kind = "[" if isinstance(event, yaml.SequenceStartEvent) else "{"
        return [kind, line, column, event.anchor or "", event.tag or ""]
    if isinstance(event, yaml.CollectionEndEvent):
        return ["]" if isinstance(event, yaml.SequenceEndEvent) else "}"]
    return None
