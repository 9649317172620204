"""The one kind of error that Hearth raises; docs/errors.md lists its codes."""

from __future__ import annotations

from typing import Any


class HearthError(Exception):
    """What went wrong, where, and what to do. Codes that Python has a habit for are subclasses of its own errors, too."""

    code: str
    """Stable, the same on every face of Hearth: "NOT_FOUND"."""
    message: str
    details: dict[str, Any]
    """What else is known: a URL, a status."""

    def __init__(self, code: str, message: str, details: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details or {}

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"

    def __reduce__(self) -> tuple[Any, ...]:
        return error_of, (self.code, self.message, self.details)


class InvalidArgumentError(HearthError, ValueError):
    """INVALID_ARGUMENT: the caller asked for something that makes no sense."""


class NotFoundError(HearthError, LookupError):
    """NOT_FOUND: no such file or model."""


class HearthTimeoutError(HearthError, TimeoutError):
    """TIMEOUT: a deadline passed."""


class HearthConnectionError(HearthError, ConnectionError):
    """NETWORK: a transfer failed."""


class HearthIOError(HearthError, OSError):
    """IO: the operating system could not read or write."""


class HearthMemoryError(HearthError, MemoryError):
    """OUT_OF_MEMORY: an allocation failed, or models at work leave no room in the budget."""


_KINDS: dict[str, type[HearthError]] = {
    "INVALID_ARGUMENT": InvalidArgumentError,
    "NOT_FOUND": NotFoundError,
    "TIMEOUT": HearthTimeoutError,
    "NETWORK": HearthConnectionError,
    "IO": HearthIOError,
    "OUT_OF_MEMORY": HearthMemoryError,
}


def error_of(code: str, message: str, details: dict[str, Any] | None = None) -> HearthError:
    return _KINDS.get(code, HearthError)(code, message, details)


def invalid(message: str) -> HearthError:
    return error_of("INVALID_ARGUMENT", message)
