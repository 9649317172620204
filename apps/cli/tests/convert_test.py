"""hearth convert."""

import pathlib
import tempfile
import unittest

from program import STORIES, hearth, hearth_json, main, needs_testdata


@needs_testdata
class Convert(unittest.TestCase):
    def test_writes_a_smaller_model_that_runs(self):
        with tempfile.TemporaryDirectory() as folder:
            smaller = pathlib.Path(folder, "q8.gguf")
            wrote = hearth_json("convert", STORIES, smaller, "--type", "Q8_0", "--json")
            self.assertLess(wrote["bytes"], wrote["bytesBefore"] / 2)
            told = hearth("run", smaller, "Once upon a time", "--raw", "-n", 3, "--temperature", 0)
            self.assertEqual(told.stdout, b", there was")

    def test_says_what_the_tensors_became(self):
        wrote = hearth_json("convert", STORIES, "/dev/null", "--type", "Q8_0", "--json")
        self.assertEqual(wrote["type"], "Q8_0")
        # Rows of 172 elements have no whole blocks of 32.
        self.assertEqual(wrote["tensors"], {"F32": 11, "F16": 5, "Q8_0": 32})
        said = hearth("convert", STORIES, "/dev/null", "--type", "Q8_0").stdout
        self.assertTrue(said.endswith(b"; tensors: 11 F32, 5 F16, 32 Q8_0\n"), said)

    def test_tells_of_tensors_that_fell_back(self):
        wrote = hearth_json("convert", STORIES, "/dev/null", "--type", "Q8_0", "--json")
        self.assertEqual(len(wrote["fallbacks"]), 5)
        self.assertEqual(
            wrote["fallbacks"][0],
            {"tensor": "blk.0.ffn_down.weight", "columns": 172, "wanted": "Q8_0", "type": "F16"},
        )
        said = hearth("convert", STORIES, "/dev/null", "--type", "Q8_0").stderr
        self.assertIn(b"blk.0.ffn_down.weight: rows of 172 are no whole blocks of Q8_0; it becomes F16", said)

    def test_takes_types_of_single_tensors(self):
        wrote = hearth_json(
            "convert", STORIES, "/dev/null", "--type", "Q8_0", "--tensor-type", "attn_[kv]=F16", "--json"
        )
        self.assertEqual(wrote["tensors"], {"F32": 11, "F16": 15, "Q8_0": 22})
        for wrong, reason in [
            ("attn", b"PATTERN=TYPE"),
            ("attn=Q9", b"'Q9'"),
            ("a[=F16", b"regular expression"),
        ]:
            ended = hearth("convert", STORIES, "/dev/null", "--type", "Q8_0", "--tensor-type", wrong)
            self.assertEqual(ended.returncode, 1)
            self.assertIn(reason, ended.stderr)

    def test_refuses_what_is_no_importance_matrix(self):
        ended = hearth("convert", STORIES, "/dev/null", "--type", "Q8_0", "--imatrix", STORIES)
        self.assertEqual(ended.returncode, 1)
        self.assertIn(b"hearth: INVALID_MODEL: ", ended.stderr)
        self.assertIn(b"general.type", ended.stderr)

    def test_refuses_a_type_that_no_weight_can_have(self):
        ended = hearth("convert", STORIES, "/dev/null", "--type", "Q2_K")
        self.assertEqual(ended.returncode, 1)
        self.assertIn(b"hearth: INVALID_ARGUMENT: ", ended.stderr)
        self.assertIn(b"no weight can be Q2_K: its blocks have 256 elements", ended.stderr)

    def test_refuses_a_type_that_is_none(self):
        ended = hearth("convert", STORIES, "/dev/null", "--type", "Q9_Z")
        self.assertEqual(ended.returncode, 1)
        self.assertIn(b"hearth: INVALID_ARGUMENT: 'Q9_Z'", ended.stderr)


if __name__ == "__main__":
    main()
