"""hearth grammar, and answers that are held to grammars."""

import json
import pathlib
import tempfile
import unittest

from program import STORIES, hearth, hearth_json, main, needs_testdata

LIST = b'root ::= item ("," item)*\nitem ::= [a-z]+\n'


class Grammar(unittest.TestCase):
    def test_tells_by_its_exit_code_what_a_text_is(self):
        for text, exit_code, line in (
            ("a,b", 0, b"accepted\n"),
            ("a,", 3, b"incomplete at byte 2; possible there: [a-z]\n"),
            ("a,b1", 1, b'rejected at byte 3; possible there: the end, [a-z], ","\n'),
        ):
            told = hearth("grammar", "-", "--test", text, stdin=LIST)
            self.assertEqual((told.returncode, sorted(told.stdout)), (exit_code, sorted(line)), told.stdout)

    def test_refuses_a_grammar_with_exit_code_2(self):
        told = hearth("grammar", "-", stdin=b"root ::= other")
        self.assertEqual(told.returncode, 2)
        self.assertIn(b"hearth: INVALID_ARGUMENT: line 1, column 10", told.stderr)
        self.assertEqual(hearth("grammar", "/missing").returncode, 1)
        self.assertEqual(hearth("grammar", "-", stdin=LIST).returncode, 0)

    def test_tries_several_texts_and_files(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "text"
            file.write_bytes(b"no\r\n")
            tried = ("--kind", "choices", "--test", "yes", "--test", "n", "--test-file", file)
            shown = hearth("grammar", "-", *tried, "--json", stdin=b"yes\nno\n")
            self.assertEqual(shown.returncode, 3)
            tests = json.loads(shown.stdout)["tests"]
            self.assertEqual([test["verdict"] for test in tests], ["accepted", "incomplete", "accepted"])
            self.assertEqual(tests[1], {"text": "n", "verdict": "incomplete", "byte": 1, "possible": ['"o"']})
            self.assertEqual(tests[2]["file"], str(file))

    def test_reads_schemas_and_regular_expressions(self):
        schema = b'{"type": "integer", "minimum": 5}'
        for text, exit_code in (("17", 0), ("", 3), ("4", 3), ("x", 1)):
            told = hearth("grammar", "-", "--kind", "schema", "--test", text, stdin=schema)
            self.assertEqual(told.returncode, exit_code, text)
        told = hearth("grammar", "-", "--kind", "regex", "--test", "ab1", stdin=b"[a-c]+\\d?\n")
        self.assertEqual(told.returncode, 0, told.stdout)
        self.assertEqual(hearth("grammar", "-", "--kind", "regex", stdin=b"(").returncode, 2)
        self.assertEqual(hearth("grammar", "-", "--kind", "schema", stdin=b'{"$ref": "#/x"}').returncode, 2)


@needs_testdata
class Constrained(unittest.TestCase):
    def test_answers_follow_a_grammar(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "list.gbnf"
            file.write_bytes(b'root ::= [a-z]{3} "," [0-9]{2}\n')
            shown = hearth_json("run", STORIES, "Once", "--raw", "--grammar", file, "--json")
            self.assertRegex(shown["text"], r"\A[a-z]{3},[0-9]{2}\Z")
            self.assertEqual(shown["finishReason"], "stop")
        shown = hearth_json("run", STORIES, "Once", "--raw", "--choice", "red", "--choice", "blue", "--json")
        self.assertIn(shown["text"], ("red", "blue"))

    def test_a_grammar_that_cannot_be_read_is_an_error(self):
        self.assertEqual(hearth("run", STORIES, "Once", "--grammar", "/missing").returncode, 1)
        told = hearth("run", STORIES, "Once", "--grammar", "-", stdin=b"root ::= other")
        self.assertEqual(told.returncode, 1)
        self.assertIn(b"there is no rule of this name", told.stderr)


if __name__ == "__main__":
    main()
