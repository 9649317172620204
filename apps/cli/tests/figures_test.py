"""logits, perplexity and bench: against llama.cpp where it has figures."""

import array
import json
import pathlib
import tempfile
import unittest

from program import STORIES, TESTDATA, hearth, hearth_json, main, needs_testdata


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
