"""This package's clients and `hearth serve`."""

from __future__ import annotations

import pytest

from hearth import Hearth, HearthError, HearthSocket


def test_the_models_of_a_server_are_told(hearth_serve: str) -> None:
    with Hearth(mode="server", endpoint=f"{hearth_serve}/v1") as hearth:
        names = {model.id for model in hearth.server_models()}
        assert {"hearth-spark", "thinking"} <= names
        hearth.load_model("hearth-spark")
        (loaded,) = [model for model in hearth.server_models() if model.id == "hearth-spark"]
        assert loaded.loaded and loaded.memory
        with pytest.raises(LookupError, match="nobody"):
            hearth.load_model("nobody")
    with Hearth() as local, pytest.raises(HearthError, match="only a Hearth with"):
        local.server_models()


def test_an_answer_that_nobody_reads_on_frees_its_model(hearth_serve: str) -> None:
    with Hearth(mode="server", endpoint=hearth_serve) as hearth:
        # It has one place only: the second answer has to wait for the first one's end.
        model = hearth.load_model("hearth-spark", max_sequences=1)
        with model.stream_text("Tell me a story", max_tokens=-1, ignore_end=True, keep_tokens=8) as stream:
            next(stream.text_stream)
        assert model.generate_text("What is 3 plus 4?", temperature=0, timeout=60).text == "3 + 4 = 7."


def test_a_websocket_answers_streams_and_cancels(hearth_serve: str) -> None:
    pytest.importorskip("websockets")
    with HearthSocket(hearth_serve, tenant_id="acme") as socket:
        asked = {"model": "hearth-spark", "prompt": "What is 3 plus 4?", "temperature": 0}
        answer = socket.stream("generate", asked)
        pieces = [data["text"] for data in answer]
        assert len(pieces) > 1 and "".join(pieces) == answer.result["text"] == "3 + 4 = 7."
        assert answer.result["finishReason"] == "stop"
        assert socket.call("tokenize", {"model": "hearth-spark", "text": "Hello"})["tokens"] == [875]
        vectors = socket.call("embed", {"model": "hearth-spark", "texts": ["a", "b"]})["embeddings"]
        assert len(vectors) == 2
        endless = socket.stream("generate", {**asked, "maxTokens": -1, "ignoreEnd": True, "keepTokens": 8})
        next(iter(endless))
        endless.cancel()
        with pytest.raises(HearthError, match="ABORTED"):
            endless.result
        with pytest.raises(HearthError) as raised:
            socket.call("execute_pipeline")
        assert raised.value.code == "INVALID_ARGUMENT"
        assert socket.ping(60) >= 0
