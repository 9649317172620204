"""Which of a repository's files a name means: by the type in its name, or where none is named, the best that fits.

The rule is one in all languages: choose_model_cases.json in packages/core/src/sources holds them to it (TypeScript:
choose_model.ts there; C++: apps/store/choose_model.cpp).
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass

from .errors import HearthError, error_of, invalid


@dataclass(frozen=True)
class Listed:
    path: str
    """In the repository."""
    size: int | None = None
    here: bool = False
    """Whether it was downloaded before."""


@dataclass(frozen=True)
class Room:
    """Bytes that a model may take; None: not known, or no limit."""

    memory: int | None = None
    storage: int | None = None


@dataclass(frozen=True)
class _Candidate:
    path: str
    size: int | None
    here: bool
    type: str
    """"Q4_K_M", "UD-Q4_K_XL"; "" where the name says none."""


_USUAL = ("Q4_K_M", "UD-Q4_K_XL", "Q4_K_XL", "Q4_K_L", "Q4_K_S", "IQ4_NL", "IQ4_XS", "MXFP4_MOE", "MXFP4")
"""Of about four bits, the best first; others of four bits come behind them."""

_NAMED_BITS = {"BF16": 16, "F16": 16, "FP16": 16, "F32": 32, "FP32": 32, "MXFP4": 4, "MXFP4_MOE": 4}
_REASONS = (
    "the best of about 4 bits that fits",
    "the smallest above 4 bits that fits",
    "the largest below 4 bits that fits",
    "the first that fits",
)
_TYPE = re.compile(
    r"(?:^|(?<=[-._/]))(?:UD-)?(?:I?Q[1-8](?:_[A-Z0-9]+)*|TQ[12]_0|BF16|FP?16|FP?32|MXFP4(?:_MOE)?)(?=$|[-./])"
)
_MOST_LISTED = 40


def choose_model(
    repository: str, wanted: str | None, files: Sequence[Listed], room: Room = Room()
) -> tuple[str, str]:
    """The path of the file, and what there is and why it is this one, where the name leaves that open. `repository` is
    what errors call it."""
    models = _models_among(files)
    if not models:
        raise error_of("NOT_FOUND", f"{repository}: the repository has no GGUF file")
    if wanted is not None:
        return _of_type(repository, wanted, models).path, ""
    chosen = next((model for model in sorted(models, key=_rank) if _fits(model, room)), None)
    limits = _shown_room(room)
    if chosen is None:
        raise error_of(
            "MODEL_TOO_LARGE",
            f"{repository}: no file fits into {limits}; there are {_shown(models)}; name one to take it all the same",
        )
    if len(models) == 1:
        return chosen.path, ""
    told = f"{repository} has {_shown(models)}: {_label(chosen, models)} is taken, {_REASONS[_class(chosen)]}"
    return chosen.path, told + (f" into {limits}" if limits else "")


def machine_memory() -> int:
    """What the machine has, or this process's group may take of it."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    try:
        with open("/sys/fs/cgroup/memory.max", encoding="ascii") as limit:
            return min(memory, int(limit.read()))
    except (OSError, ValueError):  # no group, or "max"
        return memory


def _models_among(files: Sequence[Listed]) -> list[_Candidate]:
    """Projectors of images and importance matrices are none; of a split one, the first part stands for all."""
    named = [
        file
        for file in files
        if file.path.lower().endswith(".gguf") and not re.search("mmproj|imatrix", file.path, re.IGNORECASE)
    ]
    firsts = [
        file for file in named if not re.search(r"-(?!00001)\d{5}-of-\d{5}\.gguf$", file.path, re.IGNORECASE)
    ]
    models = [
        _Candidate(file.path, _whole_size(file, named), file.here, _type_of(file.path)) for file in firsts
    ]
    return sorted(models, key=lambda model: model.path)


def _whole_size(first: Listed, files: Sequence[Listed]) -> int | None:
    match = re.fullmatch(r"(.*)-00001-of-(\d{5})\.gguf", first.path, re.IGNORECASE)
    if not match:
        return first.size
    stem, count = match.groups()
    part = re.compile(rf"{re.escape(stem)}-\d{{5}}-of-{count}\.gguf", re.IGNORECASE)
    sizes = [file.size for file in files if part.fullmatch(file.path)]
    known = [size for size in sizes if size is not None]
    return sum(known) if len(known) == len(sizes) == int(count) else None


