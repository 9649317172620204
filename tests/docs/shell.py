"""Runs the commands of examples: lines that begin with `$ `, with what they print below, or else all lines."""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import threading

SERVERS = re.compile(r"\bhearth (serve|serve-static)\b(?!.*--print-config)")


class Shell:
    """Servers that a block starts serve the page's later blocks; an address without a server of the page's gets one."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.servers: list[subprocess.Popen[str]] = []
        self.origin: str | None = None

    def run(self, text: str) -> None:
        # Blocks show ways to make a bundle, not steps.
        shutil.rmtree(self.folder / "site", ignore_errors=True)
        (self.folder / "model.html").unlink(missing_ok=True)
        for command, expected in commands(text):
            if SERVERS.search(command):
                self.serve(command)
                continue
            # What an example shows tells whether it is one of something that is refused.
            printed = self.call(self.addressed(command), may_fail=bool(expected))
            if expected and not matches(printed, expected):
                raise AssertionError(f"{command}\nprinted:\n{printed}\nand not:\n{expected}")

    def call(self, command: str, may_fail: bool) -> str:
        """What it prints."""
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            timeout=120,
        )
        if done.returncode != 0 and not may_fail:
            raise AssertionError(f"{command}\nended with {done.returncode}:\n{done.stderr}{done.stdout}")
        return done.stdout or done.stderr

    def serve(self, command: str) -> None:
        """On a port that is free."""
        bare = re.sub(r" --port \d+", "", re.sub(r"\s+# .*", "", command))
        server = subprocess.Popen(
            ["bash", "-c", f"exec {bare} --port 0"],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # npx starts a program of its own, which ends with it then
        )
        self.servers.append(server)
        ends = threading.Timer(60, server.kill)
        ends.start()
        assert server.stdout is not None and server.stderr is not None
        line = server.stdout.readline()
        ends.cancel()
        found = re.search(r"http://[\w.]+:\d+", line)
        if not found:
            os.killpg(server.pid, signal.SIGKILL)
            raise AssertionError(f"{command}\ndoes not say where it serves: {line}{server.stderr.read()}")
        # The address that examples name is of the port that nobody chose.
        if "serve-static" not in command and "--port" not in command:
            self.origin = found[0]

    def addressed(self, text: str) -> str:
        """With the address of the server that really runs."""
        if "http://127.0.0.1:8080" not in text:
            return text
        if self.origin is None:
            self.serve("hearth serve models/hearth-spark.gguf")
        assert self.origin is not None
        return text.replace("http://127.0.0.1:8080", self.origin)

    def close(self) -> None:
        for server in self.servers:
            os.killpg(server.pid, signal.SIGTERM)
        for server in self.servers:
            server.communicate(timeout=60)


def commands(text: str) -> list[tuple[str, str]]:
    """Each command, over all of its lines, with what is to be printed."""
    if not text.startswith("$ "):
        return [(line, "") for line in re.sub(r"\\\n", " ", text).splitlines() if line.strip()]
    found: list[tuple[str, str]] = []
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        lines = part.splitlines()
        count = 1
        # A quote that is open goes on in the next line.
        while count < len(lines) and (
            "\n".join(lines[:count]).count("'") % 2 or lines[count - 1].endswith("\\")
        ):
            count += 1
        found.append(("\n".join(lines[:count]), "\n".join(lines[count:])))
    return found


def matches(printed: str, expected: str) -> bool:
    """`...` stands for anything."""
    pattern = ".*".join(re.escape(piece) for piece in expected.strip().split("..."))
    return re.fullmatch(pattern, printed.strip(), flags=re.DOTALL) is not None
