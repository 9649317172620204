"""Many requests on one WebSocket: the protocol of `/v1/ws`, see docs/server.md.

A request is `{"id", "function", "params", "tenant_id"}`, an answer any number of messages `{"id", "status", "data"}` with the
status "streaming" and a last one with "complete", "cancelled" or "error" (and `error`: `{"code", "message"}`).
"""

from __future__ import annotations

import asyncio
import itertools
import json
import time
import weakref
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

from ._json import json_text
from ._mailbox import Mailbox
from ._network import Network
from ._waiting import Asyncio, Blocking, Waiting, run
from .errors import HearthError, error_of

LARGEST_MESSAGE = 64 << 20
"""Bytes that an answer's message may have: vectors of many texts, for example."""

_Messages = Mailbox["dict[str, Any]"]


def _websockets() -> Any:
    try:
        import websockets
    except ImportError as error:
        message = 'a socket needs websockets, which is not installed: pip install "hearth[socket]"'
        raise error_of("UNSUPPORTED", message) from error
    return websockets


class _Connection:
    """Of one socket, on the network's thread. It is opened by the first request."""

    def __init__(self, endpoint: str, api_key: str | None) -> None:
        self._library = _websockets()
        self._url = endpoint.rstrip("/").replace("http", "ws", 1) + "/v1/ws"
        self._headers = {} if api_key is None else {"Authorization": f"Bearer {api_key}"}
        self._answers: dict[int, _Messages] = {}
        self._opening = asyncio.Lock()
        self._socket: Any = None
        self._reading: asyncio.Task[None] | None = None

    async def request(self, id: int, message: Mapping[str, Any], answers: _Messages) -> None:
        self._answers[id] = answers
        try:
            await (await self._opened()).send(json_text(message))
        except HearthError as error:
            self._fail(error)
        except Exception as error:
            self._fail(error_of("NETWORK", f"{self._url} does not take the request: {error}"))

    async def ping(self) -> None:
        await (await (await self._opened()).ping())

    async def close(self) -> None:
        if self._socket is not None:
            await self._socket.close()
        self._fail(HearthError("DISPOSED", "the socket was closed"))

    async def _opened(self) -> Any:
        async with self._opening:
            if self._socket is None:
                # Its name since version 14.
                new = int(self._library.__version__.split(".")[0]) >= 14
                headers = {"additional_headers" if new else "extra_headers": self._headers}
                try:
                    self._socket = await self._library.connect(self._url, max_size=LARGEST_MESSAGE, **headers)
                except (OSError, self._library.WebSocketException) as error:
                    raise error_of("NETWORK", f"{self._url} cannot be opened: {error}") from error
                self._reading = asyncio.ensure_future(self._read(self._socket))
            return self._socket

    async def _read(self, socket: Any) -> None:
        why = "the server closed it"
        try:
            async for text in socket:
                message = json.loads(text)
                answers = self._answers.get(message.get("id"))
                if answers is not None:
                    if message["status"] != "streaming":
                        del self._answers[message["id"]]
                    answers.deliver(message)
        except Exception as error:
            why = str(error)
        finally:
            self._socket = None  # the next request opens another
            self._fail(error_of("NETWORK", f"the connection to {self._url} ended: {why}"))

    def _fail(self, error: HearthError) -> None:
        """All that wait."""
        told = {"status": "error", "error": {"code": error.code, "message": error.message}}
        answers, self._answers = self._answers, {}
        for each in answers.values():
            each.deliver(told)


class AsyncSocketAnswer:
    """An answer as it comes: iterated, the data of what streams; `await answer.result`, the data of its end."""

    def __init__(self, socket: AsyncHearthSocket, id: int, timeout: float | None) -> None:
        self.id = id
        self._socket = socket
        self._deadline = None if timeout is None else time.monotonic() + timeout
        self._messages: _Messages = Mailbox()
        self._last: dict[str, Any] | None = None

    async def __aiter__(self) -> AsyncIterator[Any]:
        while (data := await self._next()) is not None:
            yield data

    @property
    def result(self) -> Any:
        """To be awaited. ABORTED where it was cancelled."""
        return self._result()

    async def cancel(self) -> None:
        """The server ends it, which its last message says."""
        await self._socket.call("cancel", {"id": self.id})

    async def _result(self) -> Any:
        while await self._next() is not None:
            pass
        assert self._last is not None
        if self._last["status"] == "cancelled":
            raise error_of("ABORTED", "aborted by the caller")
        return self._last.get("data")

    async def _next(self) -> Any:
        """Data that streams, or None at the end."""
        if self._last is None:
            message = await self._socket._wait(self._messages, self._deadline)
            if message["status"] == "streaming":
                return message["data"]
            self._last = message
        if self._last["status"] == "error":
            told = self._last["error"]
            raise error_of(
                told["code"],
                told["message"],
                {key: told[key] for key in ("param", "status", "retryAfter") if key in told},
            )
        return None


