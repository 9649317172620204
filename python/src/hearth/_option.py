"""What options may be, and what users pass in, checked by name, type and range before anything is done with it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict, Union

from .errors import invalid

Schema = Union[Mapping[str, Any], bool, str, "type[Any]"]
"""A JSON schema: as an object, true or false, as JSON text, or a pydantic model."""


class _Adapter(TypedDict):
    id: int


class AdapterChoice(_Adapter, total=False):
    """An adapter, by the id that `load_adapter` gave it, and how strongly it is added: 1 where nothing is said."""

    scale: float


@dataclass(frozen=True)
class Option:
    type: str
    least: float = -math.inf
    most: float = math.inf
    special: float | None = None
    """A number with a meaning of its own, in the range or outside it."""
    meaning: str = ""
    names: tuple[str, ...] = ()


FLAG = Option("flag")
TEXT = Option("text")
LIST = Option("list")
OBJECT = Option("object")
FUNCTION = Option("function")
SECONDS = Option("number", least=0, most=math.inf)

CONVERSATION_OPTIONS: dict[str, Option] = {
    "prompt": TEXT,
    "raw": FLAG,
    "messages": LIST,
    "system": TEXT,
    "tools": OBJECT,
    "tool_choice": Option("some text"),
    "max_steps": Option("integer", least=1, most=1000),
    "keep_reasoning": FLAG,
    "template_variables": OBJECT,
    "when_full": Option("name", names=("drop", "error")),
    "timeout": SECONDS,
}


def check_options(options: Mapping[str, Any], *tables: Mapping[str, Option]) -> None:
    """INVALID_ARGUMENT for a name that the tables do not have, telling the nearest, and for a value that cannot be."""
    known = {name: option for table in tables for name, option in table.items()}
    for name, value in options.items():
        if value is None:
            continue
        if name not in known:
            raise invalid(f"there is no option '{name}'; the nearest is '{_nearest(name, list(known))}'")
        check_value(name, known[name], value)


def check_value(name: str, option: Option, value: Any) -> None:
    """INVALID_ARGUMENT for what cannot be the option's, or the argument's, of that name."""
    if not _is_sound(option, value):
        raise invalid(f"{name} must be {_values_of(option)}, not {_shown(value)}")
    if option.type == "biases":
        _check_biases(name, value)


def _check_biases(name: str, biases: Mapping[Any, Any]) -> None:
    for token, bias in biases.items():
        if not _is_token(token) and not (isinstance(token, str) and token.isdecimal() and token.isascii()):
            raise invalid(f"{name}: {_shown(token)} is no token, which is a whole number from 0")
        if not _is_number(bias) or not bias < math.inf:
            raise invalid(f"{name} of token {token} must be a number or -inf, not {_shown(bias)}")


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_token(value: Any) -> bool:
    return _is_integer(value) and 0 <= value < 2**31


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray))


def _is_adapter_choice(value: Any) -> bool:
    if not isinstance(value, Mapping) or not set(value) <= {"id", "scale"}:
        return False
    scale = value.get("scale", 1)
    return _is_token(value.get("id")) and _is_number(scale) and math.isfinite(scale)


def _in_range(option: Option, value: float) -> bool:
    return value == option.special or option.least <= value <= option.most


def _are_texts(value: Any) -> bool:
    texts = value if _is_list(value) else [value]
    return all(isinstance(text, str) and text != "" for text in texts)


def _are_names(option: Option, value: Any) -> bool:
    return _is_list(value) and all(name in option.names for name in value) and len(set(value)) == len(value)


def _is_sound(option: Option, value: Any) -> bool:
    kind = option.type
    if kind in ("integer", "number"):
        right = _is_integer(value) if kind == "integer" else _is_number(value)
        return right and _in_range(option, value)
    if kind == "name":
        return value in option.names
    if kind == "text":
        return isinstance(value, str)
    if kind == "some text":
        return isinstance(value, str) and value != ""
    if kind == "json":
        return isinstance(value, (Mapping, bool, type)) or (isinstance(value, str) and value != "")
    if kind == "flag":
        return isinstance(value, bool)
    if kind == "texts":
        return _are_texts(value)
    if kind == "names":
        return _are_names(option, value)
    if kind == "tokens":
        return _is_list(value) and all(_is_token(token) for token in value)
    if kind == "adapters":
        return _is_list(value) and all(_is_adapter_choice(choice) for choice in value)
    if kind == "list":
        return _is_list(value)
    if kind == "biases":
        return isinstance(value, Mapping)
    if kind == "object":
        return isinstance(value, Mapping) or _is_list(value)
    return callable(value)


_VALUES = {
    "text": "a string",
    "some text": "a string that is not empty",
    "json": "a dict, true or false, the text of one in JSON, or a pydantic model",
    "flag": "true or false",
    "texts": "a string or a list of strings, none of them empty",
    "tokens": "a list of tokens, which are whole numbers from 0",
    "adapters": "a list of {'id', 'scale'}, each the id of an adapter and how strongly it is added",
    "list": "a list",
    "biases": "a dict with a number for each token",
    "object": "an object",
    "function": "a function",
}


def _values_of(option: Option) -> str:
    if option.type in ("integer", "number"):
        kind = "a whole number" if option.type == "integer" else "a number"
        special = f" ({option.special}: {option.meaning})" if option.meaning else ""
        return f"{kind} from {option.least} to {option.most}{special}"
    names = ", ".join(option.names)
    if option.type == "name":
        return f"one of {names}"
    return f"a list of different names among {names}" if option.type == "names" else _VALUES[option.type]


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return f"'{value}'"
    if _is_list(value):
        rest = ", ..." if len(value) > 8 else ""
        return f"[{', '.join(_shown(each) for each in value[:8])}{rest}]"
    return "a dict" if isinstance(value, Mapping) else repr(value)


def _nearest(name: str, names: list[str]) -> str:
    plain = [(_edits_between(_plain(name), _plain(known)), known) for known in names]
    return min(plain, key=lambda each: each[0])[1]


def _plain(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


def _edits_between(a: str, b: str) -> int:
    """Letters to put in, take out or replace (Levenshtein 1965)."""
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a):
        following = [i + 1]
        for j, other in enumerate(b):
            following.append(min(following[j] + 1, row[j + 1] + 1, row[j] + (letter != other)))
        row = following
    return row[-1]
