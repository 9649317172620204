"""Workflows: what hosts them in Python, on the bundled model and without one."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from conftest import MODEL, ROOT, wait_for_threads
from hearth import (
    AsyncHearth,
    FolderStore,
    Hearth,
    HearthError,
    InvalidArgumentError,
    Model,
    draw_yaml,
    execute_yaml,
    execute_yaml_async,
    stream_yaml,
    validate_yaml,
)

CASES: list[dict[str, Any]] = json.loads(
    (ROOT / "packages/core/conformance/workflow_cases.json").read_text(encoding="utf-8")
)["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_what_workflows_do_on_every_host(case: dict[str, Any], model: Model) -> None:
    """packages/core/conformance/workflow_cases.json says what a case may have."""
    files = {path: lines_of(lines) for path, lines in case.get("files", {}).items()}
    events: list[str] = []
    given = {name: (lambda value=value, **_: value) for name, value in case.get("functions", {}).items()}

    def note(event: dict[str, Any]) -> None:
        if event["event"] != "token":
            events.append(f"{event['event']} {event['node']}" if "node" in event else event["event"])

    options: dict[str, Any] = {"functions": given, "read_file": files.__getitem__, "on_event": note}
    if case.get("model"):
        options["model"] = model
    yaml = lines_of(case["yaml"])
    if "error" in case:
        with pytest.raises(HearthError) as error:
            execute_yaml(yaml, case.get("input"), **options)
        assert error.value.code == case["error"]
        assert all(said in error.value.message for said in case.get("says", []))
    else:
        result = execute_yaml(yaml, case.get("input"), **options)
        if "resume" in case:
            assert result.status == "interrupted"
            events.clear()
            result = execute_yaml(yaml, checkpoint=result.checkpoint, changes=case["resume"], **options)
        assert result.status == "done"
        for name in {"output", "state"} & set(case):
            assert getattr(result, name) == case[name]
        assert not case.get("model") or result.usage.calls > 0
    if "events" in case:
        assert events == case["events"]
    if "faults" in case:
        found = [[fault["line"], fault["column"], fault["rule"]] for fault in validate_yaml(yaml, given)]
        assert found == case["faults"]


def lines_of(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"


ASK = """
nodes:
  - name: ask
    uses: llm.chat
    with: {prompt: "{{ state.question }}", max_tokens: 20, temperature: 0}
    output: {answer: content, tokens: usage.completion_tokens}
outputs:
  answer: "{{ state.answer }}"
"""

TWO_ASKS = """
nodes:
  - {name: first, uses: llm.chat, with: {prompt: "Tell me a story", max_tokens: 60, temperature: 0}, output: {a: content}}
  - {name: second, uses: llm.chat, with: {prompt: "What is 2+2?", max_tokens: 60, temperature: 0}, output: {b: content}}
  - {name: both}
edges:
  - {from: __start__, to: [first, second]}
  - {from: [first, second], to: both}
settings: {parallel: {merge_strategy: merge_deep}}
"""


def test_a_model_answers(model: Model) -> None:
    result = execute_yaml(ASK, {"question": "What is 2+2?"}, model=model)
    assert result.status == "done"
    assert result.output == {"answer": model.generate_text("What is 2+2?", max_tokens=20, temperature=0).text}
    assert result.usage.calls == 1
    assert result.state["tokens"] == result.usage.completion_tokens > 0


def test_models_go_by_the_names_of_a_hearth(hearth: Hearth) -> None:
    hearth.load_model(MODEL, "spark")
    named = ASK.replace("prompt:", "model: spark, prompt:")
    assert execute_yaml(named, {"question": "Hi"}, model=hearth).output["answer"]
    with pytest.raises(HearthError, match="small"):
        execute_yaml(named.replace("spark", "small"), {"question": "Hi"}, model=hearth)


def test_events_come_as_they_happen_with_the_text_of_answers(model: Model) -> None:
    run = stream_yaml(ASK, {"question": "What is 2+2?"}, model=model)
    events = list(run)
    kinds = [event["event"] for event in events]
    assert kinds[:2] == ["run_started", "node_started"] and kinds[-2:] == ["node_finished", "done"]
    text = "".join(event["text"] for event in events if event["event"] == "token")
    assert run.result.output == {"answer": text}


def test_branches_are_answered_side_by_side(model: Model) -> None:
    tokens = [event["node"] for event in stream_yaml(TWO_ASKS, model=model) if event["event"] == "token"]
    first_of_second = tokens.index("second")
    assert "first" in tokens[first_of_second:], "the second answer began while the first was being written"


def test_leaving_the_loop_ends_the_run_and_its_answer(model: Model) -> None:
    story = ASK.replace("max_tokens: 20", "max_tokens: 2000, ignore_end: true")
    for event in stream_yaml(story, {"question": "Tell me a story"}, model=model):
        if event["event"] == "token":
            break
    wait_for_threads("hearth workflow", 0)
    assert model.generate_text("Hi", max_tokens=1, timeout=60).text is not None


def test_an_aborted_run_says_so(model: Model) -> None:
    run = stream_yaml(ASK.replace("20", "2000"), {"question": "Tell me a story"}, model=model)
    run.abort()
    with pytest.raises(HearthError) as error:
        run.result
    assert error.value.code == "ABORTED"


def test_functions_get_their_parameters_and_may_be_coroutines() -> None:
    async def later(x: int) -> int:
        await asyncio.sleep(0)
        return x + 1

    nodes = """
