"""A server of models that tests have misbehave, and the cache that they pull to."""

import hashlib
import http.server
import json
import os
import pathlib
import struct
import subprocess
import tempfile
import threading
import unittest

from program import PROGRAM, hearth


def gguf(parts=1, number=0, filler=b"\x01"):
    """The bytes of a small sound GGUF file of one tensor of 1 MiB."""

    def text(value):
        return struct.pack("<Q", len(value)) + value.encode()

    def entry(key, kind, value):
        return text(key) + struct.pack("<I", kind) + value

    entries = [
        entry("general.architecture", 8, text("llama")),
        entry("general.file_type", 4, struct.pack("<I", 15)),
    ]
    if parts > 1:
        entries += [
            entry("split.no", 2, struct.pack("<H", number)),
            entry("split.count", 2, struct.pack("<H", parts)),
            entry("split.tensors.count", 5, struct.pack("<i", parts)),
        ]
    tensor = text(f"tensor{number}") + struct.pack("<IQIQ", 1, 2**18, 0, 0)
    header = b"GGUF" + struct.pack("<IQQ", 3, 1, len(entries)) + b"".join(entries) + tensor
    return header + bytes(-len(header) % 32) + filler * 2**20


MODEL = gguf()


class Answer:
    """What the server does with one path: a file, and how it misbehaves."""

    def __init__(
        self,
        body=MODEL,
        status=200,
        tag='"one"',
        ranges=True,
        cut=None,
        location=None,
        length=True,
        link=None,
    ):
        self.body = body
        self.status = status
        self.tag = tag  # the ETag; None for none
        self.ranges = ranges  # whether it knows of Range
        self.cut = list(
            cut or []
        )  # after how many bytes it closes the connection, one for each request; then not at all
        self.location = location  # where it redirects to
        self.length = length  # whether it says how long it is; or what it says
        self.link = link


class ModelServer:
    """Answers by path; keeps what was asked as (path, headers). `tls`: an ssl.SSLContext to speak HTTPS by."""

    def __init__(self, tls=None):
        self.answers = {}
        self.asked = []
        self.hold = None  # an event that bodies wait for after their first half
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):  # noqa: N802
                outer.asked.append((self.path, dict(self.headers)))
                try:
                    outer.answer(self, outer.answers.get(self.path))
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # clients that are killed
        if tls is not None:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.origin = f"{'https' if tls else 'http'}://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def __setitem__(self, path, answer):
        self.answers[path] = answer

    def requests(self, path):
        """The headers of each request for it."""
        return [headers for asked, headers in self.asked if asked == path]

    def repository(self, name, files, checksums=True):
        """Serves files as a repository of Hugging Face's."""
        listed = [{"type": "directory", "path": "sub"}]
        for path, body in files.items():
            entry = {"type": "file", "path": path, "size": len(body)}
            if checksums:
                entry["lfs"] = {"oid": hashlib.sha256(body).hexdigest(), "size": len(body)}
            listed.append(entry)
            self[f"/{name}/resolve/main/{path}"] = Answer(body)
        body = json.dumps(listed).encode()
        tag = f'W/"{hashlib.sha256(body).hexdigest()}"'
        self[f"/api/models/{name}/tree/main?recursive=true"] = Answer(body, tag=tag)

    def answer(self, request, answer):
        if answer is None:
            request.send_error(404)
            return
        if answer.status == 200 and answer.tag and request.headers.get("if-none-match") == answer.tag:
            request.send_response(304)
            request.end_headers()
            return
        begin = self.begin_of(request, answer)
        body = answer.body[begin:]
        request.send_response(206 if begin else answer.status)
        if begin:
            request.send_header("content-range", f"bytes {begin}-{len(answer.body) - 1}/{len(answer.body)}")
        for name, value in (("etag", answer.tag), ("location", answer.location), ("link", answer.link)):
            if value is not None:
                request.send_header(name, value)
        if answer.length:
            request.send_header("content-length", str(len(body) if answer.length is True else answer.length))
        else:
            request.close_connection = True
        request.end_headers()
        if answer.cut:
            body = body[: answer.cut.pop(0)]
            request.close_connection = True
        half = len(body) // 2
        request.wfile.write(body[:half])
        request.wfile.flush()
        if self.hold is not None and len(body) > 2**16:
            self.hold.wait(60)
        request.wfile.write(body[half:])

    def begin_of(self, request, answer):
        wanted = request.headers.get("range", "")
        same = request.headers.get("if-range") == answer.tag
        return int(wanted[6:-1]) if answer.ranges and same and wanted.startswith("bytes=") else 0


class PullTest(unittest.TestCase):
    """A server and an empty cache for each test."""

    def setUp(self):
        self.server = ModelServer()
        self.addCleanup(self.server.close)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.cache = pathlib.Path(folder.name)
        for name, value in (
            ("HEARTH_CACHE", folder.name),
            ("HF_ENDPOINT", self.server.origin),
            ("NO_PROXY", "*"),
        ):
            os.environ[name] = value
        os.environ.pop("HF_TOKEN", None)

    def url(self, path):
        return self.server.origin + path

    def pull(self, *arguments):
        """What `hearth pull --json` tells of the model that is there then."""
        done = hearth("pull", *arguments, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def start_pull(self, *arguments):
        return subprocess.Popen(
            [PROGRAM, "pull", *arguments, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def assert_refused(self, done, code, *texts):
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn(f"hearth: {code}: ".encode(), done.stderr)
        for text in texts:
            self.assertIn(text.encode(), done.stderr)

    def files(self, ending=""):
        """Those of the cache, without their folders, and without the lists of repositories."""
        return sorted(
            path.name
            for path in self.cache.rglob("*")
            if path.is_file() and path.name.endswith(ending) and path.parent.name != "listings"
        )

    def listed(self):
        return json.loads(hearth("list", "--json").stdout)
