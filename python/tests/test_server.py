"""The client of a server: keys, room, connections that end."""

from __future__ import annotations

import asyncio
import gc
import time
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any

import pytest

from hearth import AsyncHearth, Hearth, HearthError, Model, _transport

from conftest import MODEL, threads, wait_for_threads
from local_server import LocalServer

ENDLESS: Any = {"max_tokens": -1, "ignore_end": True, "keep_tokens": 8, "temperature": 0}
SUM = "What is 3 plus 4?"


@pytest.fixture
def remote(server: LocalServer) -> Model:
    return Hearth(mode="server", endpoint=server.endpoint).load_model(MODEL)


def test_a_key_is_sent_and_its_lack_is_told() -> None:
    server = LocalServer(api_key="secret")
    with Hearth(mode="server", endpoint=server.endpoint, api_key="secret") as hearth:
        assert hearth.load_model(MODEL).generate_text(SUM, temperature=0).text == "3 + 4 = 7."
    with Hearth(mode="server", endpoint=server.endpoint) as hearth:
        with pytest.raises(HearthError, match="this key is none") as raised:
            hearth.load_model(MODEL)
    assert raised.value.code == "SERVER"
    assert raised.value.details["status"] == 401
    assert raised.value.details["type"] == "authentication_error"
    server.close()


def test_what_finds_no_room_is_tried_again(server: LocalServer, remote: Model) -> None:
    server.refusals = [(503, {"Retry-After": "0"}), (429, {"Retry-After": "0.01"})]
    assert remote.generate_text(SUM, temperature=0).text == "3 + 4 = 7."
    server.refusals = [(503, {"Retry-After": "0"})] * 3
    with pytest.raises(HearthError, match="there is no room") as raised:
        remote.tokenize("Hello")
    assert raised.value.details["status"] == 503
    assert server.refusals == []
    asked = len(server.asked)
    server.refusals = [(500, {})]
    with pytest.raises(HearthError):
        remote.tokenize("Hello")
    assert len(server.asked) == asked + 1, "what is no lack of room is not tried again"


def test_a_pause_grows_where_the_server_says_none(
    server: LocalServer, remote: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_transport, "FIRST_PAUSE", 0.02)
    server.refusals = [(503, {}), (429, {})]
    begin = time.monotonic()
    assert remote.tokenize("Hello") == [875]
    assert time.monotonic() - begin >= 0.045, "three quarters of 0.02 and of 0.04"


def test_a_server_that_wants_to_be_left_alone_is(server: LocalServer, remote: Model) -> None:
    past = "Sun, 06 Nov 1994 08:49:37 GMT"
    server.refusals = [(503, {"Retry-After": past})]
    assert remote.tokenize("Hello") == [875]
    later = format_datetime(datetime.now(timezone.utc) + timedelta(hours=1), usegmt=True)
    for long in ("3600", later):
        asked = len(server.asked)
        server.refusals = [(429, {"Retry-After": long, "X-Request-Id": "req_1"})]
        with pytest.raises(HearthError) as raised:
            remote.tokenize("Hello")
        assert 3500 < raised.value.details["retry_after"] <= 3600
        assert raised.value.details["request_id"] == "req_1"
        assert len(server.asked) == asked + 1


def test_how_often_is_tried_again_is_up_to_the_user(server: LocalServer) -> None:
    with Hearth(mode="server", endpoint=server.endpoint, max_retries=0) as hearth:
        server.refusals = [(503, {"Retry-After": "0"})]
        with pytest.raises(HearthError, match="there is no room"):
            hearth.load_model(MODEL)

    async def patient() -> None:
        async with AsyncHearth(mode="server", endpoint=server.endpoint, max_retries=5) as hearth:
            server.refusals = [(503, {"Retry-After": "0"})] * 5
            await hearth.load_model(MODEL)

    asyncio.run(patient())


def test_headers_go_with_every_request_and_a_key_counts_before_them(server: LocalServer) -> None:
    headers = {"X-Team": "blue", "authorization": "Basic eA=="}
    with Hearth(mode="server", endpoint=server.endpoint, headers=headers) as hearth:
        hearth.load_model(MODEL).tokenize("Hello")
    assert (server.headers["X-Team"], server.headers["authorization"]) == ("blue", "Basic eA==")
    with Hearth(mode="server", endpoint=server.endpoint, api_key="k", headers=headers) as hearth:
        hearth.load_model(MODEL)
    assert (server.headers["X-Team"], server.headers["Authorization"]) == ("blue", "Bearer k")


