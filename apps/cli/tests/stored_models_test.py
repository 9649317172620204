"""Models by the names that they were downloaded under: hearth list, show and rm, and the commands that take a model."""

import json
import os
import pathlib
import tempfile

from model_server import Answer, PullTest
from program import ROOT, Terminal, hearth, hearth_json, main

BUNDLED = (ROOT / "models/hearth-spark.gguf").read_bytes()


class StoredModels(PullTest):
    def setUp(self):
        super().setUp()
        self.server.repository("me/mine", {"spark-Q8_0.gguf": BUNDLED})

    def test_a_pulled_model_is_listed_shown_and_deleted(self):
        self.pull("hf:me/mine")
        (model,) = self.listed()
        self.assertEqual((model["name"], model["reference"]), ("spark-Q8_0", "hf:me/mine/spark-Q8_0.gguf"))
        self.assertEqual(model["size"], len(BUNDLED))
        self.assertIn(b"spark-Q8_0", hearth("list").stdout)
        shown = hearth("show", "spark-Q8_0").stdout
        for text in (
            model["path"],
            "hf:me/mine/spark-Q8_0.gguf",
            "million parameters",
            "Memory at a context of",
        ):
            self.assertIn(text.encode(), shown)
        self.assertTrue(hearth_json("show", "hf:me/mine:q8_0", "--json")["runs"])
        self.assertEqual(hearth("rm", "spark-Q8_0").returncode, 0)
        self.assertEqual(self.listed(), [])
        self.assertEqual(self.files(), [])
        self.assert_refused(hearth("rm", "spark-Q8_0"), "NOT_FOUND", "hearth list")

    def test_says_where_models_would_be_if_there_were_any(self):
        empty = hearth("list")
        self.assertEqual((empty.returncode, empty.stdout), (0, b""))
        self.assertIn(os.fsencode(self.cache), empty.stderr)

    def test_all_commands_take_the_name_of_a_pulled_model(self):
        self.pull("hf:me/mine")
        for name in ("spark-Q8_0", "hf:me/mine", "hf:me/mine/spark-Q8_0.gguf"):
            told = hearth("run", name, "What is 37 + 48?", "--temperature", 0, "-n", 20)
            self.assertEqual(told.stdout, b"37 + 48 = 85.\n", told.stderr)
        self.assertEqual(hearth_json("inspect", "spark-Q8_0", "--json")["fileSize"], len(BUNDLED))
        self.assertEqual(hearth("tokenize", "spark-Q8_0", "hi").returncode, 0)
        self.assertEqual(hearth("template", "spark-Q8_0", "hi").returncode, 0)
        with tempfile.TemporaryDirectory() as folder:
            written = pathlib.Path(folder) / "m.gguf"
            self.assertEqual(hearth("convert", "spark-Q8_0", written, "--type", "Q4_0").returncode, 0)
            self.assertTrue(written.exists())

    def test_a_file_comes_before_a_model_of_its_name(self):
        self.pull("hf:me/mine")
        with tempfile.TemporaryDirectory() as folder:
            os.symlink(ROOT / "models/hearth-spark.gguf", f"{folder}/spark-Q8_0")
            home = os.getcwd()
            self.addCleanup(os.chdir, home)
            os.chdir(folder)
            self.assertEqual(hearth_json("inspect", "spark-Q8_0", "--json")["file"], "spark-Q8_0")

    def test_what_was_not_pulled_is_refused_with_what_does_it(self):
        for command in ("inspect", "embed", "tokenize", "convert", "bench"):
            more = {"embed": ["hi"], "tokenize": ["hi"], "convert": ["out.gguf", "--type", "F16"]}.get(
                command, []
            )
            self.assert_refused(hearth(command, "hf:me/mine", *more), "NOT_FOUND", "'hearth pull hf:me/mine'")
        self.assert_refused(hearth("run", "no-such-model", "hi"), "NOT_FOUND", "'hearth list'")
        self.assertEqual(self.server.asked, [])

    def test_run_and_chat_pull_what_is_not_there(self):
        told = hearth("run", "hf:me/mine", "What is 37 + 48?", "--temperature", 0, "-n", 20)
        self.assertEqual(told.stdout, b"37 + 48 = 85.\n", told.stderr)
        asked = len(self.server.asked)
        hearth("run", "hf:me/mine", "hi", "-n", 1)
        self.assertEqual(len(self.server.asked), asked)
        hearth("rm", "spark-Q8_0")
        with Terminal("chat", "hf:me/mine") as terminal:
            terminal.wait_for(b"downloading spark-Q8_0.gguf: ")
            terminal.wait_for(b"\x1b[?2004h")
            terminal.type(b"\x04")
            self.assertEqual(terminal.exit_code(), 0)

    def test_names_do_not_lead_to_files_elsewhere(self):
        self.pull("hf:me/mine")
        with tempfile.TemporaryDirectory() as folder:
            secret = pathlib.Path(folder) / "secret.gguf"
            secret.write_bytes(BUNDLED)
            outside = os.path.relpath(secret, self.cache)
            for name in (str(secret), outside, "../" + outside, "spark-Q8_0/../../" + outside):
                self.assert_refused(hearth("show", name), "NOT_FOUND")
                self.assert_refused(hearth("rm", name), "NOT_FOUND")
            self.assertTrue(secret.exists())

    def test_a_damaged_model_is_listed_as_such_and_can_be_deleted(self):
        path = pathlib.Path(self.pull("hf:me/mine")["path"])
        path.write_bytes(path.read_bytes()[:1000])
        self.assertIn(b"damaged", hearth("list").stdout)
        self.assertNotEqual(self.listed()[0]["fault"], "")
        self.assertEqual(hearth("rm", "spark-Q8_0").returncode, 0)

    def test_a_note_that_is_torn_hides_a_file_and_no_more(self):
        self.server["/other.gguf"] = Answer(BUNDLED)
        path = pathlib.Path(self.pull("hf:me/mine")["path"])
        self.pull(self.url("/other.gguf"))
        pathlib.Path(f"{path}.entry").write_text('{"url": "http')
        self.assertEqual([model["name"] for model in self.listed()], ["other"])
        self.assertEqual(json.loads(hearth("pull", "hf:me/mine", "--json").stdout)["path"], str(path))


if __name__ == "__main__":
    main()
