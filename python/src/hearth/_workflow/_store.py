"""Where the actions `storage` and `memory` of workflows keep values, which are JSON."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote, unquote

from .._json import json_text
from ..errors import error_of


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


class FolderStore:
    """A file for each value, below a folder that is made when it is needed. What is stored outlives the process; one that
    is killed leaves the old value or the new one."""

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self._folder = Path(folder)

    def get(self, namespace: str, key: str) -> Any:
        path = self._path(namespace, key)
        try:
            return json.loads(path.read_bytes())
        except FileNotFoundError:
            raise KeyError(key) from None
        except ValueError as error:
            raise error_of("INTEGRITY", f"{path} is damaged ({error}): delete it") from error

    def put(self, namespace: str, key: str, value: Any) -> None:
        path = self._path(namespace, key)
        text = json_text(value).encode()
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, aside = tempfile.mkstemp(dir=path.parent, prefix=".")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(aside, path)
        except BaseException:
            os.unlink(aside)
            raise

    def delete(self, namespace: str, key: str) -> None:
        self._path(namespace, key).unlink(missing_ok=True)

    def list(self, namespace: str, prefix: str) -> list[str]:
        folder = self._folder / _file_name(namespace)
        names = [path.name for path in folder.glob("=*")] if folder.is_dir() else []
        keys = [unquote(name[1:]) for name in names]
        return sorted(key for key in keys if key.startswith(prefix))

    def _path(self, namespace: str, key: str) -> Path:
        name = _file_name(key)
        if len(name) > 255:
            raise error_of("INVALID_ARGUMENT", f"the key '{key[:40]}...' is too long for the name of a file")
        return self._folder / _file_name(namespace) / name


def _file_name(name: str) -> str:
    """No folder, not hidden, and never a name with a meaning: "=" goes before what is written as in addresses."""
    return "=" + quote(name, safe="")


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
