"""Models by hf: names, from a server that answers as Hugging Face does."""

import hashlib
import json
import os
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from conftest import MODEL, ROOT
from hearth import Hearth, HearthError
from hearth import _http_file

BYTES = Path(MODEL).read_bytes()
SHA256 = hashlib.sha256(BYTES).hexdigest()
LISTING = "/api/models/owner/model/tree/main?recursive=true"


class Endpoint(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = {}
        self.asked = []
        self.breaks_at = None
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    def repository(self, *names, sha256=SHA256):
        """Lists files that all have the bytes of the bundled model."""
        entries = [
            {"type": "file", "path": name, "size": len(BYTES), "lfs": {"oid": sha256}} for name in names
        ]
        self.answers[LISTING] = json.dumps(entries).encode()
        for name in names:
            self.answers[f"/owner/model/resolve/main/{name}"] = BYTES

    def requests(self, ending):
        return [headers for path, headers in self.asked if path.endswith(ending)]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):  # noqa: N802
        self.server.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        body = self.server.answers.get(self.path, 404)
        if isinstance(body, str):
            self.send_response(302)
            self.send_header("location", body)
            body = b""
        elif isinstance(body, int):
            self.send_response(body)
            body = b""
        elif self.headers.get("if-none-match") == '"one"':
            self.send_response(304)
            body = b""
        else:
            begin = int((self.headers.get("range") or "bytes=0-")[len("bytes=") : -1])
            self.send_response(206 if begin else 200)
            self.send_header("content-range", f"bytes {begin}-{len(body) - 1}/{len(body)}")
            self.send_header("etag", '"one"')
            body = body[begin:]
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.server.breaks_at is not None and len(body) > 10**6:
            body, self.server.breaks_at = body[: self.server.breaks_at], None
            self.close_connection = True
        self.wfile.write(body)


@pytest.fixture
def endpoint(tmp_path, monkeypatch):
    server = Endpoint()
    monkeypatch.setenv("HEARTH_CACHE", str(tmp_path))
    monkeypatch.setenv("HF_ENDPOINT", server.url)
    monkeypatch.delenv("HF_TOKEN", raising=False)
    yield server
    server.shutdown()
    server.server_close()


def load(name, **options):
    """Loads and unloads it; what was told meanwhile."""
    told = []
    with Hearth() as hearth:
        model = hearth.load_model(name, threads=1, on_progress=told.append, **options)
        assert model.info.file_size == len(BYTES)
    return told


def kept(folder, ending=""):
    files = [path for path in folder.rglob(f"*{ending}") if path.is_file() and path.parent.name != "listings"]
    return sorted(path.name for path in files)


def test_the_best_that_fits_is_taken_downloaded_once_and_told(endpoint, tmp_path):
    endpoint.repository("m-Q8_0.gguf", "sub/m-Q4_K_M.gguf", "mmproj-F16.gguf")
    told = load("hf:owner/model")
    assert any(
        each.message.startswith("hf:owner/model has Q8_0 (3 MB), Q4_K_M (3 MB): Q4_K_M is taken")
        for each in told
    )
    assert {each.stage for each in told} >= {"check_cache", "download", "verify"}
    load("hf:owner/model:q4_k_m")
    load("hf:owner/model/sub/m-Q4_K_M.gguf")
    assert len(endpoint.requests("sub/m-Q4_K_M.gguf")) == 1
    assert [each.get("if-none-match") for each in endpoint.requests(LISTING)] == [None, '"one"', '"one"']
    assert kept(tmp_path) == ["m-Q4_K_M.gguf", "m-Q4_K_M.gguf.entry"]