nodes:
  - {name: double, uses: double, with: {x: "{{ state.x }}"}, output: y}
  - {name: later, uses: later, with: {x: "{{ state.y }}"}, output: z}
"""
    result = execute_yaml(nodes, {"x": 4}, functions={"double": lambda x: 2 * x, "later": later})
    assert result.state == {"x": 4, "y": 8, "z": 9}


def test_what_a_function_raises_is_the_failure_of_its_node() -> None:
    def fails() -> None:
        raise LookupError("no such customer")

    with pytest.raises(HearthError, match="node 'ask' .*LookupError: no such customer"):
        execute_yaml("nodes:\n  - {name: ask, uses: fails}\n", functions={"fails": fails})
    with pytest.raises(HearthError, match="no JSON"):
        execute_yaml("nodes:\n  - {name: ask, uses: gives}\n", functions={"gives": lambda: object()})


def test_faults_are_told_all_at_once_with_their_places() -> None:
    wrong = "nodes:\n  - {name: a, uses: no.such}\n  - {name: a, colour: red}\n"
    faults = validate_yaml(wrong)
    assert {(fault["line"], fault["severity"]) for fault in faults} >= {
        (2, "unsupported"),
        (3, "error"),
    }
    with pytest.raises(InvalidArgumentError) as error:
        execute_yaml(wrong)
    assert error.value.details["faults"] == faults
    assert str(error.value).count("workflow.yaml:") == len(faults)


def test_what_is_no_yaml_is_told_with_its_place() -> None:
    with pytest.raises(InvalidArgumentError, match=r"workflow.yaml:2:\d+: "):
        execute_yaml("nodes:\n  - {name: [}\n")
    with pytest.raises(InvalidArgumentError, match="several documents"):
        validate_yaml("a: 1\n---\nb: 2\n")
    with pytest.raises(InvalidArgumentError, match="nested"):
        validate_yaml("[" * 5000)


def test_a_file_calls_others_from_its_folder(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "main.yaml").write_text("nodes:\n  - {name: part, subgraph: parts/one.yaml, output: part}\n")
    (tmp_path / "parts/one.yaml").write_text("nodes:\n  - {name: set, uses: state.set, with: {one: 1}}\n")
    assert execute_yaml(tmp_path / "main.yaml").state["part"] == {"one": 1}
    with pytest.raises(HearthError, match="main.yaml:2:.*no-such.yaml"):
        (tmp_path / "main.yaml").write_text("nodes:\n  - {name: part, subgraph: no-such.yaml}\n")
        execute_yaml(tmp_path / "main.yaml")
    with pytest.raises(HearthError, match="has no folder"):
        execute_yaml("nodes:\n  - {name: part, subgraph: one.yaml}\n")


STOPS = """
nodes:
  - {name: first, uses: count, output: a}
  - {name: look, interrupt: before}
  - {name: last, uses: state.set, with: {key: b, value: "{{ state.a + 1 }}"}}
"""


def test_an_interrupted_run_goes_on_from_its_checkpoint() -> None:
    calls: list[int] = []

    def count() -> int:
        calls.append(1)
        return len(calls)

    stopped = execute_yaml(STOPS, functions={"count": count})
    assert (stopped.status, stopped.state) == ("interrupted", {"a": 1})
    kept = json.loads(json.dumps(stopped.checkpoint))
    done = execute_yaml(STOPS, functions={"count": count}, checkpoint=kept, changes={"a": 10})
    assert (done.status, done.state, len(calls)) == ("done", {"a": 10, "b": 11}, 1)


def test_a_killed_run_repeats_no_node_that_had_ended(tmp_path: Path) -> None:
    program = f"""
import json, os, sys
from pathlib import Path
from hearth import execute_yaml
folder = Path({str(tmp_path)!r})

def write(name):
    with open(folder / "log", "a") as log:
        log.write(name + "\\n")
    if name == "two" and "--die" in sys.argv:
        os.kill(os.getpid(), 9)

