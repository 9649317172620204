"""Requests to a server and the answers to them, by HTTP: what they say, how long they may take, when they are sent again."""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from ._json import json_text
from .errors import HearthError, error_of, invalid

if TYPE_CHECKING:
    import httpx

FIRST_PAUSE = 0.5
"""Seconds before the second try. Each further pause is twice as long, unless the server says how long."""
LONGEST_PAUSE = 8.0
LONGEST_WAIT = 60.0
"""Who is told to wait longer than this, is told so by the error, and decides."""
CONNECT_TIMEOUT = 10.0

_CODES_OF_STATUS = {400: "INVALID_ARGUMENT", 404: "NOT_FOUND", 408: "TIMEOUT", 504: "TIMEOUT"}
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t -~]*")


@dataclass(frozen=True)
class Access:
    """Where a server is and how it is asked."""

    endpoint: str
    api_key: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 600.0
    """Seconds that the server may be silent while it owes an answer."""
    max_retries: int = 2

    def all_headers(self) -> dict[str, str]:
        """INVALID_ARGUMENT for what cannot be sent, by a message that does not have the key."""
        for name, value in self.headers.items():
            sound = isinstance(name, str) and isinstance(value, str)
            if not (sound and _NAME.fullmatch(name) and _VALUE.fullmatch(value)):
                raise invalid(f"headers: {name!r} cannot be sent: no header may have such a name or value")
        if self.api_key is None:
            return dict(self.headers)
        if not _VALUE.fullmatch(self.api_key):
            raise invalid("api_key cannot be sent: it has characters that no header may have")
        others = {name: value for name, value in self.headers.items() if name.lower() != "authorization"}
        return {**others, "Authorization": f"Bearer {self.api_key}"}


def _httpx() -> Any:
    try:
        import httpx
    except ImportError as error:
        message = 'mode="server" needs httpx, which is not installed: pip install "hearth[server]"'
        raise error_of("UNSUPPORTED", message) from error
    return httpx


class Transport:
    """Used on the network's thread alone."""

    def __init__(self, access: Access) -> None:
        self._httpx = _httpx()
        self._access = access
        # Clients of OpenAI's API are given it with /v1.
        endpoint = access.endpoint.rstrip("/").removesuffix("/v1")
        self._client: httpx.AsyncClient = self._httpx.AsyncClient(
            base_url=endpoint,
            headers=access.all_headers(),
            timeout=self._httpx.Timeout(
                access.timeout, connect=min(CONNECT_TIMEOUT, access.timeout), pool=None
            ),
            limits=self._httpx.Limits(max_connections=None),
            verify=endpoint.startswith("https:"),  # reading all authorities takes longer than a short answer
        )
        self.close = self._client.aclose

    async def get(self, path: str) -> httpx.Response:
        async with self._answered("GET", path) as response:
            await response.aread()
            return response

    async def post(self, path: str, body: Mapping[str, Any]) -> httpx.Response:
        async with self._answered("POST", path, body) as response:
            await response.aread()
            return response

    async def events(self, path: str, body: Mapping[str, Any]) -> AsyncIterator[dict[str, Any]]:
        """Those of Server-Sent Events, as they come."""
        async with self._answered("POST", path, body) as response:
            async for line in response.aiter_lines():
                if line.startswith("data:"):
                    yield json.loads(line[len("data:") :])

    @asynccontextmanager
    async def _answered(
        self, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> AsyncIterator[httpx.Response]:
        """A response that is no error, yet to be read. What the server has no room for, or does not hear, is tried again."""
        content = None if body is None else json_text(body).encode()
        headers = None if body is None else {"Content-Type": "application/json"}
        for tries in range(1, self._access.max_retries + 2):
            try:
                async with self._client.stream(method, path, content=content, headers=headers) as response:
                    if response.status_code == 200:
                        yield response
                        return
                    await response.aread()
                failure = refusal_of(response)
            except (self._httpx.ConnectError, self._httpx.ConnectTimeout) as error:
                failure = error_of("NETWORK", f"{self._client.base_url} cannot be reached: {error!r}")
                failure.__cause__ = error
            except self._httpx.TimeoutException as error:
                message = f"the server has said nothing for {self._access.timeout} seconds"
                raise error_of("TIMEOUT", message, {"url": str(error.request.url)}) from error
            except self._httpx.TransportError as error:
                raise error_of(
                    "NETWORK", f"the connection to {error.request.url} failed: {error!r}"
                ) from error
            pause = _pause_after(failure, tries)
            if pause is None or tries > self._access.max_retries:
                raise failure
            await asyncio.sleep(pause)


def _pause_after(failure: HearthError, tries: int) -> float | None:
    """Seconds until the request is sent again; None: it is not. Less up to a quarter, so that those who were refused
    together do not come back together."""
    status = failure.details.get("status")
    if status not in (429, 503, None):
        return None
    asked: float | None = failure.details.get("retry_after")
    if asked is not None:
        return asked if asked <= LONGEST_WAIT else None
    longest: float = min(FIRST_PAUSE * 2 ** (tries - 1), LONGEST_PAUSE)
    return longest * (1 - random.random() / 4)


def _seconds(text: str | None) -> float | None:
    """Until the server wants to be asked again: a number or a date."""
    try:
        return None if text is None else max(0.0, float(text))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(str(text)).timestamp() - time.time())
    except (ValueError, TypeError):
        return None


def refusal_of(response: httpx.Response) -> HearthError:
    """The error of an answer with another status than 200."""
    details = {"url": str(response.request.url), "status": response.status_code}
    more = {
        "request_id": response.headers.get("X-Request-Id"),
        "retry_after": _seconds(response.headers.get("Retry-After")),
    }
    details.update({name: value for name, value in more.items() if value is not None})
    try:
        return error_told(response.json()["error"], details)
    except (ValueError, KeyError, TypeError):
        code = _CODES_OF_STATUS.get(response.status_code, "SERVER")
        said = response.text[:200]
        return error_of(code, f"the server answered {response.status_code}: {said}", details)


def error_told(told: Mapping[str, Any], details: dict[str, Any] | None = None) -> HearthError:
    """What a server says of an error: its `error`."""
    status = (details or {}).get("status", 0)
    code = told.get("code") or _CODES_OF_STATUS.get(status, "SERVER")
    more = {name: told[name] for name in ("type", "param") if told.get(name) is not None}
    return error_of(str(code), str(told["message"]), {**(details or {}), **more})
