"""A model behind `hearth serve`, by HTTP. One thread per server does all that is waited for on the network."""

from __future__ import annotations

import asyncio
import base64
import json
import weakref
from array import array
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from typing import Any

from ._engine import Engine, EngineResult, Event, Generation
from ._json import from_json
from ._network import Network
from ._replies import reply_value
from ._transport import Access, Transport, error_told
from ._types import LoadProgress, OnProgress, ServerModel
from .errors import HearthError, error_of

REPLIES = ("nothing", "json", "text", "bytes", "int32", "float32")
"""Names of hearth_reply_type."""


class Server:
    def __init__(self, access: Access) -> None:
        self.transport = Transport(access)
        self.network = Network()
        self.close = weakref.finalize(self, self.network.close, self.transport.close)

    def models(self) -> Future[list[ServerModel]]:
        return self.network.submit(self._models())

    async def _models(self) -> list[ServerModel]:
        listed = (await self.transport.get("/v1/models")).json()["data"]
        return [from_json(ServerModel, {"id": each["id"], **each.get("hearth", {})}) for each in listed]

    def load(self, name: str, options: Mapping[str, Any], on_progress: OnProgress | None) -> Future[Engine]:
        return self.network.submit(self._load(name, options, on_progress))

    async def _load(self, name: str, options: Mapping[str, Any], on_progress: OnProgress | None) -> Engine:
        """As a model of its own where it has options; otherwise the one that all share."""
        own = bool(options)
        asked: dict[str, Any] = {"model": name, **({"options": options} if own else {})}
        async for event in self.transport.events("/v1/hearth/load", asked):
            if "error" in event:
                raise error_told(event["error"])
            if "progress" in event and on_progress is not None:
                on_progress(from_json(LoadProgress, event["progress"]))
            if "model" in event:
                return ServerEngine(self, event["model"], own)
        raise error_of("NETWORK", f"the server ended its answer before '{name}' was loaded")


class ServerEngine:
    def __init__(self, server: Server, told: Mapping[str, Any], own: bool) -> None:
        self._server = server
        self._id = told["id"]
        self._own = own
        self._disposed = False
        self.info: dict[str, Any] = told["info"]
        self.memory: int = told.get("memory", 0)

    def call(self, name: str, arguments: Sequence[Any], data: bytes = b"") -> Future[Any]:
        return self._server.network.submit(self._call(name, arguments, data))

    async def _call(self, name: str, arguments: Sequence[Any], data: bytes) -> Any:
        body = {"model": self._id, "name": name, "arguments": list(arguments)}
        if data:
            body["data"] = base64.b64encode(data).decode()
        response = await self._server.transport.post("/v1/hearth/call", body)
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
            async for event in self._server.transport.events("/v1/hearth/generate", body):
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
            await self._server.transport.post("/v1/hearth/unload", {"model": self._id})


def _event_of(event: Mapping[str, Any]) -> Event:
    told = event.get("result")
    if told is None:
        return Event(event.get("text", ""), event.get("extras") or {})
    error = error_told(told["error"]) if told.get("error") else None
    result = from_json(EngineResult, {**told, "error": error})
    return Event(event.get("text", ""), event.get("extras") or {}, result)