class AsyncHearthSocket:
    """Requests on one connection to a server, as many at once as are asked."""

    def __init__(
        self,
        endpoint: str,
        *,
        api_key: str | None = None,
        tenant_id: str | None = None,
        _waiting: Waiting | None = None,
    ) -> None:
        """`tenant_id`: for whom requests are made, where a key stands for many."""
        self._waiting: Waiting = _waiting or Asyncio()
        self._tenant = {} if tenant_id is None else {"tenant_id": tenant_id}
        self._ids = itertools.count(1)
        self._connection = _Connection(endpoint, api_key)
        self._network = Network()
        self._close = weakref.finalize(self, self._network.close, self._connection.close)

    async def __aenter__(self) -> AsyncHearthSocket:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def stream(
        self, function: str, params: Mapping[str, Any] | None = None, *, timeout: float | None = None
    ) -> AsyncSocketAnswer:
        """Asks, and gives what will come: of `generate` and `chat`, piece by piece."""
        answer = AsyncSocketAnswer(self, next(self._ids), timeout)
        message = {"id": answer.id, "function": function, "params": dict(params or {}), **self._tenant}
        self._network.submit(self._connection.request(answer.id, message, answer._messages))
        return answer

    async def call(
        self, function: str, params: Mapping[str, Any] | None = None, *, timeout: float | None = None
    ) -> Any:
        """The data of an answer's end: of `generate` and `chat` the whole, with its usage."""
        answer = self.stream(function, params, timeout=timeout)
        try:
            return await answer.result
        except BaseException:
            if answer._last is None:
                self.stream("cancel", {"id": answer.id})
            raise

    async def ping(self, timeout: float | None = None) -> float:
        """Seconds until the server has answered."""
        begin = time.monotonic()
        deadline = None if timeout is None else begin + timeout
        await self._waiting.result(self._network.submit(self._connection.ping()), deadline)
        return time.monotonic() - begin

    def close(self) -> None:
        """What still runs is cancelled by the server."""
        self._close()

    async def _wait(self, messages: _Messages, deadline: float | None) -> dict[str, Any]:
        return await self._waiting.result(messages.next(), deadline)


class SocketAnswer:
    """An answer as it comes: iterated, the data of what streams; `result`, the data of its end."""

    def __init__(self, answer: AsyncSocketAnswer) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[Any]:
        while (data := run(self._answer._next())) is not None:
            yield data

    @property
    def result(self) -> Any:
        """ABORTED where it was cancelled."""
        return run(self._answer._result())

    def cancel(self) -> None:
        """The server ends it, which its last message says."""
        run(self._answer.cancel())


class HearthSocket:
    """Requests on one connection to a server, as many at once as are asked, without `await`."""

    def __init__(self, endpoint: str, *, api_key: str | None = None, tenant_id: str | None = None) -> None:
        """`tenant_id`: for whom requests are made, where a key stands for many."""
        self._socket = AsyncHearthSocket(endpoint, api_key=api_key, tenant_id=tenant_id, _waiting=Blocking())

    def __enter__(self) -> HearthSocket:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def stream(
        self, function: str, params: Mapping[str, Any] | None = None, *, timeout: float | None = None
    ) -> SocketAnswer:
        """Asks, and gives what will come: of `generate` and `chat`, piece by piece."""
        return SocketAnswer(self._socket.stream(function, params, timeout=timeout))

    def call(
        self, function: str, params: Mapping[str, Any] | None = None, *, timeout: float | None = None
    ) -> Any:
        """The data of an answer's end: of `generate` and `chat` the whole, with its usage."""
        return run(self._socket.call(function, params, timeout=timeout))

    def ping(self, timeout: float | None = None) -> float:
        """Seconds until the server has answered."""
        return run(self._socket.ping(timeout))

    def close(self) -> None:
        """What still runs is cancelled by the server."""
        self._socket.close()
