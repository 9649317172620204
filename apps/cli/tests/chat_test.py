"""hearth chat: through a pipe and on a terminal."""

import ctypes
import os
import signal
import unittest

from program import STORIES, Terminal, hearth, main, needs_testdata

READY = b"\x1b[?2004h"  # the editor asks for marks around pastes, and then for keys


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

    def test_fails_when_the_context_is_full_where_that_is_asked_for(self):
        lines = b"Once upon a time there was a dog\n" * 6
        told = hearth("chat", STORIES, "-n", 20, "--context", 64, "--when-full", "error", stdin=lines)
        self.assertEqual(told.returncode, 1)
        self.assertIn(b"CONTEXT_OVERFLOW", told.stderr)
        self.assertNotIn(b"oldest turns", told.stderr)

    def test_reads_lines_however_they_end(self):
        def tell(lines):
            return hearth("chat", STORIES, "-n", 5, "--temperature", 0, stdin=lines).stdout

        self.assertEqual(tell(b"\xef\xbb\xbfOnce upon\r\na time\r\n"), tell(b"Once upon\na time"))

    def test_a_command_that_is_none_is_an_error(self):
        told = hearth("chat", STORIES, stdin=b"/fly\n")
        self.assertEqual(told.returncode, 1)
        self.assertIn(b"hearth: INVALID_ARGUMENT: there is no command /fly", told.stderr)

    def test_a_turn_too_long_is_told_and_the_chat_goes_on(self):
        told = hearth("chat", STORIES, "-n", 3, "--context", 64, stdin=b"word " * 200 + b"\nOnce\n")
        self.assertEqual(told.returncode, 1)
        self.assertIn(b"CONTEXT_OVERFLOW", told.stderr)
        self.assertIn(b"upon", told.stdout)

    def test_ctrl_c_stops_the_answer_and_a_second_one_leaves(self):
        with Terminal("chat", STORIES, "--context", 100000, "--temperature", 0) as terminal:
            terminal.wait_for(READY)
            terminal.type(b"Once upon a time\n")
            terminal.wait_for(b"time\r\n", and_more=True)  # the echo, and the answer's beginning
            terminal.type(b"\x03")
            terminal.wait_for(READY)
            terminal.type(b"\x03")
            self.assertEqual(terminal.exit_code(), 130)

    def test_ctrl_c_at_the_prompt_leaves_even_where_it_does_not_end_the_read(self):
        # As when it comes just before the read: here it goes to a thread that does not read.
        with Terminal("chat", STORIES, "--threads", 2) as terminal:
            terminal.wait_for(READY)
            threads = [int(name) for name in os.listdir(f"/proc/{terminal.process}/task")]
            other = next(thread for thread in threads if thread != terminal.process)
            ctypes.CDLL(None).tgkill(terminal.process, other, signal.SIGINT)
            self.assertEqual(terminal.exit_code(), 130)


@needs_testdata
class LineEditor(unittest.TestCase):
    """Shown by commands that are none, as the error names them."""

    def setUp(self):
        self.terminal = Terminal("chat", STORIES, "-n", 5, "--temperature", 0)
        self.terminal.wait_for(READY)

    def tearDown(self):
        self.terminal.type(b"\x04")  # Ctrl-D
        self.assertEqual(self.terminal.exit_code(), 0)
        self.terminal.__exit__()

    def enter(self, keys):
        """What is shown until the next line is asked for."""
        self.terminal.type(keys + b"\r")
        self.terminal.wait_for(READY)
        return self.terminal.seen

    def assert_line(self, keys, line):
        self.assertIn(f"there is no command {line}; ".encode(), self.enter(keys.encode()))

    def test_edits_a_line_and_brings_it_back(self):
        self.assert_line("/helo\x1b[Dl", "/hello")  # Left
        self.assert_line("there\x01/\x05!", "/there!")  # Ctrl-A, Ctrl-E
        self.assert_line("/one two\x1b[1;5D\x1b[1;5Dan\x1b[1;5C\x1b[1;5C!", "/anone two!")  # by words
        self.assert_line("/\u732b\u00e9\U0001f600\x7f\x7f\x7f\u00fc", "/\u00fc")  # a backspace for each
        self.assert_line("\x1b[A\x1b[A?", "/anone two!?")  # Up twice
        self.assert_line("\x12hel\x05x", "/hellox")  # Ctrl-R

    def test_keeps_long_lines_whole(self):
        self.assert_line("/" + 5000 * "x" + "end", "/" + 5000 * "x" + "end")

    def test_ctrl_c_discards_what_was_typed(self):
        self.assert_line("/not this\x03/but this", "/but this")

    def test_a_paste_is_one_message_and_its_control_characters_do_nothing(self):
        arguments = ["-n", 5, "--temperature", 0]
        answer = hearth("chat", STORIES, *arguments, stdin=b"Once upon\\\n\ta time\n").stdout.strip()
        self.terminal.type(b"\x1b[200~Once\x03\x04\x1a\x13\x00\x1b upon\r\n\ta time\n\x1b[201~")
        self.terminal.wait_for(b"time")
        self.assertNotIn(b"\x1b[?2004l", self.terminal.seen)  # nothing was sent
        self.assertIn(answer, self.enter(b""))


if __name__ == "__main__":
    main()