def _type_of(path: str) -> str:
    """The last word of the file's name, or of its folder's, that is a type."""
    name = re.sub(r"(-\d{5}-of-\d{5})?\.gguf$", "", path, flags=re.IGNORECASE).upper()
    found = _TYPE.findall(name.rsplit("/", 1)[-1]) or _TYPE.findall(name)
    return str(found[-1]) if found else ""


def _has_word(path: str, word: str) -> bool:
    """Q4_K is not in model-Q4_K_M.gguf, nor F16 in model-BF16.gguf."""
    plain = re.sub(r"\.gguf$", "", path, flags=re.IGNORECASE)
    return re.search(rf"(^|[-._/]){re.escape(word)}([-./]|$)", plain, re.IGNORECASE) is not None


def _of_type(repository: str, wanted: str, models: Sequence[_Candidate]) -> _Candidate:
    found = [model for model in models if model.type == wanted.upper()] or [
        model for model in models if _has_word(model.path, wanted)
    ]
    if len(found) == 1:
        return found[0]
    if found:
        paths = ", ".join(model.path for model in found)
        raise invalid(f"{repository}: several files have {wanted} in their names: {paths}; name one of them")
    raise _no_such_type(repository, wanted, models)


def _no_such_type(repository: str, wanted: str, models: Sequence[_Candidate]) -> HearthError:
    types = [model.type for model in models if model.type]
    hint = ""
    if types:
        nearest = min(types, key=lambda known: _edits_between(wanted.upper(), known))
        hint = f"; the nearest is {nearest}"
    return error_of(
        "NOT_FOUND", f"{repository}: no file has {wanted} in its name{hint}; there are {_shown(models)}"
    )


def _edits_between(a: str, b: str) -> int:
    """Letters to put in, take out or replace (Levenshtein 1965)."""
    row = list(range(len(b) + 1))
    for count, letter in enumerate(a, 1):
        corner, row[0] = row[0], count
        for place, other in enumerate(b, 1):
            corner, row[place] = row[place], min(
                row[place - 1] + 1, row[place] + 1, corner + (letter != other)
            )
    return row[-1]


def _fits(model: _Candidate, room: Room) -> bool:
    """Weights, keys and values of a usual context, and what is computed in between."""
    if model.size is None:
        return True
    is_kept = model.here or room.storage is None or model.size <= room.storage
    return is_kept and (room.memory is None or model.size + model.size // 10 + 2**28 <= room.memory)


def _bits(type_name: str) -> int:
    plain = type_name.removeprefix("UD-")
    digit = re.search(r"\d", plain)
    return _NAMED_BITS.get(plain) or (int(digit.group()) if digit else 0)


def _class(model: _Candidate) -> int:
    """Four bits, then more from the least on, then less from the most on, then what names no type."""
    bits = _bits(model.type)
    return 0 if bits == 4 else 1 if bits > 4 else 2 if bits > 0 else 3


def _rank(model: _Candidate) -> tuple[int, int, int, str]:
    kind, bits, size = _class(model), _bits(model.type), model.size or 0
    if kind == 0:
        usual = _USUAL.index(model.type) if model.type in _USUAL else len(_USUAL)
        return 0, usual, -size, model.path
    if kind == 1:
        return 1, bits, size, model.path
    return kind, -bits, -size if kind == 2 else 0, model.path


def _label(model: _Candidate, models: Sequence[_Candidate]) -> str:
    """By its type, or by its file where others have the same."""
    is_only = sum(other.type == model.type for other in models) == 1
    return model.type if model.type and is_only else model.path


def _shown(models: Sequence[_Candidate]) -> str:
    listed = []
    for model in models[:_MOST_LISTED]:
        name = _label(model, models)
        listed.append(name if model.size is None else f"{name} ({_shown_bytes(model.size)})")
    if len(models) > _MOST_LISTED:
        listed.append(f"{len(models) - _MOST_LISTED} more")
    return ", ".join(listed)


def _shown_room(room: Room) -> str:
    limits = [(room.memory, "memory"), (room.storage, "storage")]
    return " and ".join(f"{_shown_bytes(size)} of {what}" for size, what in limits if size is not None)


def _shown_bytes(size: int) -> str:
    """In tenths of a gigabyte, or in megabytes."""
    if size < 10**9:
        return f"{(size + 500_000) // 1_000_000} MB"
    tenths = (size + 50_000_000) // 100_000_000
    return f"{tenths // 10}.{tenths % 10} GB"
