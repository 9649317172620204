"""libhearth, by ctypes: the C interface of engine/hearth.h, as far as it is used here."""

from __future__ import annotations

import ctypes
import functools
import os
from ctypes import (
    POINTER,
    Structure,
    c_char_p,
    c_double,
    c_float,
    c_int,
    c_int32,
    c_size_t,
    c_uint32,
    c_uint64,
    c_void_p,
)
from pathlib import Path
from typing import Any

from .errors import HearthError, error_of

ABI_VERSION = 1

PROGRESS = ctypes.CFUNCTYPE(c_int, c_void_p, c_int, c_uint64, c_uint64)
UNLOAD = ctypes.CFUNCTYPE(None, c_void_p, c_char_p)

STAGES = ("parse", "read", "initialize", "ready")


class ModelOptions(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("context_size", c_int32),
        ("cache_positions", c_int32),
        ("max_sequences", c_int32),
        ("max_batch_rows", c_int32),
        ("threads", c_int32),
        ("kv_type", c_char_p),
        ("instruction_set", c_char_p),
        ("progress", PROGRESS),
        ("progress_user", c_void_p),
        ("memory_limit", c_uint64),
        ("json", c_char_p),
    ]


class Memory(Structure):
    _fields_ = [("data", c_char_p), ("size", c_uint64)]


class GenerationOptions(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("max_tokens", c_int32),
        ("temperature", c_float),
        ("top_k", c_int32),
        ("top_p", c_float),
        ("min_p", c_float),
        ("repetition_penalty", c_float),
        ("frequency_penalty", c_float),
        ("presence_penalty", c_float),
        ("penalty_window", c_int32),
        ("use_seed", c_int32),
        ("seed", c_uint64),
        ("logit_bias", c_void_p),
        ("logit_bias_count", c_size_t),
        ("stop", c_void_p),
        ("stop_count", c_size_t),
        ("stop_tokens", c_void_p),
        ("stop_token_count", c_size_t),
        ("ignore_end", c_int32),
        ("continues_text", c_int32),
        ("json", c_char_p),
    ]


class Event(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("present", c_int32),
        ("text", c_void_p),
        ("text_size", c_size_t),
        ("finish", c_int),
        ("error", c_int),
        ("error_message", c_char_p),
        ("prompt_tokens", c_int32),
        ("cached_tokens", c_int32),
        ("completion_tokens", c_int32),
        ("queued_ms", c_double),
        ("prefill_ms", c_double),
        ("decode_ms", c_double),
        ("seed", c_uint64),
        ("json", c_char_p),
    ]


class Bytes(Structure):
    _fields_ = [("data", c_void_p), ("size", c_size_t)]


class Reply(Structure):
    _fields_ = [("type", c_int), ("data", Bytes)]


class Request(Structure):
    _fields_ = [("id", c_uint64), ("model", c_char_p)]


_FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "hearth_abi_version": (c_uint32, []),
    "hearth_version": (c_char_p, []),
    "hearth_status_name": (c_char_p, [c_int]),
    "hearth_error_message": (c_char_p, []),
    "hearth_text_free": (None, [POINTER(Bytes)]),
    "hearth_bytes_free": (None, [POINTER(Bytes)]),
    "hearth_model_options_init": (None, [POINTER(ModelOptions), c_size_t]),
    "hearth_model_load_path": (c_int, [c_char_p, POINTER(ModelOptions), POINTER(c_void_p)]),
    "hearth_model_load_memory": (
        c_int,
        [POINTER(Memory), c_size_t, POINTER(ModelOptions), POINTER(c_void_p)],
    ),
    "hearth_model_free": (None, [c_void_p]),
    "hearth_generation_options_init": (None, [c_void_p, POINTER(GenerationOptions), c_size_t]),
    "hearth_generation_create": (
        c_int,
        [c_void_p, c_char_p, c_size_t, POINTER(GenerationOptions), POINTER(c_void_p)],
    ),
    "hearth_model_step": (c_int, [c_void_p, POINTER(c_int)]),
    "hearth_finish_reason_name": (c_char_p, [c_int]),
    "hearth_generation_next": (c_int, [c_void_p, POINTER(Event)]),
    "hearth_generation_cancel": (None, [c_void_p]),
    "hearth_generation_hold": (None, [c_void_p, c_int]),
    "hearth_generation_free": (None, [c_void_p]),
    "hearth_registry_create": (c_int, [c_uint64, c_char_p, POINTER(c_void_p)]),
    "hearth_registry_free": (None, [c_void_p]),
    "hearth_registry_add": (c_int, [c_void_p, c_char_p, c_uint64, UNLOAD, c_void_p]),
    "hearth_registry_remove": (c_int, [c_void_p, c_char_p]),
    "hearth_registry_use": (c_int, [c_void_p, c_char_p]),
    "hearth_registry_begin": (c_int, [c_void_p, c_char_p, POINTER(Request)]),
    "hearth_registry_end": (None, [c_void_p, c_uint64]),
    "hearth_registry_json": (c_int, [c_void_p, POINTER(Bytes)]),
    "hearth_call": (c_int, [c_void_p, c_char_p, c_char_p, c_char_p, c_size_t, POINTER(Reply)]),
    "hearth_call_only_reads": (c_int, [c_char_p]),
}


@functools.cache
def library() -> Any:
    """The library of this package, or the one that HEARTH_LIBRARY names."""
    path = os.environ.get("HEARTH_LIBRARY") or str(Path(__file__).parent / f"libhearth.so.{ABI_VERSION}")
    try:
        loaded = ctypes.CDLL(path)
    except OSError as error:
        message = f"{path} cannot be loaded ({error}): install a wheel of hearth for this system, or set HEARTH_LIBRARY"
        raise error_of("NOT_FOUND", message) from error
    for name, (result, arguments) in _FUNCTIONS.items():
        function = getattr(loaded, name)
        function.restype = result
        function.argtypes = arguments
    version = loaded.hearth_abi_version()
    if version != ABI_VERSION:
        raise error_of(
            "UNSUPPORTED", f"{path} has version {version} of the interface; {ABI_VERSION} is needed"
        )
    return loaded


def failure_of(status: int) -> HearthError:
    """The error of the call on this thread that has just failed."""
    return error_of(status_name(status), library().hearth_error_message().decode())


def status_name(status: int) -> str:
    name: bytes = library().hearth_status_name(status)
    return name.decode()


def require(status: int) -> None:
    if status != 0:
        raise failure_of(status)


def taken(data: Bytes) -> bytes:
    """What was handed out, which is freed."""
    try:
        return ctypes.string_at(data.data, data.size) if data.size else b""
    finally:
        library().hearth_bytes_free(ctypes.byref(data))
