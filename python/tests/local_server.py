"""A server of the protocol that Hearth's clients speak, on engines of this process: for tests of the client alone."""

from __future__ import annotations

import base64
import json
import threading
from array import array
from itertools import count
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from hearth import HearthError
from hearth._engine import EngineResult
from hearth._json import camel
from hearth._local_engine import LocalEngine
from hearth._server_engine import REPLIES

STATUSES = {"INVALID_ARGUMENT": 400, "NOT_FOUND": 404, "UNSUPPORTED": 400}


class LocalServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, api_key: str | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.api_key = api_key
        self.engines: dict[str, LocalEngine] = {}
        self.refusals: list[tuple[int, dict[str, str]]] = []
        """Statuses and headers that the next requests get instead of an answer."""
        self.hang_up_after: int | None = None
        """Events of an answer, after which the connection ends."""
        self.asked: list[str] = []
        """Paths of all requests."""
        self.headers: dict[str, str] = {}
        """Those of the last one."""
        self.heard = threading.Event()
        """Until it is set, requests get no answer."""
        self.heard.set()
        self.generating = threading.Semaphore(0)
        """Released for each answer that has ended, in whichever way."""
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def close(self) -> None:
        self.shutdown()
        self.server_close()
        for engine in self.engines.values():
            engine.dispose().result()


class Handler(BaseHTTPRequestHandler):
    server: LocalServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_: object) -> None:
        pass

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(self.path)
        self.server.headers = dict(self.headers)
        self.server.heard.wait(30)
        if self.server.refusals:
            status, headers = self.server.refusals.pop(0)
            return self.reply(status, b'{"error": {"message": "there is no room", "code": null}}', headers)
        if self.server.api_key and self.headers["Authorization"] != f"Bearer {self.server.api_key}":
            error = {"message": "this key is none", "type": "authentication_error", "code": None}
            return self.reply(401, json.dumps({"error": error}).encode(), {})
        try:
            getattr(self, self.path.rsplit("/", 1)[-1])(body)
        except HearthError as error:
            told = {"error": {"message": error.message, "code": error.code, "type": "invalid_request_error"}}
            self.reply(STATUSES.get(error.code, 500), json.dumps(told).encode(), {})
        except BrokenPipeError:
            self.close_connection = True

    def reply(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def begin_events(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()

    def event(self, event: dict[str, Any]) -> None:
        self.wfile.write(b"data: " + json.dumps(event).encode() + b"\n\n")

    def load(self, body: dict[str, Any]) -> None:
        name = body["model"] + ("@own" if "options" in body else "")
        self.begin_events()
        if name not in self.server.engines:
            engine = LocalEngine(body["model"], {"threads": 1, **body.get("options", {})})
            try:
                engine.loaded.result()
            except HearthError as error:
                return self.event({"error": {"code": error.code, "message": error.message}})
            engine.begin()
            self.server.engines[name] = engine
        engine = self.server.engines[name]
        self.event({"progress": {"stage": "ready", "loaded": 1, "total": 1}})
        self.event({"model": {"id": name, "info": engine.info, "memory": engine.memory}})

    def engine(self, body: dict[str, Any]) -> LocalEngine:
        return self.server.engines[body["model"]]

    def unload(self, body: dict[str, Any]) -> None:
        self.server.engines.pop(body["model"]).dispose().result()
        self.reply(200, b"{}", {})

    def call(self, body: dict[str, Any]) -> None:
        data = base64.b64decode(body.get("data", ""))
        value = self.engine(body).call(body["name"], body["arguments"], data).result()
        if value is None:
            kind, content = 0, b""
        elif isinstance(value, array):
            kind, content = (4 if value.typecode == "i" else 5), value.tobytes()
        elif isinstance(value, bytes):
            kind, content = 3, value
        else:
            kind, content = (2, value.encode()) if isinstance(value, str) else (1, json.dumps(value).encode())
        self.reply(200, content, {"x-hearth-reply": REPLIES[kind]})

    def generate(self, body: dict[str, Any]) -> None:
        options = json.dumps(body["options"])
        generation = self.engine(body).generate(array("i", body["tokens"]), options, False)
        self.begin_events()
        try:
            for number in count():
                if number == self.server.hang_up_after:
                    return
                event = generation.next().result()
                told: dict[str, Any] = {"text": event.text, "extras": event.extras}
                if event.result is not None:
                    told["result"] = result_json(event.result)
                self.event(told)
                if event.result is not None:
                    return
        finally:
            generation.cancel()
            self.server.generating.release()


def result_json(result: EngineResult) -> dict[str, Any]:
    told = {camel(name): value for name, value in vars(result).items() if name != "error"}
    if result.error is not None:
        told["error"] = {"code": result.error.code, "message": result.error.message}
    return told
