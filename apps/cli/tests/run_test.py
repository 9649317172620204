"""hearth run: text, options, closed pipes, full disks, Ctrl-C; and the bundled model."""

import os
import shutil
import signal
import subprocess
import tempfile
import unittest

from program import (
    EXPECTED_STORY,
    PROGRAM,
    ROOT,
    STORIES,
    Terminal,
    hearth,
    hearth_json,
    main,
    needs_testdata,
)


@needs_testdata
class Run(unittest.TestCase):
    def test_tells_the_expected_story_to_the_byte(self):
        expected = EXPECTED_STORY.read_bytes()
        for threads in (1, 2):
            told = hearth("run", STORIES, "", "--raw", "-n", 200, "--temperature", 0, "-t", threads)
            self.assertEqual(told.returncode, 0, told.stderr)
            self.assertEqual(told.stdout[: len(expected)], expected)
            self.assertEqual(told.stderr, b"")

    def test_raw_prints_the_continuation_only(self):
        told = hearth("run", STORIES, "Once upon a time", "--raw", "-n", 3, "--temperature", 0)
        self.assertEqual(told.stdout, b", there was")

    def test_the_same_seed_gives_the_same_text(self):
        def tell(seed, threads=1):
            arguments = ["--raw", "-n", 60, "--temperature", 1.2, "--seed", seed, "-t", threads]
            return hearth("run", STORIES, "One day", *arguments).stdout

        self.assertEqual(tell(7), tell(7, threads=2))
        self.assertNotEqual(tell(7), tell(8))

    def test_reads_the_prompt_from_standard_input(self):
        told = hearth("run", STORIES, "-", "--raw", "-n", 3, "--temperature", 0, stdin=b"Once upon a time")
        self.assertEqual(told.stdout, b", there was")

    def test_reads_the_prompt_from_a_pipe_where_none_is_named(self):
        arguments = ["--raw", "-n", 3, "--temperature", 0]
        told = hearth("run", STORIES, *arguments, stdin=b"Once upon a time")
        self.assertEqual(told.stdout, b", there was")

    def test_reads_a_prompt_that_is_typed(self):
        told = hearth("run", STORIES, "two\nlines", "--raw", "-n", 5, "--temperature", 0)
        with Terminal("run", STORIES, "-", "--raw", "-n", 5, "--temperature", 0) as terminal:
            terminal.wait_for(b"\x1b[?2004h")
            terminal.type(b"two\rlimes\x1b[D\x1b[D\x7fn\r\x04")
            terminal.wait_for(told.stdout.replace(b"\n", b"\r\n"))
            self.assertEqual(terminal.exit_code(), 0)
        with Terminal("run", STORIES, "-", "--raw") as terminal:
            terminal.wait_for(b"\x1b[?2004h")
            terminal.type(b"\x03")
            self.assertEqual(terminal.exit_code(), 130)

    def test_reads_text_however_its_lines_end(self):
        def tell(prompt):
            return hearth("run", STORIES, "-", "--raw", "-n", 5, "--temperature", 0, stdin=prompt).stdout

        plain = tell(b"Once upon\na time")
        for written in (b"Once upon\na time\n", b"Once upon\r\na time\r\n", b"\xef\xbb\xbfOnce upon\na time"):
            self.assertEqual(tell(written), plain)
        self.assertNotEqual(tell(b"Once upon\na time\n\n"), plain)  # one line end only is the editor's

    def test_takes_a_lone_file_for_the_model_and_asks_for_a_prompt(self):
        self.assert_refused(hearth("run", STORIES), "no prompt, and standard input is empty")
        with Terminal("run", STORIES) as terminal:
            terminal.wait_for(b"no prompt: '%s' is taken for the model" % os.fsencode(STORIES))
            self.assertEqual(terminal.exit_code(), 2)
        absent = hearth("run", "absent.gguf", stdin=b"hi")
        self.assertIn(b"NOT_FOUND: absent.gguf: ", absent.stderr)

    def test_refuses_a_model_without_a_name(self):
        for case in (["run", "", "hi"], ["run", ""], ["chat", ""], ["bench", ""], ["inspect", ""]):
            with self.subTest(case):
                self.assert_refused(hearth(*case), "the name is empty")

    def assert_refused(self, ended, why):
        self.assertEqual(ended.returncode, 2)
        self.assertIn(b"hearth: INVALID_ARGUMENT: ", ended.stderr)
        self.assertIn(why.encode(), ended.stderr)

    def test_ends_at_a_stop_text(self):
        told = hearth("run", STORIES, "", "--raw", "--temperature", 0, "--stop", "girl", "--stop", "xyz")
        self.assertEqual(told.stdout, b"Once upon a time, there was a little ")

    def test_json_has_text_usage_and_timings(self):
        told = hearth_json(
            "run", STORIES, "", "--raw", "-n", "010", "--temperature", 0, "--seed", 3, "--json"
        )
        self.assertTrue(told["text"].startswith("Once upon a time,"))
        self.assertEqual(told["finishReason"], "length")
        self.assertEqual(
            told["usage"],
            {
                "promptTokens": 1,
                "cachedTokens": 0,
                "completionTokens": 10,
                "draftedTokens": 0,
                "acceptedTokens": 0,
            },
        )
        self.assertEqual(told["seed"], 3)
        self.assertGreater(told["timings"]["loadMs"], 0)

    def test_n_gives_several_answers_with_seeds_that_follow_each_other(self):
        run = ("run", STORIES, "", "--raw", "-n", 10, "--temperature", 1)
        told = hearth_json(*run, "--seed", 3, "--n", 3, "--json")
        self.assertEqual([choice["seed"] for choice in told["choices"]], [3, 4, 5])
        self.assertEqual(told["text"], told["choices"][0]["text"])
        alone = hearth_json(*run, "--seed", 5, "--json")
        self.assertEqual(told["choices"][2]["text"], alone["text"])
        texts = hearth(*run, "--seed", 3, "--n", 2).stdout.decode()
        self.assertEqual(texts, "\n".join(choice["text"] + "\n" for choice in told["choices"][:2]))

    def test_speculation_gives_the_same_text(self):
        run = ("run", STORIES, "", "--raw", "-n", 60, "--temperature", 0, "--json")
        plain = hearth_json(*run)
        drafted = hearth_json(*run, "--draft", STORIES)
        self.assertEqual(drafted["text"], plain["text"])
        self.assertGreater(drafted["usage"]["acceptedTokens"], 30)
        self.assertEqual(hearth_json(*run, "--speculation", "lookup")["text"], plain["text"])

    def test_refuses_a_draft_of_another_vocabulary(self):
        ended = hearth("run", STORIES, "", "--raw", "--draft", ROOT / "models/hearth-spark.gguf")
        self.assertEqual(ended.returncode, 1)
        self.assertIn(b"the draft model has another vocabulary", ended.stderr)

    def test_refuses_a_prompt_longer_than_the_context(self):
        ended = hearth("run", STORIES, "word " * 300, "--raw", "--context", 64)
        self.assertEqual(ended.returncode, 1)
        self.assertIn(b"hearth: CONTEXT_OVERFLOW: ", ended.stderr)

    def test_refuses_options_without_meaning(self):
        ended = hearth("run", STORIES, "hi", "--temperature", -1)
        self.assertEqual(ended.returncode, 2)
        self.assertIn(b"INVALID_ARGUMENT: --temperature", ended.stderr)
        self.assertIn(b"INVALID_ARGUMENT", hearth("run", STORIES, "hi", "--instruction-set", "sse9").stderr)

    def test_a_reader_that_leaves_ends_the_program_quietly(self):
        program = subprocess.Popen(
            [PROGRAM, "run", STORIES, "", "--raw", "--temperature", "0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        program.stdout.read(10)
        program.stdout.close()
        self.assertEqual(program.wait(timeout=60), -signal.SIGPIPE)
        self.assertEqual(program.stderr.read(), b"")
        program.stderr.close()

    def test_a_full_disk_is_an_error(self):
        with open("/dev/full", "wb") as full:
            ended = subprocess.run(
                [PROGRAM, "run", STORIES, "", "--raw", "-n", "5"],
                stdout=full,
                stderr=subprocess.PIPE,
                timeout=60,
            )
        self.assertEqual(ended.returncode, 1)
        self.assertIn(b"hearth: IO: ", ended.stderr)

    def test_ctrl_c_ends_with_130(self):
        program = subprocess.Popen(
            [PROGRAM, "run", STORIES, "-", "--raw", "--context", "100000", "--temperature", "0"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        program.stdin.write(b"Once upon a time")
        program.stdin.close()
        program.stdout.read(20)
        program.send_signal(signal.SIGINT)
        self.assertEqual(program.wait(timeout=60), 130)
        self.assertEqual(program.stderr.read(), b"")
        program.stdout.close()
        program.stderr.close()


@unittest.skipUnless((ROOT / "models/hearth-spark.gguf").exists(), "no bundled model")
class BundledModel(unittest.TestCase):
    def test_answers_where_no_model_is_named(self):
        answered = hearth("run", "What is 2+2?", "--temperature", 0)
        self.assertEqual(answered.returncode, 0, answered.stderr)
        self.assertIn(b"4", answered.stdout)
        self.assertTrue(answered.stdout.endswith(b"\n"))

    def test_is_named_in_the_error_where_it_is_missing(self):
        with tempfile.TemporaryDirectory() as folder:
            alone = shutil.copy(PROGRAM, folder)
            ended = subprocess.run([alone, "run", "hi"], capture_output=True, timeout=60)
        self.assertEqual(ended.returncode, 1)
        self.assertIn(b"hearth: NOT_FOUND: no bundled model at ", ended.stderr)


if __name__ == "__main__":
    main()
