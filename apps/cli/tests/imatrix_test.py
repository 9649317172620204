"""hearth imatrix."""

import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time
import unittest

from program import PROGRAM, STORIES, TESTDATA, hearth, hearth_json, main, needs_testdata

TEXT = TESTDATA / "reference/botchan-20k.txt"


def catches_interrupts(process):
    """Whether it has come to where it does, for which a busy machine takes a while; or has ended."""
    if process.poll() is not None:
        return True
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    caught = int(re.search(r"^SigCgt:\s*(\w+)", status, re.MULTILINE)[1], 16)
    return caught >> (signal.SIGINT - 1) & 1 == 1


@needs_testdata
class Imatrix(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.matrix = self.folder / "imatrix.gguf"

    def measure(self, *options, model=STORIES):
        return hearth_json(
            "imatrix",
            model,
            "--file",
            TEXT,
            "-o",
            self.matrix,
            "--context",
            128,
            "--chunks",
            3,
            "--json",
            *options,
        )

    def test_writes_a_file_that_convert_takes(self):
        self.assertEqual(
            self.measure(), {"file": str(self.matrix), "weights": 35, "chunks": 3, "context": 128}
        )
        entries = hearth_json("inspect", self.matrix, "--json")["metadata"]
        self.assertEqual(entries["general.type"], "imatrix")
        self.assertEqual(entries["imatrix.chunk_count"], 3)
        self.assertEqual(entries["imatrix.chunk_size"], 128)
        self.assertEqual(entries["imatrix.datasets"]["first"], [TEXT.name])
        quantised = hearth(
            "convert", STORIES, self.folder / "q.gguf", "--type", "Q4_0", "--imatrix", self.matrix
        )
        self.assertEqual(quantised.returncode, 0, quantised.stderr)
        self.assertNotIn(b"has nothing of", quantised.stderr)

    def test_measures_the_output_where_asked_to(self):
        self.assertEqual(self.measure("--process-output")["weights"], 36)

    def test_measures_experts_one_by_one(self):
        model = self.folder / "experts.gguf"
        hearth("make-model", "tiny-mixtral", model, "--type", "F16")
        # Attention, router and three kinds of experts' weights, in two layers.
        self.assertEqual(self.measure(model=model)["weights"], 2 * (4 + 1 + 3))
        shapes = {
            tensor["name"]: tensor["shape"]
            for tensor in hearth_json("inspect", self.matrix, "--json")["tensors"]
        }
        self.assertEqual(shapes["blk.1.ffn_down_exps.weight.in_sum2"], [512, 4])
        self.assertEqual(shapes["blk.1.ffn_down_exps.weight.counts"], [1, 4])

    def test_leaves_out_chunks(self):
        self.assertEqual(self.measure()["chunks"], 3)
        whole = self.matrix.read_bytes()
        self.measure("--from-chunk", 1)
        self.assertNotEqual(self.matrix.read_bytes(), whole)
        ended = hearth("imatrix", STORIES, "-f", TEXT, "-o", self.matrix, "--from-chunk", 1000)
        self.assertEqual(ended.returncode, 1)
        self.assertIn(b"--from-chunk", ended.stderr)

    def test_leaves_no_half_file_when_interrupted(self):
        model = self.folder / "model.gguf"
        hearth("make-model", "tiny-llama", model, "--type", "F16")
        text = self.folder / "long.txt"
        text.write_bytes(TEXT.read_bytes() * 200)
        before = sorted(os.listdir(self.folder))
        command = [PROGRAM, "imatrix", model, "--file", text, "-o", self.matrix, "-t", "1"]
        with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
            while not catches_interrupts(process):
                time.sleep(0.05)
            time.sleep(0.5)
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(60), 130)
        self.assertEqual(sorted(os.listdir(self.folder)), before)

    def test_does_not_write_over_what_it_reads(self):
        text = self.folder / "text.txt"
        text.write_bytes(TEXT.read_bytes())
        model = self.folder / "model.gguf"
        model.write_bytes(STORIES.read_bytes())
        for own in (text, model):
            before = own.read_bytes()
            ended = hearth("imatrix", model, "--file", text, "-o", own)
            self.assertEqual(ended.returncode, 1)
            self.assertIn(b"INVALID_ARGUMENT", ended.stderr)
            self.assertEqual(own.read_bytes(), before)

    def test_refuses_what_it_cannot_measure(self):
        ended = hearth("imatrix", STORIES, "--file", "-", "-o", self.matrix, stdin=b"too short")
        self.assertEqual(ended.returncode, 1)
        self.assertIn(b"INVALID_ARGUMENT", ended.stderr)
        for shape in ("tiny-bert", "tiny-t5"):
            encoder = self.folder / f"{shape}.gguf"
            hearth("make-model", shape, encoder, "--type", "F16")
            ended = hearth("imatrix", encoder, "--file", TEXT, "-o", self.matrix)
            self.assertEqual(ended.returncode, 1)
            self.assertIn(b"UNSUPPORTED", ended.stderr)
            self.assertFalse(self.matrix.exists())


if __name__ == "__main__":
    main()
