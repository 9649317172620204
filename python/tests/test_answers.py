"""Answers in this process: streams, tools, schemas, time limits, and what becomes of models that nobody has any more."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import subprocess
import sys
import threading
from typing import Any

import pytest

from hearth import AsyncHearth, FinishPart, Hearth, HearthError, Model, TextPart, ToolCallDelta

from conftest import MODEL, threads, wait_for_threads
from local_server import LocalServer

ENDLESS: Any = {"max_tokens": -1, "ignore_end": True, "keep_tokens": 8, "temperature": 0}
STORY: Any = {"prompt": "Tell me a story", "temperature": 0, "ignore_end": True}
SUM = "What is 3 plus 4?"
WEATHER: Any = {
    "description": "Tells the weather",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
ROME: Any = {"prompt": "What is the weather in Rome?", "temperature": 0, "max_tokens": 60}


def test_a_stream_is_read_in_every_way_from_the_beginning(model: Model) -> None:
    stream = model.stream_text(**STORY, max_tokens=20)
    pieces = list(stream.text_stream)
    parts = list(stream.full_stream)
    assert len(pieces) > 5
    assert (
        "".join(pieces)
        == stream.response
        == "".join(part.text for part in parts if isinstance(part, TextPart))
    )
    assert isinstance(parts[-1], FinishPart) and parts[-1].result == stream.result
    assert list(stream) == pieces


def test_abort_ends_a_stream_where_it_is(model: Model) -> None:
    stream = model.stream_text("Tell me a story", **ENDLESS)
    text = ""
    for piece in stream:
        text += piece
        if len(text) > 10:
            stream.abort()
    assert stream.response == text
    assert stream.result.finish_reason == "cancelled"
    left = model.stream_text("Tell me a story", **ENDLESS)
    for _ in left:
        break
    assert left.result.finish_reason == "cancelled"
    with model.stream_text("Tell me a story", **ENDLESS) as opened:
        next(iter(opened.text_stream))
    assert opened.result.finish_reason == "cancelled"


def test_abort_reaches_a_reader_on_another_thread(model: Model) -> None:
    stream = model.stream_text("Tell me a story", **ENDLESS)
    reader = threading.Thread(target=lambda: list(stream))
    reader.start()
    stream.abort()
    reader.join(30)
    assert not reader.is_alive()


def test_a_reader_that_does_not_keep_up_is_waited_for_and_misses_nothing(hearth: Hearth) -> None:
    model = hearth.load_model(MODEL, "long", threads=1, context_size=512, cache_positions=1536)
    stream = model.stream_text(**STORY, max_tokens=400)
    pieces = stream.text_stream
    text = next(pieces)
    model.generate_text(**{**STORY, "prompt": SUM}, max_tokens=450)  # as long as it would take to the end
    assert text + "".join(pieces) == model.generate_text(**STORY, max_tokens=400).text


def test_streams_of_one_model_go_on_side_by_side(model: Model) -> None:
    streams = [
        model.stream_text("Tell me a story", temperature=1, seed=seed, max_tokens=20) for seed in (7, 8, 7)
    ]
    texts = [stream.response for stream in streams]
    assert texts[0] == texts[2] != texts[1]


def test_a_deadline_ends_with_timeout(model: Model) -> None:
    with pytest.raises(TimeoutError) as raised:
        model.generate_text("Tell me a story", **ENDLESS, timeout=0.05)
    assert isinstance(raised.value, HearthError) and raised.value.code == "TIMEOUT"
    assert model.generate_text(SUM, temperature=0).text == "3 + 4 = 7."


def test_control_c_ends_an_answer_and_the_model_goes_on() -> None:
    script = f"""
import os, signal, threading
from hearth import Hearth
with Hearth() as hearth:
    model = hearth.load_model({MODEL!r}, threads=1)
    stream = model.stream_text("Tell me a story", **{ENDLESS!r})
    next(iter(stream.text_stream))
    threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
    try:
        stream.response
    except KeyboardInterrupt:
        print(stream.result.finish_reason, model.generate_text({SUM!r}, temperature=0).text)
"""
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, env=child()
    )
    assert (ended.stdout, ended.returncode) == ("cancelled 3 + 4 = 7.\n", 0), ended.stderr


def child() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


def test_the_interpreter_ends_while_an_answer_is_written() -> None:
    script = f"""
