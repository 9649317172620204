"""A model behind `hearth serve`, by HTTP. One thread per server does all that is waited for on the network."""

from __future__ import annotations

import asyncio
import base64
import json
import weakref
from array import array
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from ._engine import Engine, EngineResult, Event, Generation
from ._json import from_json, json_text
from ._network import Network
from ._replies import reply_value
from ._types import LoadProgress, OnProgress, ServerModel
from .errors import HearthError, error_of

if TYPE_CHECKING:
    import httpx

TRIES = 4
"""Of a request that the server has no room for, or that does not reach it."""
FIRST_PAUSE = 0.5
"""Seconds before the second try; each further pause is twice as long, unless the server says how long."""
LONGEST_PAUSE = 30.0

REPLIES = ("nothing", "json", "text", "bytes", "int32", "float32")
"""Names of hearth_reply_type."""

_CODES_OF_STATUS = {400: "INVALID_ARGUMENT", 404: "NOT_FOUND", 408: "TIMEOUT", 504: "TIMEOUT"}


def _httpx() -> Any:
    try:
        import httpx
    except ImportError as error:
        message = 'mode="server" needs httpx, which is not installed: pip install "hearth[server]"'
        raise error_of("UNSUPPORTED", message) from error
    return httpx


class Server:
    def __init__(self, endpoint: str, api_key: str | None) -> None:
        self._httpx = _httpx()
        headers = {} if api_key is None else {"Authorization": f"Bearer {api_key}"}
        # Clients of OpenAI's API are given it with /v1.
        endpoint = endpoint.rstrip("/").removesuffix("/v1")
        self._client: httpx.AsyncClient = self._httpx.AsyncClient(
            base_url=endpoint,
            headers=headers,
            timeout=self._httpx.Timeout(None, connect=10.0),
            limits=self._httpx.Limits(max_connections=None),
            verify=endpoint.startswith("https:"),  # reading all authorities takes longer than a short answer
        )
        self.network = Network()
        self.close = weakref.finalize(self, self.network.close, self._client.aclose)

    def models(self) -> Future[list[ServerModel]]:
        return self.network.submit(self._models())

    async def _models(self) -> list[ServerModel]:
        async with self._answered("GET", "/v1/models") as response:
            await response.aread()
            listed = response.json()["data"]
        return [from_json(ServerModel, {"id": each["id"], **each.get("hearth", {})}) for each in listed]

    def load(self, name: str, options: Mapping[str, Any], on_progress: OnProgress | None) -> Future[Engine]:
        return self.network.submit(self._load(name, options, on_progress))

    async def _load(self, name: str, options: Mapping[str, Any], on_progress: OnProgress | None) -> Engine:
        """As a model of its own where it has options; otherwise the one that all share."""
        own = bool(options)
        asked: dict[str, Any] = {"model": name, **({"options": options} if own else {})}
        async for event in self.events("/v1/hearth/load", asked):
            if "error" in event:
                raise _error_of(event["error"])
            if "progress" in event and on_progress is not None:
                on_progress(from_json(LoadProgress, event["progress"]))
            if "model" in event:
                return ServerEngine(self, event["model"], own)
        raise error_of("NETWORK", f"the server ended its answer before '{name}' was loaded")

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
        """A response that is no error, yet to be read. What the server has no room for is tried again."""
        content = None if body is None else json_text(body).encode()
        headers = None if body is None else {"Content-Type": "application/json"}
        for tries in range(1, TRIES + 1):
            try:
                async with self._client.stream(method, path, content=content, headers=headers) as response:
                    if response.status_code == 200:
                        yield response
                        return
                    await response.aread()
            except self._httpx.ConnectError as error:
                if tries == TRIES:
                    raise error_of(
                        "NETWORK", f"{self._client.base_url} cannot be reached: {error}"
                    ) from error
                pause: float | None = None
            except self._httpx.TransportError as error:
                raise error_of(
                    "NETWORK", f"the connection to {error.request.url} failed: {error!r}"
                ) from error
            else:
                if response.status_code not in (429, 503) or tries == TRIES:
                    raise _refusal(response)
                pause = _seconds(response.headers.get("Retry-After"))
            await asyncio.sleep(
                min(FIRST_PAUSE * 2 ** (tries - 1) if pause is None else pause, LONGEST_PAUSE)
            )


