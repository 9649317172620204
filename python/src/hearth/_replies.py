"""What the engine's calls by name give, in this process and behind a server."""

from __future__ import annotations

import json
from array import array
from typing import Any


def reply_value(kind: int, data: bytes) -> Any:
    """What a reply says, by its hearth_reply_type."""
    if kind in (4, 5):
        values: array[Any] = array("i" if kind == 4 else "f")
        values.frombytes(data)
        return values
    if kind == 0:
        return None
    if kind == 1:
        return json.loads(data)
    return data.decode() if kind == 2 else data