kept = folder / "checkpoint"
execute_yaml(
    "nodes:\\n" + "".join(f"  - {{{{name: {{n}}, uses: write, with: {{{{name: {{n}}}}}}}}}}\\n" for n in ("one", "two", "three")),
    functions={{"write": write}},
    on_checkpoint=lambda checkpoint: kept.write_text(json.dumps(checkpoint)),
    checkpoint=json.loads(kept.read_text()) if kept.exists() else None,
)
"""
    environment = {"PYTHONPATH": ":".join(sys.path), **os.environ}
    died = subprocess.run([sys.executable, "-c", program, "--die"], env=environment, check=False)
    assert died.returncode == -9
    subprocess.run([sys.executable, "-c", program], env=environment, check=True)
    assert (tmp_path / "log").read_text().split() == ["one", "two", "two", "three"]


def test_a_store_in_a_folder_stays(tmp_path: Path) -> None:
    put = (
        "nodes:\n  - {name: put, uses: storage.put, with: {key: '../ä/b', value: {x: 1}, namespace: '..'}}\n"
    )
    get = "nodes:\n  - {name: get, uses: storage.get, with: {key: '../ä/b', namespace: '..'}}\n"
    execute_yaml(put, store=FolderStore(tmp_path / "store"))
    assert execute_yaml(get, store=FolderStore(tmp_path / "store")).state["value"] == {"x": 1}
    # As the command line and Node.js name it.
    assert [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.json")] == [
        "store/%2E%2E/%2E%2E%2F%C3%A4%2Fb.json"
    ]
    assert execute_yaml(get).state["found"] is False
    listed = "nodes:\n  - {name: list, uses: storage.list, with: {prefix: '..', namespace: '..'}}\n"
    assert execute_yaml(listed, store=FolderStore(tmp_path / "store")).state["keys"] == ["../ä/b"]


class Replies(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        path, _, target = self.path.partition("?to=")
        self.send_response(302 if target else 200)
        if target:
            self.send_header("Location", target)
        self.end_headers()
        if not target:
            self.wfile.write(json.dumps({"path": path, "key": self.headers.get("authorization")}).encode())

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def sites() -> Iterator[list[str]]:
    servers = [HTTPServer(("127.0.0.1", 0), Replies) for _ in range(2)]
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    yield [f"http://127.0.0.1:{server.server_port}" for server in servers]
    for server in servers:
        server.shutdown()
        server.server_close()


def test_only_allowed_origins_are_asked(sites: list[str]) -> None:
    def get(path: str, allowed: list[str]) -> Any:
        headers = '{authorization: "secret"}'
        nodes = f"nodes:\n  - {{name: get, uses: http.get, with: {{url: '{sites[0]}{path}', headers: {headers}}}}}\n"
        return execute_yaml(nodes, allow_origins=allowed).state["json"]

    with pytest.raises(HearthError, match="not allowed") as refused:
        get("/a", [])
    assert refused.value.code == "UNSUPPORTED"
    assert get("/a", [sites[0]]) == {"path": "/a", "key": "secret"}
    assert get("/a?to=/b", [sites[0]]) == {"path": "/b", "key": "secret"}
    with pytest.raises(HearthError, match="redirects to"):
        get(f"/a?to={sites[1]}/b", [sites[0]])
    assert get(f"/a?to={sites[1]}/b", sites) == {"path": "/b", "key": None}
    with pytest.raises(InvalidArgumentError, match="no origin"):
        get("/a", [sites[0] + "/path"])


def test_on_an_event_loop(model: Model) -> None:
    async def both() -> list[Any]:
        async with AsyncHearth() as hearth:
            loaded = await hearth.load_model(MODEL)
            runs = [execute_yaml_async(ASK, {"question": "What is 2+2?"}, model=loaded) for _ in range(2)]
            return list(await asyncio.gather(*runs))

    outputs = [result.output for result in asyncio.run(both())]
    assert outputs == [execute_yaml(ASK, {"question": "What is 2+2?"}, model=model).output] * 2


def test_a_cancelled_task_ends_its_run() -> None:
    ended = threading.Event()

    async def waits() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            ended.set()

    async def cancelled() -> None:
        nodes = "nodes:\n  - {name: wait, uses: waits}\n"
        task = asyncio.ensure_future(execute_yaml_async(nodes, functions={"waits": waits}))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        for _ in range(1000):
            if ended.is_set():
                return
            await asyncio.sleep(0.01)

    asyncio.run(cancelled())
    assert ended.is_set()


def test_pictures() -> None:
    nodes = "nodes:\n  - {name: hello}\n"
    assert "hello" in draw_yaml(nodes) and draw_yaml(nodes, "svg").startswith("<svg")


def test_timers_hold() -> None:
    began = time.monotonic()
    nodes = "nodes:\n  - {name: a, uses: fails, error_policy: {max_retries: 2, backoff_base_ms: 20, jitter: false}}\n"
    with pytest.raises(HearthError):
        execute_yaml(nodes, functions={"fails": lambda: 1 / 0})
    assert time.monotonic() - began >= 0.06
