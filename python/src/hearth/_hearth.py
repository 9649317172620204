"""Several models under their names, in this process or behind a server, as coroutines."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from ._engine import Engine
from ._json import engine_options
from ._engine_thread import Source, settle
from ._local_engine import LocalEngine
from ._model import AsyncModel
from ._option import FUNCTION, SECONDS, TEXT, Option, check_options
from ._option_table import LOAD_OPTIONS, LoadOptions
from ._registry import NO_LIMIT, Registry
from ._repository import fetch_from_repository
from ._stream import AsyncStreamedText
from ._types import GenerateOptions, GenerateResult, ModelEntry, OnProgress, ServerModel
from ._waiting import Asyncio, Waiting
from .errors import error_of, invalid

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from . import _server_engine

_OPTIONS = {
    "mode": Option("name", names=("local", "server")),
    "endpoint": Option("some text"),
    "api_key": Option("some text"),
    "headers": Option("object"),
    "timeout": Option("number", least=0.001),
    "max_retries": Option("integer", least=0, most=100),
    "default_model": TEXT,
    "memory_budget": Option("number", least=0),
}


class AsyncHearth:
    """Models under their names. `mode="local"`: they run in this process. `mode="server"`: behind the `hearth serve` at
    `endpoint`.
    """

    def __init__(
        self,
        mode: Literal["local", "server"] = "local",
        *,
        endpoint: str | None = None,
        api_key: str | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        max_retries: int | None = None,
        default_model: str | None = None,
        memory_budget: int | None = None,
        _waiting: Waiting | None = None,
    ) -> None:
        """`default_model`: the id of the model that answers where a request names none; default: the first that is
        loaded. `memory_budget`: bytes that models may take together (weights, keys and values). Idle ones, the least
        recently used first, are unloaded for a new one. Default: no limit. A server has a budget of its own.

        With `mode="server"`: `headers` are sent with every request, beside `api_key`. `timeout`: seconds that the server
        may be silent while it owes an answer, 600 by default; then TIMEOUT. `max_retries`: how often a request is sent
        again that the server had no place for (429, 503) or that did not reach it, 2 by default.
        """
        asking: dict[str, Any] = {
            "api_key": api_key,
            "headers": headers,
            "timeout": timeout,
            "max_retries": max_retries,
        }
        given: dict[str, Any] = {"mode": mode, "endpoint": endpoint, **asking}
        check_options({**given, "default_model": default_model, "memory_budget": memory_budget}, _OPTIONS)
        if (mode == "server") != (endpoint is not None):
            raise invalid('an endpoint goes with mode="server", and mode="server" with an endpoint')
        chosen = {name: value for name, value in asking.items() if value is not None}
        if endpoint is None and chosen:
            raise invalid(f'{next(iter(chosen))} goes with mode="server"')
        self._server = None if endpoint is None else _server_at(endpoint, chosen)
        self._waiting: Waiting = _waiting or Asyncio()
        self._registry = Registry(int(memory_budget or NO_LIMIT), default_model)
        self._models: dict[str, AsyncModel] = {}
        self._loading: dict[str, Future[AsyncModel]] = {}
        self._lock = threading.Lock()

    async def __aenter__(self) -> AsyncHearth:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.dispose()

    async def load_model(
        self,
        source: Source,
        id: str | None = None,
        *,
        on_progress: OnProgress | None = None,
        timeout: float | None = None,
        **options: Unpack[LoadOptions],
    ) -> AsyncModel:
        """Loads a model under `id`, by default its file's name: a GGUF file by its path, as bytes or by an hf: name,
        which is downloaded once; behind a server a model of its registry by name. One that is loaded already, or loading, is not loaded again. `on_progress` is
        called on a thread of the engine."""
        check_options({"on_progress": on_progress, "timeout": timeout, **options}, LOAD_OPTIONS, _LOADING)
        name = id or _name_of(source)
        with self._lock:
            if name in self._models:
                return self._models[name]
            loading = self._loading.get(name)
            ours: Future[AsyncModel] = Future()
            ours.set_running_or_notify_cancel()  # who only waits for it, may give up, but not end it
            if loading is None:
                self._loading[name] = ours
        if loading is not None:
            return await self._waiting.result(loading, _deadline(timeout))
        try:
            engine = await self._open(source, engine_options(options), on_progress, timeout)
            model = await self._admit(name, AsyncModel(engine, name, self._waiting))
        except BaseException as error:
            aborted = error_of("ABORTED", f"who loads '{name}' has given up")
            ours.set_exception(error if isinstance(error, Exception) else aborted)
            raise
        else:
            ours.set_result(model)
            return model
        finally:
            with self._lock:
                self._loading.pop(name, None)

    async def _fetch(
        self, name: str, options: Mapping[str, Any], on_progress: OnProgress | None, timeout: float | None
    ) -> str:
        """The path of what an hf: name stands for. Whoever gives up ends the download, which goes on the next time."""
        stop = threading.Event()
        fetched: Future[str] = Future()
        limit = options.get("memoryLimit")
        work = partial(fetch_from_repository, name, limit, on_progress, stop)
        threading.Thread(target=settle, args=(fetched, work), name="hearth-fetch", daemon=True).start()
        try:
            return await self._waiting.result(fetched, _deadline(timeout))
        finally:
            stop.set()

    async def _open(
        self,
        source: Source,
        options: Mapping[str, Any],
        on_progress: OnProgress | None,
        timeout: float | None,
    ) -> Engine:
        if self._server is not None:
            if not isinstance(source, str):
                raise invalid("a server loads models by name: give a string")
            loading = self._server.load(source, options, on_progress)
            return await self._waiting.result(loading, _deadline(timeout))
        if not isinstance(source, (str, bytes, os.PathLike)):
            raise invalid("a model is a GGUF file: its path, its bytes, or an hf: name")
        if isinstance(source, str) and source.startswith("hf:"):
            source = await self._fetch(source, options, on_progress, timeout)
        engine = LocalEngine(source, options, on_progress)
        try:
            await self._waiting.result(engine.loaded, _deadline(timeout))
        except BaseException:
            engine.dispose()
            raise
        engine.begin()
        return engine

    async def _admit(self, name: str, model: AsyncModel) -> AsyncModel:
        try:
            with self._lock:
                unloaded = self._registry.add(name, model._engine.memory)
                leaving = [self._models.pop(other) for other in unloaded]
                self._models[name] = model
        except BaseException:
            await model.dispose()
            raise
        model.on_dispose = lambda: self._forget(name, model)
        for other in leaving:
            await other.dispose()
        return model

    async def unload_model(self, id: str) -> None:
        """Requests that it works on end with DISPOSED."""
        with self._lock:
            self._registry.remove(id)
            model = self._models.pop(id)
        await model.dispose()

    def _forget(self, name: str, model: AsyncModel) -> None:
        """A model that was disposed, unless it has been unloaded before."""
        with self._lock:
            if self._models.get(name) is model:
                del self._models[name]
                self._registry.remove(name)

    def get_models(self) -> list[ModelEntry]:
        """Those that are loaded."""
        with self._lock:
            told = self._registry.state()["models"]
            return [ModelEntry(info=self._models[each["id"]].info, **each) for each in told]

    async def server_models(self) -> list[ServerModel]:
        """What the server can answer with. UNSUPPORTED where models run here."""
        if self._server is None:
            message = 'only a Hearth with mode="server" asks a server; get_models tells what is loaded'
            raise error_of("UNSUPPORTED", message)
        return await self._waiting.result(self._server.models())

    def use_model(self, id: str) -> None:
        """Makes a loaded model the one that answers where a request names none."""
        self._registry.use(id)

    def get_current_model(self) -> AsyncModel | None:
        return self._models.get(self._registry.state()["current"])

    def is_model_loaded(self, id: str) -> bool:
        return id in self._models

    async def generate(
        self,
        prompt: str | None = None,
        *,
        model: str | None = None,
        n: int | None = None,
        **options: Unpack[GenerateOptions],
    ) -> GenerateResult:
        """One answer, whole, of the model of that id or the current one: as `generate_text` of a model."""
        chosen, end = self._begin(model)
        try:
            return await chosen.generate_text(prompt, n=n, **options)
        finally:
            end()

    def stream(
        self,
        prompt: str | None = None,
        *,
        model: str | None = None,
        **options: Unpack[GenerateOptions],
    ) -> AsyncStreamedText:
        """One answer as it is written: as `stream_text` of a model."""
        chosen, end = self._begin(model)
        try:
            stream = chosen.stream_text(prompt, **options)
        except BaseException:
            end()
            raise
        stream.on_end = end
        return stream

    def _begin(self, model: str | None) -> tuple[AsyncModel, Callable[[], None]]:
        with self._lock:
            request, name = self._registry.begin(model)
            return self._models[name], lambda: self._registry.end(request)

    async def dispose(self) -> None:
        """Unloads all models, and lets go of the server."""
        for loading in list(self._loading.values()):
            try:
                await self._waiting.result(loading)
            except Exception:  # whoever loads it hears of it
                continue
        for name in list(self._models):
            await self.unload_model(name)
        if self._server is not None:
            self._server.close()


def _server_at(endpoint: str, options: Mapping[str, Any]) -> _server_engine.Server:
    if not endpoint.startswith(("http://", "https://")):
        raise invalid(f"endpoint must be an address that begins with http:// or https://, not '{endpoint}'")
    from ._server_engine import Server
    from ._transport import Access

    return Server(Access(endpoint, **options))


_LOADING = {"on_progress": FUNCTION, "timeout": SECONDS}


def _name_of(source: Source) -> str:
    return "model" if isinstance(source, bytes) else os.fspath(source).rsplit("/", 1)[-1]


def _deadline(timeout: float | None) -> float | None:
    return None if timeout is None else time.monotonic() + timeout
