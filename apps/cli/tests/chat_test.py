"""hearth chat: through a pipe and on a terminal."""

import ctypes
import os
import signal
import unittest

from program import STORIES, Terminal, hearth, main, needs_testdata


@needs_testdata
class Chat(unittest.TestCase):
    def test_answers_each_line_of_a_pipe(self):
        told = hearth(
            "chat",
            STORIES,
            "-n",
            5,
            "--temperature",
            0,
            stdin=b"Once upon\n\n/help\n/reset\nOnce upon\n/quit\n",
        )
        self.assertEqual(told.returncode, 0, told.stderr)
        lines = told.stdout.decode().splitlines()
        self.assertTrue(any(line.startswith("/reset") for line in lines))
        self.assertEqual(lines[0], lines[-1])  # after a reset the same answer again
        self.assertEqual(told.stderr, b"")

    def test_leaves_out_the_oldest_turns_when_the_context_is_full(self):
        told = hearth(
            "chat", STORIES, "-n", 20, "--context", 64, stdin=b"Once upon a time there was a dog\n" * 6
        )
        self.assertEqual(told.returncode, 0)
        self.assertEqual(told.stderr.count(b"oldest turns"), 1)

    def test_a_turn_too_long_is_told_and_the_chat_goes_on(self):
        told = hearth("chat", STORIES, "-n", 3, "--context", 64, stdin=b"word " * 200 + b"\nOnce\n")
        self.assertEqual(told.returncode, 0)
        self.assertIn(b"CONTEXT_OVERFLOW", told.stderr)

    def test_ctrl_c_stops_the_answer_and_a_second_one_leaves(self):
        with Terminal("chat", STORIES, "--context", 100000, "--temperature", 0) as terminal:
            terminal.wait_for(b"> ")
            terminal.type(b"Once upon a time\n")
            terminal.wait_for(b"time\r\n", and_more=True)  # the echo, and the answer's beginning
            terminal.type(b"\x03")
            terminal.wait_for(b"> ")
            terminal.type(b"\x03")
            self.assertEqual(terminal.exit_code(), 130)

    def test_ctrl_c_at_the_prompt_leaves_even_where_it_does_not_end_the_read(self):
        # As when it comes just before the read: here it goes to a thread that does not read.
        with Terminal("chat", STORIES, "--threads", 2) as terminal:
            terminal.wait_for(b"> ")
            threads = [int(name) for name in os.listdir(f"/proc/{terminal.process}/task")]
            other = next(thread for thread in threads if thread != terminal.process)
            ctypes.CDLL(None).tgkill(terminal.process, other, signal.SIGINT)
            self.assertEqual(terminal.exit_code(), 130)


if __name__ == "__main__":
    main()
