"""The program from end to end: real files, wrong usage, damaged files, closed pipes, Ctrl-C.

Usage: cli_test.py PROGRAM [unittest options]. Reference data is read from ../shared/testdata or
HEARTH_TESTDATA; tests that need it skip where it is absent. Standard library only.
"""

import array
import ctypes
import json
import math
import os
import pathlib
import pty
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TESTDATA = pathlib.Path(os.environ.get("HEARTH_TESTDATA", ROOT / "../shared/testdata"))
STORIES = TESTDATA / "models/stories260K/stories260K.gguf"
EXPECTED_STORY = TESTDATA / "models/stories260K/expected_greedy_200.txt"
PROGRAM = ""

needs_testdata = unittest.skipUnless(
    STORIES.exists(), f"no reference data at {TESTDATA}; set HEARTH_TESTDATA to it"
)


def hearth(*arguments, stdin=None, timeout=120):
    """Runs the program; its exit code, standard output and standard error, both as bytes."""
    return subprocess.run(
        [PROGRAM, *map(str, arguments)],
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        timeout=timeout,
    )


def hearth_json(*arguments, **options):
    return json.loads(hearth(*arguments, **options).stdout)


class Usage(unittest.TestCase):
    def test_every_command_has_help_with_an_example(self):
        commands = (
            "run chat inspect tokenize template embed logits perplexity bench convert make-model".split()
        )
        overview = hearth("--help")
        self.assertEqual(overview.returncode, 0)
        for command in commands:
            self.assertIn(command.encode(), overview.stdout)
            shown = hearth(command, "--help")
            self.assertEqual(shown.returncode, 0, command)
            if command != "make-model":
                self.assertIn(b"hearth " + command.encode(), shown.stdout)
                self.assertIn(b"Example", shown.stdout)

    def test_its_reference_page_says_what_help_says(self):
        made = subprocess.run(
            [sys.executable, ROOT / "tools/write_cli_reference.py", PROGRAM], capture_output=True, timeout=60
        )
        self.assertEqual(made.stdout.decode(), (ROOT / "docs/cli.md").read_text())

    def test_shows_its_version(self):
        shown = hearth("--version")
        self.assertEqual(shown.returncode, 0)
        self.assertRegex(shown.stdout.decode(), r"^\d+\.\d+\.\d+\n$")

    def test_wrong_usage_ends_with_2_and_says_why_on_standard_error(self):
        cases = [
            [],
            ["fly"],
            ["run"],
            ["run", "a", "b", "c"],
            ["run", "model.gguf", "hi", "--temperature", "warm"],
            ["run", "model.gguf", "hi", "-n", "0"],
            ["run", "model.gguf", "hi", "--kv-type", "q9"],
            ["run", "model.gguf", "hi", "--nonsense"],
            ["logits", "model.gguf", "--tokens", "1,x", "--out", "file"],
            ["logits", "model.gguf", "--tokens", "1"],
            ["bench", "model.gguf", "-r", "0"],
        ]
        for case in cases:
            with self.subTest(case):
                ended = hearth(*case)
                self.assertEqual(ended.returncode, 2)
                self.assertEqual(ended.stdout, b"")
                self.assertRegex(ended.stderr.decode(), r"^hearth: INVALID_ARGUMENT: ")

    def test_failure_ends_with_1_and_names_code_and_file(self):
        ended = hearth("run", "/no/such/model.gguf", "hi")
        self.assertEqual(ended.returncode, 1)
        self.assertRegex(ended.stderr.decode(), r"^hearth: NOT_FOUND: /no/such/model.gguf: ")
        folder = hearth("inspect", "/")
        self.assertEqual(folder.returncode, 1)
        self.assertIn(b"hearth: INVALID_ARGUMENT: /: ", folder.stderr)


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

    def test_ends_at_a_stop_text(self):
        told = hearth("run", STORIES, "", "--raw", "--temperature", 0, "--stop", "girl", "--stop", "xyz")
        self.assertEqual(told.stdout, b"Once upon a time, there was a little ")

    def test_json_has_text_usage_and_timings(self):
        told = hearth_json("run", STORIES, "", "--raw", "-n", 5, "--temperature", 0, "--seed", 3, "--json")
        self.assertEqual(told["text"], "Once upon a time,")
        self.assertEqual(told["finishReason"], "length")
        self.assertEqual(told["usage"], {"promptTokens": 1, "cachedTokens": 0, "completionTokens": 5})
        self.assertEqual(told["seed"], 3)
        self.assertGreater(told["timings"]["loadMs"], 0)

    def test_refuses_a_prompt_longer_than_the_context(self):
        ended = hearth("run", STORIES, "word " * 300, "--raw", "--context", 64)
        self.assertEqual(ended.returncode, 1)
        self.assertIn(b"hearth: CONTEXT_OVERFLOW: ", ended.stderr)

    def test_refuses_options_without_meaning(self):
        ended = hearth("run", STORIES, "hi", "--temperature", -1)
        self.assertEqual(ended.returncode, 1)
        self.assertIn(b"INVALID_ARGUMENT: temperature", ended.stderr)
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


