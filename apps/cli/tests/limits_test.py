"""What the system refuses, and what the user allows: threads, and memory for weights."""

import resource
import unittest

from program import STORIES, hearth, main, needs_testdata


def without_threads():
    """From here on the process cannot start any: their stacks would be larger than the address space."""
    resource.setrlimit(resource.RLIMIT_STACK, (1 << 47, resource.getrlimit(resource.RLIMIT_STACK)[1]))


@needs_testdata
class Threads(unittest.TestCase):
    def tell(self, threads):
        options = ["--raw", "-n", 4, "--temperature", 0, "-t", threads]
        return hearth("run", STORIES, "Once upon a time", *options, preexec_fn=without_threads)

    def test_that_are_refused_are_an_error_that_says_what_to_do(self):
        for threads in (2, 64):
            ended = self.tell(threads)
            self.assertEqual(ended.returncode, 1, ended.stderr)
            self.assertIn(
                b"hearth: OUT_OF_MEMORY: the system lets only 1 of %d threads" % threads, ended.stderr
            )

    def test_that_are_refused_are_not_missed_where_one_is_enough(self):
        told = self.tell(1)
        self.assertEqual(told.returncode, 0, told.stderr)
        self.assertTrue(told.stdout.startswith(b", there was"))


@needs_testdata
class Memory(unittest.TestCase):
    def tell(self, limit):
        options = ["--raw", "-n", 40, "--temperature", 0, "-t", 1, "--memory-limit", limit]
        return hearth("run", STORIES, "Once upon a time", *options)

    def test_that_is_limited_changes_where_weights_are_and_not_what_comes_out(self):
        size = STORIES.stat().st_size
        whole = self.tell(0)
        part = self.tell(size * 8 // 10)
        self.assertEqual((part.returncode, part.stdout), (0, whole.stdout), part.stderr)

    def test_that_is_too_little_is_an_error(self):
        ended = self.tell(1)
        self.assertEqual(ended.returncode, 1)
        self.assertIn(b"hearth: OUT_OF_MEMORY: ", ended.stderr)


if __name__ == "__main__":
    main()
