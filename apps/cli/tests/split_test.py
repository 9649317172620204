"""hearth split and hearth join."""

import hashlib
import json
import pathlib
import signal
import subprocess
import tempfile
import unittest

from program import PROGRAM, ROOT, STORIES, hearth, hearth_json, main, needs_testdata


@needs_testdata
class Split(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def names(self):
        return sorted(path.name for path in self.folder.iterdir())

    def test_parts_run_as_the_model_does_and_join_to_the_same_tensors(self):
        wrote = hearth_json("split", STORIES, self.folder / "s.gguf", "--max-tensors", 20, "--json")
        self.assertEqual(wrote["parts"], 3)
        self.assertEqual(self.names(), [f"s-0000{part}-of-00003.gguf" for part in (1, 2, 3)])
        prompt = ["Once upon a time", "--raw", "-n", 3, "--temperature", 0]
        told = hearth("run", self.folder / "s-00001-of-00003.gguf", *prompt)
        self.assertEqual(told.stdout, b", there was")
        whole = self.folder / "whole.gguf"
        joined = hearth_json("join", self.folder / "s-00001-of-00003.gguf", whole, "--json")
        self.assertEqual(joined["parts"], 3)
        self.assertEqual(whole.read_bytes(), self.rewritten())

    def rewritten(self):
        """The model as hearth writes it, without parts."""
        path = self.folder / "rewritten.gguf"
        self.assertEqual(hearth("join", STORIES, path).returncode, 0)
        return path.read_bytes()

    def test_parts_are_at_most_as_large_as_asked(self):
        hearth("split", STORIES, self.folder / "s", "--max-size", "400K")
        parts = list(self.folder.iterdir())
        self.assertGreater(len(parts), 2)
        # Headers but the first one's come on top.
        for part in parts:
            self.assertLess(part.stat().st_size, 400 * 1024 + 8192)

    def test_chunks_have_their_sizes_and_hashes_in_a_manifest(self):
        manifest = self.folder / "m.json"
        wrote = hearth_json("split", STORIES, manifest, "--chunk-size", "300KB", "--json")
        said = json.loads(manifest.read_bytes())
        whole = STORIES.read_bytes()
        self.assertEqual(said["name"], STORIES.name)
        self.assertEqual(said["version"], 1)
        self.assertEqual(said["size"], len(whole))
        self.assertEqual(said["sha256"], hashlib.sha256(whole).hexdigest())
        self.assertEqual(wrote["chunks"], len(said["chunks"]))
        parts = [(self.folder / chunk["url"]).read_bytes() for chunk in said["chunks"]]
        self.assertEqual(b"".join(parts), whole)
        for chunk, part in zip(said["chunks"], parts):
            self.assertEqual((chunk["size"], chunk["sha256"]), (len(part), hashlib.sha256(part).hexdigest()))
        self.assertEqual(hearth("join", manifest, self.folder / "whole.gguf").returncode, 0)
        self.assertEqual((self.folder / "whole.gguf").read_bytes(), whole)

    def test_the_manifest_is_the_one_that_typescript_is_tested_with(self):
        (self.folder / "m.gguf").write_bytes(b"GGUF" + b"weights " * 12_500)
        hearth("split", self.folder / "m.gguf", self.folder / "m.json", "--chunk-size", 40_000)
        expected = ROOT / "packages/core/src/sources/split_manifest.json"
        self.assertEqual((self.folder / "m.json").read_text(), expected.read_text())

    def test_names_no_chunk_as_no_url_can(self):
        ended = hearth("split", STORIES, self.folder / "a#b.json", "--chunk-size", "300KB")
        self.assertEqual(ended.returncode, 1)
        self.assertIn(b"INVALID_ARGUMENT", ended.stderr)
        self.assertEqual(self.names(), [])

    def test_join_names_the_chunk_that_is_damaged_and_writes_nothing(self):
        manifest = self.folder / "m.json"
        hearth("split", STORIES, manifest, "--chunk-size", "500KB")
        chunk = self.folder / "m.001"
        content = bytearray(chunk.read_bytes())
        content[1000] ^= 1
        for damaged in (content, content[:-1]):
            chunk.write_bytes(damaged)
            ended = hearth("join", manifest, self.folder / "whole.gguf")
            self.assertEqual(ended.returncode, 1)
            self.assertIn(b"hearth: INTEGRITY: ", ended.stderr)
            self.assertIn(b"m.001", ended.stderr)
            self.assertNotIn("whole.gguf", self.names())

    def test_join_refuses_what_is_no_manifest(self):
        manifest = self.folder / "m.json"
        for text in (
            "[]",
            '{"size": 5, "chunks": []}',
            '{"size": 1, "chunks": [{"url": "../x", "size": 1}]}',
        ):
            manifest.write_text(text)
            ended = hearth("join", manifest, self.folder / "whole.gguf")
            self.assertEqual(ended.returncode, 1)
            self.assertIn(b"INVALID_ARGUMENT", ended.stderr)

    def test_leaves_nothing_behind_when_it_is_interrupted(self):
        large = self.folder / "large"
        with open(large, "wb") as file:
            file.truncate(1 << 30)
        for arguments in (["split", large, self.folder / "m.json", "--chunk-size", "10MB"],):
            process = subprocess.Popen([PROGRAM, *map(str, arguments)], stderr=subprocess.DEVNULL)
            while not (self.folder / "m.001").exists() and process.poll() is None:
                pass
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(60), 130)
            self.assertEqual(self.names(), ["large"])

    def test_does_not_write_over_the_model_that_it_reads(self):
        part = self.folder / "s-00001-of-00001.gguf"
        hearth("split", STORIES, self.folder / "s", "--max-size", "1G")
        before = part.read_bytes()
        for arguments in (["split", part, self.folder / "s", "--max-size", "1G"], ["join", part, part]):
            ended = hearth(*arguments)
            self.assertEqual(ended.returncode, 1)
            self.assertIn(b"is a file that is read", ended.stderr)
        self.assertEqual(part.read_bytes(), before)

    def test_wants_one_limit(self):
        self.assertEqual(hearth("split", STORIES, self.folder / "s").returncode, 2)


if __name__ == "__main__":
    main()
