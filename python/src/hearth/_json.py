"""From values of users to the JSON that the engine takes, and back."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from collections.abc import Mapping
from typing import Any, TypeVar

from .errors import invalid

_T = TypeVar("_T")


def json_text(value: Any) -> str:
    """Half of a surrogate pair becomes U+FFFD. INVALID_ARGUMENT for what JSON cannot hold."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as error:
        raise invalid(f"there is no JSON of this: {error}") from error
    return whole_characters(text)


def whole_characters(text: str) -> str:
    """Without halves of surrogate pairs, which no UTF-8 can hold."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


def camel(name: str) -> str:
    """The engine's name of an option: maxTokens of max_tokens."""
    return re.sub("_([a-z])", lambda match: match[1].upper(), name)


def snake(name: str) -> str:
    return re.sub("([A-Z])", lambda match: "_" + match[1].lower(), name)


def engine_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Checked options under the engine's names, in the form that JSON can hold."""
    return {camel(name): _plain(value) for name, value in options.items() if value is not None}


def _plain(value: Any) -> Any:
    schema = schema_of(value)
    if schema is not None:
        return schema
    if isinstance(value, Mapping):
        return {str(key): None if each == -math.inf else each for key, each in value.items()}
    return value


def schema_of(value: Any) -> Any:
    """The JSON schema of a pydantic model, of version 1 or 2; None for what is no type."""
    if not isinstance(value, type):
        return None
    describe = getattr(value, "model_json_schema", None) or getattr(value, "schema", None)
    if describe is None:
        raise invalid(f"{value.__name__} is no pydantic model: give a JSON schema as a dict instead")
    return describe()


def parsed(text: str, schema: Any) -> Any:
    """What JSON text says: an instance of `schema` where that is a pydantic model."""
    if not isinstance(schema, type):
        return json.loads(text)
    parse: Any = getattr(schema, "model_validate_json", None) or getattr(schema, "parse_raw")
    return parse(text)


def from_json(kind: type[_T], values: Mapping[str, Any]) -> _T:
    """A dataclass of values under the engine's names; names that it does not know are left out."""
    fields: Any = dataclasses.fields(kind)
    names = [field.name for field in fields]
    return kind(**{name: values[camel(name)] for name in names if camel(name) in values})
