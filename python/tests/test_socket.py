"""Requests on a WebSocket, against a server of the same library."""

from __future__ import annotations

import asyncio
import gc
import json
from collections.abc import Iterator
from typing import Any

import pytest

websockets = pytest.importorskip("websockets")

from hearth import AsyncHearthSocket, HearthError, HearthSocket  # noqa: E402
from hearth._network import Network  # noqa: E402

from conftest import threads, wait_for_threads  # noqa: E402

DETAILS = {"param": "function", "status": 400, "retryAfter": 1}


class SocketServer:
    """Answers `repeat` with its words, `wait` never, `refuse` with an error and `cancel` as it should."""

    def __init__(self) -> None:
        self.network = Network()
        self.messages: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.connections: list[Any] = []
        self.server = self.network.submit(self.serve()).result()
        port = self.server.sockets[0].getsockname()[1]
        self.endpoint = f"http://127.0.0.1:{port}"

    async def serve(self) -> Any:
        return await websockets.serve(self.connected, "127.0.0.1", 0)

    async def connected(self, connection: Any) -> None:
        headers = getattr(connection, "request_headers", None) or connection.request.headers
        self.keys.append(headers.get("Authorization"))
        self.connections.append(connection)
        waiting: list[int] = []
        async for text in connection:
            message = json.loads(text)
            self.messages.append(message)
            for answer in self.answers(message, waiting):
                await connection.send(json.dumps(answer))

    def answers(self, message: dict[str, Any], waiting: list[int]) -> Iterator[dict[str, Any]]:
        id, function, params = message["id"], message["function"], message["params"]
        if function == "wait":
            waiting.append(id)
            yield {"id": id, "status": "streaming", "data": {"text": "soon"}}
        elif function == "cancel":
            if params["id"] in waiting:
                yield {"id": params["id"], "status": "cancelled", "data": None}
            yield {"id": id, "status": "complete", "data": {"cancelled": params["id"] in waiting}}
        elif function == "repeat":
            for word in params["text"].split():
                yield {"id": id, "status": "streaming", "data": {"text": word}}
            yield {"id": id, "status": "complete", "data": {"text": params["text"]}}
        else:
            error = {"code": "INVALID_ARGUMENT", "message": f"there is no {function}", **DETAILS}
            yield {"id": id, "status": "error", "error": error}

    async def hang_up(self) -> None:
        for connection in self.connections:
            await connection.close()

    async def end(self) -> None:
        self.server.close()
        await self.server.wait_closed()


@pytest.fixture
def server() -> Iterator[SocketServer]:
    server = SocketServer()
    yield server
    server.network.close(server.end)


def test_answers_stream_and_end(server: SocketServer) -> None:
    with HearthSocket(server.endpoint, api_key="secret", tenant_id="acme") as socket:
        answer = socket.stream("repeat", {"text": "one two three"})
        assert [data["text"] for data in answer] == ["one", "two", "three"]
        assert answer.result == {"text": "one two three"}
        assert socket.call("repeat", {"text": "again"}) == {"text": "again"}
        assert 0 <= socket.ping(10) < 10
    assert server.keys == ["Bearer secret"]
    assert {message["tenant_id"] for message in server.messages} == {"acme"}


def test_many_requests_go_over_one_connection_at_once(server: SocketServer) -> None:
    with HearthSocket(server.endpoint) as socket:
        waiting = socket.stream("wait")
        answers = [socket.stream("repeat", {"text": f"number {index}"}) for index in range(20)]
        assert [answer.result["text"] for answer in reversed(answers)] == [
            f"number {index}" for index in reversed(range(20))
        ]
        assert next(iter(waiting)) == {"text": "soon"}
        waiting.cancel()
        with pytest.raises(HearthError) as raised:
            waiting.result
        assert raised.value.code == "ABORTED"
    assert len(server.connections) == 1


def test_what_the_server_refuses_is_raised(server: SocketServer) -> None:
    with HearthSocket(server.endpoint) as socket:
        with pytest.raises(ValueError, match="there is no nonsense") as raised:
            socket.call("nonsense")
        assert raised.value.details == DETAILS  # type: ignore[attr-defined]


def test_a_deadline_cancels_the_request(server: SocketServer) -> None:
    with HearthSocket(server.endpoint) as socket:
        with pytest.raises(TimeoutError):
            socket.call("wait", timeout=0.05)
        socket.ping(10)
    assert [message["function"] for message in server.messages] == ["wait", "cancel"]
    assert server.messages[1]["params"] == {"id": server.messages[0]["id"]}


def test_a_connection_that_ends_fails_what_waits_and_another_is_opened(server: SocketServer) -> None:
    with HearthSocket(server.endpoint) as socket:
        waiting = socket.stream("wait")
        next(iter(waiting))
        server.network.submit(server.hang_up()).result()
        with pytest.raises(ConnectionError, match="ended"):
            waiting.result
        assert socket.call("repeat", {"text": "again"}) == {"text": "again"}
    with pytest.raises(HearthError, match="closed"):
        socket.call("repeat", {"text": "again"})


def test_a_server_that_is_not_there_is_told() -> None:
    with HearthSocket("http://127.0.0.1:9") as socket, pytest.raises(
        ConnectionError, match="cannot be opened"
    ):
        socket.call("health")


def test_the_same_on_an_event_loop(server: SocketServer) -> None:
    async def ask() -> None:
        async with AsyncHearthSocket(server.endpoint) as socket:
            answer = socket.stream("repeat", {"text": "one two"})
            assert [data["text"] async for data in answer] == ["one", "two"]
            assert await answer.result == {"text": "one two"}
            task = asyncio.create_task(socket.call("wait"))
            await asyncio.sleep(0.05)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await socket.ping()

    asyncio.run(ask())
    assert server.messages[-1]["function"] == "cancel"


def test_a_socket_that_nobody_has_any_more_is_closed(server: SocketServer) -> None:
    gc.collect()
    before = threads("hearth-network")
    socket = HearthSocket(server.endpoint)
    socket.call("repeat", {"text": "once"})
    assert threads("hearth-network") == before + 1
    del socket
    gc.collect()
    wait_for_threads("hearth-network", before)
