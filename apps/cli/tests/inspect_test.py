"""hearth inspect: sound, damaged and cut files, on a terminal and in a pipe."""

import json
import pathlib
import struct
import tempfile
import unittest

from program import STORIES, TESTDATA, Terminal, hearth, hearth_json, main, needs_testdata


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
        self.assertIs(shown["model"]["templateCapabilities"]["tools"], False)
        self.assertIn(b"capabilities of the template: system\n", hearth("inspect", STORIES).stdout)
        self.assertEqual(len(shown["tensors"]), 48)
        # 5 layers * 4 heads * 8 dimensions * (key and value) * 4 bytes * 128 positions
        self.assertEqual(shown["memory"]["keysAndValues"], 5 * 4 * 8 * 2 * 4 * 128)

    def test_tells_how_many_requests_run_where_each_takes_a_state(self):
        with tempfile.TemporaryDirectory() as folder:
            model = pathlib.Path(folder, "model.gguf")
            hearth("make-model", "tiny-mamba", model, "--type", "F16")
            memory = hearth_json("inspect", model, "--json", "--max-sequences", 2)["memory"]
            # Of 3 layers, 512 channels with 16 numbers and 3 rows of the convolution each. Two that run, two that are
            # kept, and an empty one.
            state = 3 * 512 * (16 + 3) * 4
            self.assertEqual((memory["maxSequences"], memory["states"]), (2, 5 * state))
            self.assertEqual(memory["keysAndValues"], 0)
            shown = hearth("inspect", model, "--max-sequences", 2).stdout
        self.assertIn(b"  2 requests run at once and more wait: the state of each takes 116.74 kB\n", shown)
        self.assertNotIn(b"requests run at once", hearth("inspect", STORIES).stdout)

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


def gguf(key, value, tensor):
    """A file with one text and one number, named so."""

    def text(bytes):
        return struct.pack("<Q", len(bytes)) + bytes

    header = b"GGUF" + struct.pack("<IQQ", 3, 1, 1)
    entry = text(key) + struct.pack("<I", 8) + text(value)
    shape = struct.pack("<IQIQ", 1, 1, 0, 0)  # one dimension of one element, F32, at the data's beginning
    file = header + entry + text(tensor) + shape
    return file + bytes(-len(file) % 32) + bytes(4)


class ControlCharacters(unittest.TestCase):
    def test_of_names_in_files_are_shown_escaped(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "\x1b[31mred.gguf")
            path.write_bytes(gguf(b"key\x1b[2J", b"caf\xc3\xa9\x7f\xc2\x9b31m", b"tensor\r\n\x9b"))
            shown = hearth("inspect", path)
            as_json = hearth("inspect", path, "--json").stdout
            path.write_bytes(b"no model")
            refused = hearth("inspect", path)
        self.assertEqual(shown.returncode, 0, shown.stderr)
        for name in (
            "\\x1b[31mred.gguf: GGUF",
            "key\\x1b[2J",
            "caf\u00e9\\x7f\\xc2\\x9b31m",
            "tensor\\x0d\\x0a",
        ):
            self.assertIn(name, shown.stdout.decode(errors="replace"))
        self.assertIn(b"\\x1b[31mred.gguf", refused.stderr)
        self.assertEqual(json.loads(as_json)["metadata"], {"key\x1b[2J": "caf\u00e9\x7f\u009b31m"})
        for output in (shown.stdout, as_json, refused.stderr):
            self.assertNotRegex(output, rb"[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]")


@needs_testdata
class TerminalOutput(unittest.TestCase):
    def test_shows_what_is_written_escaped_but_line_breaks_and_tabs(self):
        said = "one\n\ttwo\x1b[31m\u009b"
        self.assertEqual(hearth("template", STORIES, said).stdout, said.encode())
        with Terminal("template", STORIES, said) as terminal:
            terminal.wait_for(b"two\\x1b[31m\\xc2\\x9b")
            self.assertEqual(terminal.seen.split(b"\r\n")[0], b"one")
            self.assertEqual(terminal.exit_code(), 0)

    def test_colour_is_for_terminals_and_not_wanted_with_no_color(self):
        self.assertNotIn(b"\x1b", hearth("inspect", STORIES).stdout)
        with Terminal("inspect", STORIES) as terminal:
            terminal.wait_for(b"\x1b[1m")
            terminal.exit_code()


if __name__ == "__main__":
    main()