from hearth import Hearth
model = Hearth().load_model({MODEL!r}, threads=1)
stream = model.stream_text("Tell me a story", **{ENDLESS!r})
print(next(iter(stream.text_stream)))
"""
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, env=child()
    )
    assert (ended.returncode, ended.stderr) == (0, "") and ended.stdout


def test_a_model_that_nobody_has_any_more_gives_its_thread_back() -> None:
    gc.collect()
    before = threads("hearth")
    hearth = Hearth()
    model = hearth.load_model(MODEL, threads=1)
    stream = model.stream_text("Tell me a story", **ENDLESS)
    next(iter(stream.text_stream))
    assert threads("hearth") > before
    del hearth, model, stream
    gc.collect()
    wait_for_threads("hearth", before)


def test_a_fork_has_no_model(model: Model) -> None:
    child_process = os.fork()
    if child_process == 0:
        try:
            model.tokenize("Hello")
        except HearthError as error:
            os._exit(7 if "forked" in error.message else 1)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child_process, 0)[1]) == 7
    assert model.tokenize("Hello") == [875]


def test_tools_with_execute_are_run_and_the_model_answers_to_their_results(model: Model) -> None:
    asked: list[str] = []

    def weather(city: str) -> dict[str, str]:
        asked.append(city)
        return {"sky": "clear"}

    tools = {"weather": {**WEATHER, "execute": weather}}
    stream = model.stream_text(**ROME, tools=tools, max_steps=2)
    deltas = [part for part in stream.full_stream if isinstance(part, ToolCallDelta)]
    assert json.loads("".join(delta.arguments for delta in deltas if delta.index == 0)) == {"city": "Rome"}
    result = stream.result
    assert asked[0] == "Rome" and len(result.steps) == 2
    assert result.messages[1] == {
        "role": "tool",
        "content": '{"sky":"clear"}',
        "tool_call_id": "call00000",
        "name": "weather",
    }
    assert len(model.generate_text(**ROME, tools=tools).steps) == 1
    choices = model.generate_text(**ROME, tools=tools, max_steps=2, n=2).choices or []
    assert [choice.steps[0].tool_results[0].result for choice in choices] == [{"sky": "clear"}] * 2


def test_what_a_tool_raises_is_told_to_the_model(model: Model) -> None:
    def weather(city: str) -> str:
        raise RuntimeError("the sky is hidden")

    async def slowly(city: str) -> str:
        return "sunny"

    for execute, error in ((weather, "the sky is hidden"), (slowly, "AsyncHearth"), (lambda: "", "city")):
        (told,) = model.generate_text(**ROME, tools={"weather": {**WEATHER, "execute": execute}}).tool_results
        assert told.error is not None and error in told.error


def test_tools_on_an_event_loop_may_be_coroutines(model: Model) -> None:
    async def weather(city: str) -> str:
        await asyncio.sleep(0)
        return f"sunny in {city}"

    async def run() -> None:
        async with AsyncHearth() as hearth:
            loaded = await hearth.load_model(MODEL, threads=1)
            for execute in (weather, lambda city: f"sunny in {city}"):
                tools = {"weather": {**WEATHER, "execute": execute}}
                result = await loaded.generate_text(**ROME, tools=tools)
                assert result.tool_results[0].result == "sunny in Rome"

    asyncio.run(run())


def test_a_cancelled_task_ends_its_answer() -> None:
    async def run() -> None:
        async with AsyncHearth() as hearth:
            model = await hearth.load_model(MODEL, threads=1)
            task = asyncio.create_task(hearth.generate("Tell me a story", **ENDLESS))
            await asyncio.sleep(0.05)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert hearth.get_models()[0].active == 0
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(model.generate_text("Tell me a story", **ENDLESS), 0.05)
            async for _ in model.stream_text("Tell me a story", **ENDLESS):
                break
            assert (await model.generate_text(SUM, temperature=0)).text == "3 + 4 = 7."

    asyncio.run(run())


def test_a_schema_gives_a_value(model: Model) -> None:
    properties = {"warm": {"type": "boolean"}}
    schema = {"type": "object", "properties": properties, "required": ["warm"], "additionalProperties": False}
    result = model.generate_text("Is it warm?", json_schema=schema, temperature=0, max_tokens=40)
    assert isinstance(result.value["warm"], bool)
    assert model.generate_text("Is it warm?", json_schema=schema, max_tokens=2).value is None


def test_a_pydantic_model_is_a_schema_and_its_instance_the_value(model: Model) -> None:
    pydantic = pytest.importorskip("pydantic")

    class Person(pydantic.BaseModel):  # type: ignore[misc, name-defined]
        class Config:
            extra = "forbid"

        name: str = pydantic.Field(max_length=8)
        age: int = pydantic.Field(ge=0, le=99)

    result = model.generate_text("Who is it?", json_schema=Person, seed=3, max_tokens=60)
    assert isinstance(result.value, Person) and 0 <= result.value.age <= 99

    class Described:
        @staticmethod
        def model_json_schema() -> dict[str, Any]:
            return {"const": "as of version 2"}

        @staticmethod
        def model_validate_json(text: str) -> str:
            return f"validated {text}"

    assert model.generate_text("Who?", json_schema=Described).value == 'validated "as of version 2"'
    with pytest.raises(ValueError, match="no pydantic model"):
        model.generate_text("Who is it?", json_schema=int)


def test_a_disposed_model_while_it_writes_and_afterwards(hearth: Hearth) -> None:
    model = hearth.load_model(MODEL, threads=1)
    stream = model.stream_text("Tell me a story", **ENDLESS)
    next(iter(stream.text_stream))
    model.dispose()
    for work in (lambda: stream.response, lambda: model.tokenize("x"), lambda: model.generate_text(SUM)):
        with pytest.raises(HearthError) as raised:
            work()
        assert raised.value.code == "DISPOSED"
    assert not hearth.is_model_loaded(model.id)


class Sum:
    """As pydantic 2 has its models."""

    def __init__(self, n: int) -> None:
        self.n = n

    @classmethod
    def model_json_schema(cls) -> dict[str, Any]:
        properties = {"n": {"$ref": "#/$defs/Number"}}
        number = {"const": 7, "title": "Number"}
        return {
            "$defs": {"Number": number},
            "type": "object",
            "properties": properties,
            "required": ["n"],
            "additionalProperties": False,
        }

    @classmethod
    def model_validate_json(cls, text: str) -> Sum:
        return cls(**json.loads(text))


def test_a_class_that_describes_itself_is_a_schema_and_gets_what_is_said(model: Model) -> None:
    told = model.generate_text(SUM, json_schema=Sum, temperature=0).value
    assert isinstance(told, Sum) and told.n == 7


def test_many_embeddings_are_told_as_they_come(model: Model) -> None:
    texts = [f"{index}: " + "a story about this " * 20 for index in range(45)]
    told: list[int] = []
    vectors = model.embed(texts, on_progress=lambda done, total: told.append(done))
    assert len(vectors) == 45 and len(told) > 1 and told[-1] == 45
    assert model.embed(texts[44]) == vectors[44]
    with pytest.raises(HearthError, match="text 46 of 46: "):
        model.embed([*texts, "a b " * model.info.context_size])


def test_tokens_are_embedded_as_they_are(server: LocalServer, model: Model) -> None:
    tokens = [model.tokenize(text) for text in ("one", "two")]
    whole = model.embed(["one", "two"])
    with Hearth(mode="server", endpoint=server.endpoint) as hearth:
        for asked in (model, hearth.load_model(MODEL)):
            assert asked.embed(tokens) == asked.embed([tokens[0], tuple(tokens[1])])
            one, other = asked.embed(["one", tokens[1]])
            assert one == whole[0] and other == asked.embed(tokens)[1]
            assert asked.embed([list(range(300, 310))] * 3) != whole
            for wrong in ([1, 2], [[1, -1]], [[1.5]], [b"x"]):
                with pytest.raises(ValueError, match="text must be a "):
                    asked.embed(wrong)  # type: ignore[call-overload]


def test_an_array_of_embeddings_needs_numpy(model: Model) -> None:
    try:
        import numpy
    except ImportError:
        with pytest.raises(HearthError, match="pip install numpy"):
            model.embed_array(["a", "b"])
    else:
        assert numpy.array_equal(model.embed_array(["a", "b"]), numpy.float32(model.embed(["a", "b"])))


def test_errors_are_the_kinds_that_python_has_a_habit_for(hearth: Hearth, tmp_path: Any) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_text("no model")
    for source, code, kind in (
        (tmp_path / "missing", "NOT_FOUND", LookupError),
        (broken, "INVALID_MODEL", HearthError),
    ):
        with pytest.raises(kind) as raised:
            hearth.load_model(source)
        assert raised.value.code == code and str(raised.value).startswith(code)


def test_a_model_is_loaded_from_bytes_with_progress(hearth: Hearth) -> None:
    with open(MODEL, "rb") as file:
        whole = file.read()
    stages: list[str] = []
    model = hearth.load_model(whole, threads=1, on_progress=lambda progress: stages.append(progress.stage))
    assert model.id == "model" and stages[0] == "parse" and stages[-1] == "ready"
    assert model.generate_text(SUM, temperature=0).text == "3 + 4 = 7."

    def refuse(progress: object) -> None:
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        hearth.load_model(MODEL, on_progress=refuse)


def test_signals_are_left_as_they_were() -> None:
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
