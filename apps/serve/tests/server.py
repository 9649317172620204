"""What the tests of the server share: a server on a free port, requests to it, and bare connections.

Each x_test.py is a program: x_test.py PROGRAM [unittest options]. Standard library only.
"""

import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
BUNDLED = ROOT / "models/hearth-spark.gguf"
PROGRAM = os.path.abspath(sys.argv[1])


class Server:
    """`hearth serve` with further arguments; its address is read from what it prints."""

    def __init__(self, *arguments, environment=None, port=True, stderr=None):
        self.said = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [PROGRAM, "serve", *(["--port", "0"] if port else []), *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self.said if stderr is None else stderr,
            env={**os.environ, **(environment or {})},
        )
        self.address = self.process.stdout.readline().decode().strip()
        if not self.address:
            self.wait()  # it fails, with what it said
        self.port = int(self.address.rsplit(":", 1)[1]) if "://" in self.address else None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def end(self, *signals):
        """Ends it, at once where no signals are named; what it has said on standard error."""
        for each in signals or (signal.SIGTERM, signal.SIGINT):
            if self.process.poll() is None:
                self.process.send_signal(each)
        return self.wait()

    def wait(self):
        """What it has said on standard error when it has ended: in order, if nobody has killed it."""
        self.process.communicate(timeout=60)
        if not self.said.closed:
            self.said.seek(0)
            self.text = self.said.read().decode()
            self.said.close()
        if self.process.returncode not in (0, -signal.SIGKILL):
            raise AssertionError(f"it ended with {self.process.returncode}: {self.text}")
        return self.text

    def request(self, method, path, body=None, headers=None):
        """The status, the headers and the body: of JSON, what it says."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            text = json.dumps(body) if isinstance(body, (dict, list)) else body
            connection.request(method, path, text, headers or {})
            answer = connection.getresponse()
            data = answer.read()
            if answer.getheader("Content-Type", "").startswith("application/json") and data:
                data = json.loads(data)
            return answer.status, answer.headers, data
        finally:
            connection.close()

    def connect(self, receive_buffer=None):
        bare = socket.socket()
        if receive_buffer:
            bare.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        bare.settimeout(60)
        bare.connect(("127.0.0.1", self.port))
        return bare

    def send(self, data):
        """What a connection of its own answers to the bytes, until it is closed."""
        with self.connect() as bare:
            bare.sendall(data)
            return read_all(bare)


def hearth(*arguments):
    """What a command of the program prints."""
    return subprocess.run(
        [PROGRAM, *map(str, arguments)], capture_output=True, check=True, text=True
    ).stdout.strip()


class InFolder(unittest.TestCase):
    """Each with a folder of its own, and a server whose configuration and keys are there."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.keys = self.folder / "keys.json"

    def write(self, name, text):
        (self.folder / name).write_text(text)
        return self.folder / name

    def serve(self, *arguments, **more):
        environment = {"XDG_CONFIG_HOME": str(self.folder / "none"), **more.pop("environment", {})}
        # So long that an answer can't come to its end before a test does.
        server = Server("--context", "65536", *arguments, environment=environment, **more)
        self.addCleanup(server.end)
        return server

    def key(self, name, *options):
        return hearth("key", "create", "--name", name, "--keys", self.keys, *options)


def read_all(connection):
    data = b""
    try:
        while piece := connection.recv(65536):
            data += piece
    except ConnectionResetError:
        pass
    return data


def status_of(answer):
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.") else None


def chat(text="Hi", **more):
    return {"messages": [{"role": "user", "content": text}], **more}


def bearer(key):
    return {"Authorization": f"Bearer {key}"}


def post(path, body, *headers, version="1.1"):
    """A POST as bytes."""
    text = json.dumps(body).encode()
    lines = [f"POST {path} HTTP/{version}", "Host: localhost", f"Content-Length: {len(text)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + text


def until(condition, seconds=30):
    """Whether the condition comes true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


def main():
    """Runs the tests of the calling program."""
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
