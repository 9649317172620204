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

    def test_refuses_a_type_that_is_none(self):
        ended = hearth("convert", STORIES, "/dev/null", "--type", "Q9_Z")
        self.assertEqual(ended.returncode, 1)
        self.assertIn(b"hearth: INVALID_ARGUMENT: 'Q9_Z'", ended.stderr)


if __name__ == "__main__":
    main()
