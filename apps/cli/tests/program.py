"""What the tests of the command line share: the program to run, a terminal to run it on, reference data.

Each x_test.py is a program: x_test.py PROGRAM [unittest options]. Reference data is read from
../shared/testdata or HEARTH_TESTDATA; tests that need it skip where it is absent. Standard library only.
"""

import json
import os
import pathlib
import pty
import select
import signal
import subprocess
import sys
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
TESTDATA = pathlib.Path(os.environ.get("HEARTH_TESTDATA", ROOT / "../shared/testdata"))
STORIES = TESTDATA / "models/stories260K/stories260K.gguf"
EXPECTED_STORY = TESTDATA / "models/stories260K/expected_greedy_200.txt"

PROGRAM = os.path.abspath(sys.argv[1])

needs_testdata = unittest.skipUnless(
    STORIES.exists(), f"no reference data at {TESTDATA}; set HEARTH_TESTDATA to it"
)


def hearth(*arguments, stdin=None, timeout=120, preexec_fn=None):
    """Runs the program, after `preexec_fn`; its exit code, standard output and standard error, both as bytes."""
    return subprocess.run(
        [PROGRAM, *map(str, arguments)],
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        timeout=timeout,
        preexec_fn=preexec_fn,
    )


def hearth_json(*arguments, **options):
    return json.loads(hearth(*arguments, **options).stdout)


class Terminal:
    """The program on a terminal of its own."""

    def __init__(self, *arguments):
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.environ.pop("NO_COLOR", None)
            os.environ["TERM"] = "xterm"
            os.execv(PROGRAM, [PROGRAM, *map(str, arguments)])
        self.seen = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.terminal)

    def type(self, text):
        self.seen = b""
        os.write(self.terminal, text)

    def read(self, seconds):
        if not select.select([self.terminal], [], [], seconds)[0]:
            return b""
        try:
            return os.read(self.terminal, 4096)
        except OSError:  # the program has ended
            return b""

    def wait_for(self, text, and_more=False, seconds=60):
        """Waits until `text` was shown, and something after it if that is wanted."""
        end = time.monotonic() + seconds
        while text not in self.seen or (and_more and self.seen.endswith(text)):
            if time.monotonic() > end:
                raise AssertionError(f"no {text!r} in {self.seen[-1000:]!r}")
            self.seen += self.read(1)

    def exit_code(self, seconds=60):
        end = time.monotonic() + seconds
        while (ended := os.waitpid(self.process, os.WNOHANG))[0] == 0:
            if time.monotonic() > end:
                os.kill(self.process, signal.SIGKILL)
            self.seen += self.read(0.1)  # whoever does not read keeps the program from writing its last words
        return os.waitstatus_to_exitcode(ended[1])


def main():
    """Runs the tests of the calling program."""
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