def _seconds(text: str | None) -> float | None:
    try:
        return None if text is None else max(0.0, float(text))
    except ValueError:  # a date
        return None


def _refusal(response: httpx.Response) -> HearthError:
    details = {"url": str(response.request.url), "status": response.status_code}
    try:
        told = response.json()["error"]
        return _error_of(told, details)
    except (ValueError, KeyError, TypeError):
        code = _CODES_OF_STATUS.get(response.status_code, "SERVER")
        said = response.text[:200]
        return error_of(code, f"the server answered {response.status_code}: {said}", details)


def _error_of(told: Mapping[str, Any], details: dict[str, Any] | None = None) -> HearthError:
    status = (details or {}).get("status", 0)
    code = told.get("code") or _CODES_OF_STATUS.get(status, "SERVER")
    more = {name: told[name] for name in ("type", "param") if told.get(name) is not None}
    return error_of(str(code), str(told["message"]), {**(details or {}), **more})


class ServerEngine:
    def __init__(self, server: Server, told: Mapping[str, Any], own: bool) -> None:
        self._server = server
        self._id = told["id"]
        self._own = own
        self._disposed = False
        self.info: Mapping[str, Any] = told["info"]
        self.memory: int = told.get("memory", 0)

    def call(self, name: str, arguments: Sequence[Any], data: bytes = b"") -> Future[Any]:
        return self._server.network.submit(self._call(name, arguments, data))

    async def _call(self, name: str, arguments: Sequence[Any], data: bytes) -> Any:
        body = {"model": self._id, "name": name, "arguments": list(arguments)}
        if data:
            body["data"] = base64.b64encode(data).decode()
        response = await self._server.post("/v1/hearth/call", body)
        return reply_value(REPLIES.index(response.headers["x-hearth-reply"]), response.content)

    def generate(self, tokens: array[int], options: str, whole: bool) -> Generation:
        generation = Generation(whole)
        loop = self._server.network.loop
        reading = asyncio.Event()
        reading.set()
        body = {"model": self._id, "tokens": list(tokens), "options": json.loads(options)}
        running = self._server.network.submit(self._generate(generation, body, reading))
        generation.cancel = lambda: running.cancel()
        generation.hold = lambda held: loop.call_soon_threadsafe(reading.clear if held else reading.set)
        return generation

    async def _generate(
        self, generation: Generation, body: Mapping[str, Any], reading: asyncio.Event
    ) -> None:
        try:
            async for event in self._server.events("/v1/hearth/generate", body):
                generation.deliver(_event_of(event))
                if event.get("result") is not None:
                    return
                await reading.wait()
            raise error_of("NETWORK", "the server ended its answer in the middle")
        except HearthError as error:
            generation.deliver(Event("", result=EngineResult("error", error)))
        except asyncio.CancelledError:
            ended = EngineResult("error", HearthError("DISPOSED", "the model was closed"))
            generation.deliver(Event("", result=ended if self._disposed else EngineResult("cancelled")))
            raise

    def dispose(self) -> Future[None]:
        self._disposed = True
        return self._server.network.submit(self._dispose())

    async def _dispose(self) -> None:
        if self._own:
            await self._server.post("/v1/hearth/unload", {"model": self._id})


def _event_of(event: Mapping[str, Any]) -> Event:
    told = event.get("result")
    if told is None:
        return Event(event.get("text", ""), event.get("extras") or {})
    error = _error_of(told["error"]) if told.get("error") else None
    result = from_json(EngineResult, {**told, "error": error})
    return Event(event.get("text", ""), event.get("extras") or {}, result)