class Terminal:
    """The program on a terminal of its own."""

    def __init__(self, *arguments):
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.environ.pop("NO_COLOR", None)
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
                raise AssertionError(f"no {text!r} in {self.seen!r}")
            self.seen += self.read(1)

    def exit_code(self, seconds=60):
        end = time.monotonic() + seconds
        while (ended := os.waitpid(self.process, os.WNOHANG))[0] == 0:
            if time.monotonic() > end:
                os.kill(self.process, signal.SIGKILL)
            self.read(0.1)  # whoever does not read keeps the program from writing its last words
        return os.waitstatus_to_exitcode(ended[1])


@needs_testdata
class TerminalOutput(unittest.TestCase):
    def test_colour_is_for_terminals_and_not_wanted_with_no_color(self):
        self.assertNotIn(b"\x1b", hearth("inspect", STORIES).stdout)
        with Terminal("inspect", STORIES) as terminal:
            terminal.wait_for(b"\x1b[1m")
            terminal.exit_code()


@needs_testdata
class Inspect(unittest.TestCase):
    def test_gives_every_verdict_of_the_hand_crafted_files(self):
        folder = TESTDATA / "gguf/malformed"
        lines = (folder / "expected.tsv").read_text().split("\n")
        cases = [line.split("\t") for line in lines if line]
        self.assertEqual(len(cases), 28)
        for name, verdict, _ in cases:
            with self.subTest(name):
                for form in ([], ["--json"]):
                    ended = hearth("inspect", folder / f"{name}.gguf", *form)
                    self.assertEqual(ended.returncode, 0 if verdict == "accept" else 1, ended.stderr)
                if verdict == "reject":
                    self.assertRegex(
                        ended.stderr.decode(), r"^hearth: (INVALID|UNSUPPORTED)_MODEL: .* at byte \d+"
                    )
                refused = hearth("run", folder / f"{name}.gguf", "hi")
                self.assertEqual(refused.returncode, 1)
                self.assertRegex(refused.stderr.decode(), r"^hearth: [A-Z_]+: .")

    def test_json_describes_file_model_and_memory(self):
        shown = hearth_json("inspect", STORIES, "--json", "--context", 128, "--kv-type", "f32")
        self.assertEqual(shown["version"], 3)
        self.assertEqual(shown["metadata"]["general.architecture"], "llama")
        self.assertEqual(shown["metadata"]["tokenizer.ggml.tokens"]["count"], 512)
        self.assertTrue(shown["runs"])
        self.assertEqual(shown["model"]["layerCount"], 5)
        self.assertEqual(len(shown["tensors"]), 48)
        # 5 layers * 4 heads * 8 dimensions * (key and value) * 4 bytes * 128 positions
        self.assertEqual(shown["memory"]["keysAndValues"], 5 * 4 * 8 * 2 * 4 * 128)

    def test_says_why_a_sound_file_does_not_run(self):
        shown = hearth_json("inspect", TESTDATA / "gguf/malformed/DATA_SUCCESS.gguf", "--json")
        self.assertFalse(shown["runs"])
        self.assertIn("general.architecture", shown["reason"]["message"])

    def test_every_truncation_is_an_error_or_shown(self):
        data = STORIES.read_bytes()
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "cut.gguf")
            for part in range(20):
                path.write_bytes(data[: len(data) * part // 20])
                self.assertEqual(hearth("inspect", path).returncode, 1)
                self.assertEqual(hearth("run", path, "hi").returncode, 1)


@needs_testdata
class Convert(unittest.TestCase):
    def test_writes_a_smaller_model_that_runs(self):
        with tempfile.TemporaryDirectory() as folder:
            smaller = pathlib.Path(folder, "q8.gguf")
            wrote = hearth_json("convert", STORIES, smaller, "--type", "Q8_0", "--json")
            self.assertLess(wrote["bytes"], wrote["bytesBefore"] / 2)
            told = hearth("run", smaller, "Once upon a time", "--raw", "-n", 3, "--temperature", 0)
            self.assertEqual(told.stdout, b", there was")

    def test_refuses_a_type_that_is_none(self):
        ended = hearth("convert", STORIES, "/dev/null", "--type", "Q9_Z")
        self.assertEqual(ended.returncode, 1)
        self.assertIn(b"hearth: INVALID_ARGUMENT: 'Q9_Z'", ended.stderr)


@needs_testdata
class Text(unittest.TestCase):
    def test_tokenizes(self):
        shown = hearth_json("tokenize", STORIES, "Once upon a time", "--json")
        self.assertEqual(shown["tokens"], [1, 403, 407, 261, 378])
        self.assertEqual(shown["count"], 5)
        self.assertIn(b"    403  ", hearth("tokenize", STORIES, "Once upon a time").stdout)

    def test_tokenizes_with_a_vocabulary_alone(self):
        vocabulary = TESTDATA / "tokenizers/ggml-vocab-gpt-2.gguf"
        shown = hearth_json("tokenize", vocabulary, "-", "--json", "--no-special", stdin=b"Hello world")
        self.assertEqual(shown["tokens"], [15496, 995])

    def test_control_tokens_are_letters_unless_asked_for(self):
        self.assertNotIn(2, hearth_json("tokenize", STORIES, "</s>", "--json")["tokens"])
        self.assertIn(2, hearth_json("tokenize", STORIES, "</s>", "--json", "--parse-special")["tokens"])

    def test_renders_messages(self):
        self.assertEqual(hearth("template", STORIES, "Hi", "there").stdout, b"Hi\n\nthere")
        messages = json.dumps([{"role": "user", "content": "Hi"}]).encode()
        shown = hearth_json("template", STORIES, "--messages", "-", "--json", stdin=messages)
        self.assertEqual(shown["prompt"], "Hi")
        self.assertEqual(hearth("template", STORIES, "--messages", "-", stdin=b"{}").returncode, 1)

    def test_embeds_each_text(self):
        lines = hearth("embed", STORIES, "a cat", "a dog", "--pooling", "last").stdout.splitlines()
        self.assertEqual(len(lines), 2)
        self.assertAlmostEqual(math.sqrt(sum(x * x for x in json.loads(lines[0]))), 1, places=5)


@needs_testdata
class Figures(unittest.TestCase):
    def test_logits_agree_with_llama_cpp(self):
        reference = json.loads((TESTDATA / "models/stories260K/stories260K-f32.json").read_text())
        expected = array.array("f", (TESTDATA / "models/stories260K/stories260K-f32.logits.f32").read_bytes())
        case = reference["cases"][1]
        tokens = case["prompt_ids"]
        with tempfile.TemporaryDirectory() as folder:
            out = pathlib.Path(folder, "logits.f32")
            ids = ",".join(map(str, tokens))
            wrote = hearth_json(
                "logits", STORIES, "--tokens", ids, "--out", out, "--kv-type", "f32", "--json"
            )
            logits = array.array("f", out.read_bytes())
        self.assertEqual((wrote["rows"], wrote["columns"]), (len(tokens), 512))
        self.assertEqual(len(logits), len(tokens) * 512)
        begin = case["logits_offset_floats"]
        worst = max(abs(a - b) for a, b in zip(logits, expected[begin : begin + len(logits)]))
        self.assertLess(worst, 1e-3)

    def test_logits_refuse_tokens_outside_the_vocabulary(self):
        ended = hearth("logits", STORIES, "--tokens", "1,512", "--out", "/dev/null")
        self.assertEqual(ended.returncode, 1)
        self.assertIn(b"token 512", ended.stderr)

    def test_logits_say_where_they_cannot_be_written(self):
        self.assertIn(
            b"IO: /no/such: ", hearth("logits", STORIES, "--tokens", "1", "--out", "/no/such").stderr
        )
        self.assertIn(
            b"IO: /dev/full: ", hearth("logits", STORIES, "--tokens", "1", "--out", "/dev/full").stderr
        )

    def test_perplexity_agrees_with_llama_cpp(self):
        expected = json.loads((TESTDATA / "reference/perplexity.json").read_text())["results"][0]
        text = TESTDATA / expected["text"]
        got = hearth_json("perplexity", STORIES, text, "--context", 128, "--kv-type", "f32", "--json")
        self.assertEqual(got["chunks"], expected["chunks"])
        self.assertLess(abs(got["perplexity"] / expected["ppl"] - 1), 0.001)

    def test_perplexity_needs_a_chunk_of_text(self):
        ended = hearth("perplexity", STORIES, "-", stdin=b"too short")
        self.assertEqual(ended.returncode, 1)
        self.assertIn(b"INVALID_ARGUMENT", ended.stderr)

    def test_bench_reports_rates_load_time_and_memory(self):
        got = hearth_json("bench", STORIES, "-p", 32, "-n", 8, "-r", 3, "-t", 1, "--json")
        for rates in (got["prefillTokensPerSecond"], got["decodeTokensPerSecond"]):
            self.assertTrue(0 < rates["min"] <= rates["median"] <= rates["max"])
        self.assertGreater(got["loadMs"], 0)
        self.assertGreater(got["peakRssBytes"], 1 << 20)
        self.assertIsNone(
            hearth_json("bench", STORIES, "-p", 0, "-n", 4, "-r", 1, "--json")["prefillTokensPerSecond"]
        )


if __name__ == "__main__":
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()
