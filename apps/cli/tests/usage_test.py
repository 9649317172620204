"""Help, version, wrong usage and how failures end."""

import json
import subprocess
import sys
import unittest

from program import PROGRAM, ROOT, STORIES, hearth, main, needs_testdata


class Usage(unittest.TestCase):
    def test_every_command_has_help_with_an_example(self):
        commands = "run chat inspect tokenize template embed logits perplexity imatrix bench convert".split()
        overview = hearth("--help")
        self.assertEqual(overview.returncode, 0)
        for command in [*commands, "make-model"]:
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

    def test_numbers_are_decimal_and_what_is_wrong_is_told_with_what_there_is(self):
        cases = [
            (["run", "hi", "-n", "0x10"], r"--max-tokens: .*from 1 to 2147483647.*not '0x10'"),
            (["run", "hi", "--top-k", "1e12"], r"--top-k: .*a whole number from 0.*not '1e12'"),
            (["run", "hi", "--top-k", "1.5"], r"--top-k: .*not '1.5'"),
            (["run", "hi", "--temperature", "nan"], r"--temperature: .*from 0 to 100.*not 'nan'"),
            (["run", "hi", "--seed", "-2"], r"--seed: .*-1: a new one.*not '-2'"),
            (["run", "hi", "--seed", "18446744073709551616"], r"--seed: .*from 0 to 18446744073709551615"),
            (["run", "hi", "-t", "1000000000"], r"--threads: .*from 1 to 1024"),
            (["run", "hi", "--kv-type", "q9"], r"--kv-type: .*one of f16, f32, q8_0, q4_0, not 'q9'"),
            (["logits", "model.gguf", "--tokens", "", "--out", "file"], r"--tokens: .*not ''"),
            (["bench", "-n", "010x"], r"--generate: .*not '010x'"),
            (["run", "hi", "--top_k", "1"], r"there is no option '--top_k'; the nearest is '--top-k'"),
            (["chatt"], r"there is no command 'chatt'; the nearest is 'chat'"),
        ]
        for case, why in cases:
            with self.subTest(case):
                ended = hearth(*case)
                self.assertEqual(ended.returncode, 2)
                self.assertRegex(ended.stderr.decode(), r"^hearth: INVALID_ARGUMENT: " + why)

    @needs_testdata
    def test_what_follows_two_dashes_is_no_option(self):
        messages = ["- item", "--help", "[a, b]", "--"]
        shown = hearth("template", STORIES, "--", *messages)
        self.assertEqual(shown.stdout.decode(), "\n\n".join(messages), shown.stderr)
        self.assertEqual(hearth("template", STORIES, "[a, b]", "[]").stdout, b"[a, b]\n\n[]")
        arguments = ["--raw", "-n", 1, "--temperature", 0, "--json"]
        for prompt in ("- item", "--help", "-n"):
            told = hearth("run", *arguments, STORIES, "--", prompt)
            self.assertEqual(told.returncode, 0, told.stderr)
            self.assertIn("text", json.loads(told.stdout))
        refused = hearth("run", "--", "a", "b", "-c")
        self.assertEqual(refused.returncode, 2)
        self.assertNotIn(b"\\x00", refused.stderr)

    def test_help_and_version_that_cannot_be_written_are_errors(self):
        for arguments in (["--help"], ["--version"], ["run", "--help"], ["make-model", "--list"]):
            with open("/dev/full", "wb") as full, self.subTest(arguments):
                ended = subprocess.run([PROGRAM, *arguments], stdout=full, stderr=subprocess.PIPE, timeout=60)
                self.assertEqual(ended.returncode, 1)
                self.assertIn(b"hearth: IO: cannot write to standard output: ", ended.stderr)

    def test_failure_ends_with_1_and_names_code_and_file(self):
        ended = hearth("run", "/no/such/model.gguf", "hi")
        self.assertEqual(ended.returncode, 1)
        self.assertRegex(ended.stderr.decode(), r"^hearth: NOT_FOUND: /no/such/model.gguf: ")
        folder = hearth("inspect", "/")
        self.assertEqual(folder.returncode, 1)
        self.assertIn(b"hearth: INVALID_ARGUMENT: /: ", folder.stderr)


if __name__ == "__main__":
    main()
