"""logits, perplexity and bench: against llama.cpp where it has figures."""

import array
import json
import math
import pathlib
import struct
import tempfile
import unittest

from program import EXPECTED_STORY, STORIES, TESTDATA, hearth, hearth_json, main, needs_testdata


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
            b"NOT_FOUND: /no/such: ", hearth("logits", STORIES, "--tokens", "1", "--out", "/no/such").stderr
        )
        self.assertIn(
            b"IO: /dev/full: ", hearth("logits", STORIES, "--tokens", "1", "--out", "/dev/full").stderr
        )

    def test_without_a_context_logits_have_the_one_that_help_names(self):
        # This shape's rope factors depend on it: they change above 256 positions, and it was trained for 2048.
        with tempfile.TemporaryDirectory() as folder:
            model, out = pathlib.Path(folder, "model.gguf"), pathlib.Path(folder, "logits.f32")
            self.assertEqual(hearth("make-model", "tiny-longrope", model, "--type", "F16").returncode, 0)

            def logits(*options):
                hearth("logits", model, "--tokens", "1,2,3,4", "--out", out, *options)
                return out.read_bytes()

            self.assertEqual(logits(), logits("--context", 2048))
            self.assertNotEqual(logits(), logits("--context", 4))

    def test_numbers_that_are_none_are_an_error_of_the_model(self):
        tensors = hearth_json("inspect", STORIES, "--json")["tensors"]
        norm = next(tensor for tensor in tensors if tensor["name"] == "output_norm.weight")
        data = bytearray(STORIES.read_bytes())
        data[norm["offset"] : norm["offset"] + 4] = struct.pack("<f", math.nan)
        with tempfile.TemporaryDirectory() as folder:
            model, out = pathlib.Path(folder, "model.gguf"), pathlib.Path(folder, "logits.f32")
            model.write_bytes(data)
            for command in (
                ["embed", model, "a cat"],
                ["perplexity", model, EXPECTED_STORY, "--context", 64],
                ["logits", model, "--tokens", "1,403", "--out", out],
                ["run", model, "a cat"],
            ):
                with self.subTest(command[0]):
                    ended = hearth(*command)
                    self.assertEqual(ended.returncode, 1)
                    self.assertEqual(ended.stdout, b"")
                    self.assertIn(b"hearth: INVALID_MODEL: the model gave", ended.stderr)
            self.assertFalse(out.exists())

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
    main()
