"""Where the actions `storage` and `memory` of workflows keep values, which are JSON."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote

from .._json import json_text
from ..errors import HearthError, error_of, invalid


class WorkflowStore(Protocol):
    """Called on several threads."""

    def get(self, namespace: str, key: str) -> Any:
        """LookupError where there is none."""

    def put(self, namespace: str, key: str, value: Any) -> None:
        ...

    def delete(self, namespace: str, key: str) -> None:
        ...

    def list(self, namespace: str, prefix: str) -> list[str]:
        """The keys that begin with `prefix`, sorted."""


class MemoryStore:
    """As long as it lives."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, str], Any] = {}

    def get(self, namespace: str, key: str) -> Any:
        return self._values[namespace, key]

    def put(self, namespace: str, key: str, value: Any) -> None:
        self._values[namespace, key] = value

    def delete(self, namespace: str, key: str) -> None:
        self._values.pop((namespace, key), None)

    def list(self, namespace: str, prefix: str) -> list[str]:
        names = list(self._values)
        return sorted(key for space, key in names if space == namespace and key.startswith(prefix))


LONGEST_NAME = 224
"""File systems take names of 255 bytes, and a file that is being written has a longer one."""
LONGEST_VALUE = 16 * 2**20


class FolderStore:
    """A file for each value, below a folder that is made when it is needed, as `hearth workflow --store` has it
    (docs/workflows.md). What is stored outlives the process; one that is killed leaves the old value or the new one.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self._folder = Path(folder)

    def get(self, namespace: str, key: str) -> Any:
        path = self._path(namespace, key)
        try:
            return json.loads(path.read_bytes())
        except FileNotFoundError:
            raise KeyError(key) from None
        except ValueError as error:
            message = f"{path}: {error}; delete the file, or put the value again"
            raise error_of("INTEGRITY", message) from error
        except OSError as error:
            raise _io_error(path, error) from error

    def put(self, namespace: str, key: str, value: Any) -> None:
        path = self._path(namespace, key)
        text = json_text(value).encode()
        if len(text) > LONGEST_VALUE:
            raise invalid(f"the value is too long to be kept: {LONGEST_VALUE} bytes are the most")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_whole(path, text)
        except OSError as error:
            raise _io_error(path, error) from error

    def delete(self, namespace: str, key: str) -> None:
        path = self._path(namespace, key)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise _io_error(path, error) from error

    def list(self, namespace: str, prefix: str) -> list[str]:
        folder = self._folder / _file_name("namespace", namespace)
        try:
            names = os.listdir(folder)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise _io_error(folder, error) from error
        keys = (_key_of(name) for name in names)
        return sorted(key for key in keys if key is not None and key.startswith(prefix))

    def _path(self, namespace: str, key: str) -> Path:
        return self._folder / _file_name("namespace", namespace) / (_file_name("key", key) + ENDING)


ENDING = ".json"


def _file_name(what: str, name: str) -> str:
    """Lower-case letters, digits, - and _ as they are, for some file systems tell no "A" from "a". No name leads
    elsewhere."""
    plain = b"abcdefghijklmnopqrstuvwxyz0123456789-_"
    text = (
        "".join(chr(byte) if byte in plain else f"%{byte:02X}" for byte in name.encode(errors="replace"))
        or "%"
    )
    if len(text) <= LONGEST_NAME:
        return text
    cost = "where letters and digits count one, and other bytes three"
    raise invalid(
        f"the {what} is too long to be kept: it has {len(text)} bytes, {cost}; {LONGEST_NAME} are the most"
    )


def _key_of(name: str) -> str | None:
    """None for a file that is no value's."""
    if not name.endswith(ENDING):
        return None
    text = name[: -len(ENDING)]
    return "" if text == "%" else unquote(text)


def _write_whole(path: Path, text: bytes) -> None:
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException:
        os.unlink(part)
        raise


def _io_error(path: Path, error: OSError) -> HearthError:
    return error_of("IO", f"{path}: {error.strerror or error}")


def answer_store(store: WorkflowStore, request: dict[str, Any]) -> dict[str, Any]:
    """What a call of the kind `store` is answered with."""
    op, namespace = request["op"], request["namespace"]
    if op == "list":
        return {"keys": store.list(namespace, request.get("prefix", ""))}
    key = request["key"]
    if op == "put":
        store.put(namespace, key, request["value"])
    elif op == "delete":
        store.delete(namespace, key)
    else:
        try:
            return {"value": store.get(namespace, key), "found": True}
        except LookupError:
            return {"value": None, "found": False}
    return {}