def test_the_command_line_finds_what_was_downloaded(endpoint, tmp_path):
    endpoint.repository("m-Q4_K_M.gguf")
    load("hf:owner/model:Q4_K_M")
    listed = subprocess.run([ROOT / "build/hearth", "list", "--json"], capture_output=True, check=True)
    (model,) = json.loads(listed.stdout)
    assert (model["reference"], model["sha256"]) == ("hf:owner/model/m-Q4_K_M.gguf", SHA256)
    pulled = subprocess.run([ROOT / "build/hearth", "pull", "hf:owner/model"], capture_output=True)
    assert pulled.returncode == 0, pulled.stderr
    assert len(endpoint.requests("m-Q4_K_M.gguf")) == 1


def test_what_breaks_off_goes_on_at_its_byte(endpoint):
    endpoint.repository("m-Q4_K_M.gguf")
    endpoint.breaks_at = 1_000_000
    load("hf:owner/model")
    first, second = endpoint.requests("m-Q4_K_M.gguf")
    assert (second["range"], second["if-range"]) == ("bytes=1000000-", '"one"')


def test_what_differs_from_the_list_is_not_kept(endpoint, tmp_path):
    endpoint.repository("m-Q4_K_M.gguf", sha256="0" * 64)
    with pytest.raises(HearthError, match="SHA-256") as raised:
        load("hf:owner/model")
    assert raised.value.code == "INTEGRITY"
    endpoint.answers["/owner/model/resolve/main/m-Q4_K_M.gguf"] = b"<!doctype html>"
    with pytest.raises(HearthError, match="no model") as raised:
        load("hf:owner/model")
    assert raised.value.code == "INVALID_MODEL"
    assert kept(tmp_path) == []


def test_the_token_goes_to_the_endpoint_alone(endpoint, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "secret")
    other = Endpoint()
    endpoint.repository("m-Q4_K_M.gguf")
    endpoint.answers["/owner/model/resolve/main/m-Q4_K_M.gguf"] = f"{other.url}/real"
    other.answers["/real"] = BYTES
    load("hf:owner/model")
    assert all(headers["authorization"] == "Bearer secret" for _, headers in endpoint.asked)
    assert [headers.get("authorization") for _, headers in other.asked] == [None]
    other.shutdown()
    other.server_close()


def test_without_a_network_what_was_downloaded_is_enough(endpoint, monkeypatch):
    monkeypatch.setattr(_http_file, "_MOST_TRIES", 1)
    endpoint.repository("m-Q4_K_M.gguf", "m-Q8_0.gguf")
    load("hf:owner/model:Q4_K_M")
    endpoint.answers = {path: 503 for path in endpoint.answers}
    load("hf:owner/model")
    with pytest.raises(HearthError, match=r"it had m-Q4_K_M\.gguf, m-Q8_0\.gguf") as raised:
        load("hf:owner/model:Q8_0")
    assert raised.value.code == "NETWORK"


def test_what_is_missing_gated_or_no_name_is_said(endpoint):
    endpoint.repository("m-Q4_K_M.gguf")
    cases = [("hf:owner/model:Q4_K", "NOT_FOUND", "nearest is Q4_K_M"), ("hf:owner/none", "NOT_FOUND", "404")]
    names = ["hf:owner", "hf:owner/model:", "hf:owner/model/", "hf:../model", "hf:owner/model/../m.gguf"]
    for name, code, says in cases + [(name, "INVALID_ARGUMENT", "expected hf:owner") for name in names]:
        with pytest.raises(HearthError, match=says) as raised:
            load(name)
        assert raised.value.code == code
    endpoint.answers[LISTING] = 401
    with pytest.raises(HearthError, match="HF_TOKEN") as raised:
        load("hf:owner/model")
    assert raised.value.code == "SERVER"


def test_who_gives_up_waits_no_longer(endpoint):
    endpoint.repository("m-Q4_K_M.gguf")
    held = threading.Event()
    with Hearth() as hearth:
        with pytest.raises(HearthError) as raised:
            hearth.load_model("hf:owner/model", on_progress=lambda _: held.wait(30), timeout=0.05)
        held.set()
    assert raised.value.code == "TIMEOUT"
    assert os.environ["HF_ENDPOINT"] == endpoint.url