def test_options_that_cannot_be_are_refused_without_telling_the_key() -> None:
    at: Any = {"mode": "server", "endpoint": "http://127.0.0.1:9"}
    for wrong in (
        {"headers": {"a b": "c"}},
        {"headers": {"a": "b\n"}},
        {"headers": {"a": 1}},
        {"timeout": 0},
        {"max_retries": -1},
        {"max_retries": 1.5},
    ):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            Hearth(**at, **wrong)
    with pytest.raises(ValueError) as raised:
        Hearth(**at, api_key="secret\n")
    assert "secret" not in str(raised.value)
    with pytest.raises(ValueError, match='max_retries goes with mode="server"'):
        Hearth(max_retries=1)


def test_a_silent_server_is_given_up(server: LocalServer) -> None:
    server.heard.clear()
    with Hearth(mode="server", endpoint=server.endpoint, timeout=0.2) as hearth:
        with pytest.raises(TimeoutError, match="has said nothing for 0.2 seconds") as raised:
            hearth.load_model(MODEL)
    assert raised.value.details["url"].endswith("/v1/hearth/load")
    assert len(server.asked) == 1, "who has heard it is not asked again"
    server.heard.set()


def test_an_aborted_answer_ends_at_the_server(server: LocalServer, remote: Model) -> None:
    stream = remote.stream_text("Tell me a story", **ENDLESS)
    text = ""
    for piece in stream:
        text += piece
        if len(text) > 10:
            break
    assert stream.result.finish_reason == "cancelled" and stream.response == text
    assert server.generating.acquire(timeout=30), "the server hears of it"
    late = remote.stream_text("Tell me a story", **ENDLESS, timeout=3600)
    next(late.text_stream)
    late._stream._deadline = time.monotonic()
    with pytest.raises(TimeoutError):
        late.response
    assert server.generating.acquire(timeout=30), "of a deadline, too"


def test_a_server_that_vanishes_is_told(
    server: LocalServer, remote: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_transport, "FIRST_PAUSE", 0.01)
    server.hang_up_after = 2
    with pytest.raises(ConnectionError, match="in the middle"):
        remote.generate_text("Tell me a story", **ENDLESS)
    with Hearth(mode="server", endpoint="http://127.0.0.1:9") as nowhere:
        with pytest.raises(ConnectionError, match="cannot be reached"):
            nowhere.load_model("x")


def test_models_of_its_own_are_unloaded_others_stay(server: LocalServer) -> None:
    with Hearth(mode="server", endpoint=server.endpoint) as hearth:
        hearth.load_model(MODEL)
        own = hearth.load_model(MODEL, "own", context_size=128)
        assert own.info.context_size == 128
        assert set(server.engines) == {MODEL, f"{MODEL}@own"}
        hearth.unload_model("own")
        assert set(server.engines) == {MODEL}
    assert set(server.engines) == {MODEL}


def test_loading_tells_progress_and_what_fails(server: LocalServer) -> None:
    stages: list[str] = []
    with Hearth(mode="server", endpoint=server.endpoint) as hearth:
        hearth.load_model(MODEL, on_progress=lambda progress: stages.append(progress.stage))
        assert stages[-1] == "ready"
        with pytest.raises(LookupError, match="missing"):
            hearth.load_model("/missing.gguf")
        with pytest.raises(ValueError, match="by name"):
            hearth.load_model(b"bytes")


def test_a_hearth_that_nobody_has_any_more_lets_go_of_the_server(server: LocalServer) -> None:
    with Hearth(mode="server", endpoint=server.endpoint) as first:
        first.load_model(MODEL)
    gc.collect()
    before = threads("hearth-network")
    hearth = Hearth(mode="server", endpoint=server.endpoint)
    model = hearth.load_model(MODEL)
    stream = model.stream_text("Tell me a story", **ENDLESS)
    next(stream.text_stream)
    assert threads("hearth-network") == before + 1
    del hearth, model, stream
    gc.collect()
    wait_for_threads("hearth-network", before)
    assert server.generating.acquire(timeout=30), "and of the answer"
