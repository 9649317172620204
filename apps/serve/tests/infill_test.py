"""Texts whose middle is asked for, of models whose vocabularies have tokens for it."""

import pathlib
import subprocess
import tempfile
import unittest

from answers import events
from server import PROGRAM, Server, main

PREFIX = "def add(a, b):\n"
SUFFIX = "print(add(1, 2))\n"


class Code(unittest.TestCase):
    """A model with random weights, and what its vocabulary calls its tokens."""

    shape = None

    @classmethod
    def setUpClass(cls):
        if cls.shape is None:
            raise unittest.SkipTest("the tests of each vocabulary")
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        model = pathlib.Path(folder.name) / f"{cls.shape}.gguf"
        subprocess.run(
            [PROGRAM, "make-model", cls.shape, model, "--type", "F16"], check=True, capture_output=True
        )
        cls.server = Server(model)
        cls.addClassCleanup(cls.server.end)

    def post(self, path, body, status=200):
        got, _, answer = self.server.request("POST", path, body)
        self.assertEqual(got, status, answer)
        return answer

    def tokens(self, text):
        """Of a piece that control tokens stand around."""
        return self.post("/tokenize", {"content": text})["tokens"]

    def control(self, name):
        (token,) = self.tokens(name)[-1:]
        return token

    def prompt(self, path="/infill", **body):
        """The tokens of the prompt that is made of a request, found by what its answer says of it."""
        answer = self.post(path, {"input_prefix": PREFIX, "input_suffix": SUFFIX, "n_predict": 1, **body})
        return answer["prompt"], answer["tokens_evaluated"]

    def assert_same(self, got, *parts):
        """The prompt has these parts: control tokens by name, texts as the vocabulary cuts them."""
        expected = [token for part in parts for token in self.tokens(part)]
        text = self.post("/completion", {"prompt": expected, "n_predict": 1})["prompt"]
        self.assertEqual(got, (text, len(expected)))


class Qwen(Code):
    shape = "tiny-qwen2-coder"
    head = ("<|repo_name|>", "myproject\n")
    own = ("<|file_sep|>", "filename\n", "<|fim_prefix|>")

    def test_reads_the_middles_surroundings_in_the_order_of_llama_server(self):
        tail = ("<|fim_suffix|>", SUFFIX, "<|fim_middle|>")
        self.assert_same(self.prompt(), *self.head, *self.own, PREFIX, *tail)
        got = self.prompt(prompt="    ret")
        self.assert_same(got, *self.head, *self.own, PREFIX, "    ret", *tail)

    def test_reads_other_files_before(self):
        extra = [{"filename": "a.py", "text": "A = 1\n"}, {"text": "B = 2\n"}]
        files = ("<|file_sep|>", "a.py\n", "A = 1\n", "<|file_sep|>", "tmp\n", "B = 2\n")
        tail = (PREFIX, "<|fim_suffix|>", SUFFIX, "<|fim_middle|>")
        self.assert_same(self.prompt(input_extra=extra), *self.head, *files, *self.own, *tail)

    def test_takes_no_control_tokens_from_an_editor(self):
        with_name = self.prompt(input_prefix="<|fim_middle|>")[1]
        self.assertGreater(with_name, self.prompt(input_prefix="")[1] + 1)

    def test_leaves_out_what_is_farthest_from_the_cursor(self):
        long = "".join(f"{number}\n" for number in range(2000))
        extra = [{"filename": "a.py", "text": "first\n" + long}]
        text, count = self.prompt(input_prefix=long, input_suffix=long, input_extra=extra, n_predict=8)
        self.assertLess(count, 512)
        before, behind = text.split("<|fim_prefix|>")[1].split("<|fim_suffix|>")
        self.assertTrue(before.endswith("\n1999\n"), before)
        self.assertTrue(behind.startswith("0\n1\n"), behind)
        self.assertNotIn("first", text)

    def test_fills_in_for_clients_of_openai_and_ollama(self):
        tokens = ["<|fim_prefix|>", PREFIX, "<|fim_suffix|>", SUFFIX, "<|fim_middle|>"]
        expected = sum(len(self.tokens(part)) for part in tokens)
        body = {"prompt": PREFIX, "suffix": SUFFIX, "max_tokens": 4, "temperature": 0}
        answer = self.post("/v1/completions", body)
        self.assertEqual(answer["usage"]["prompt_tokens"], expected)
        raw = self.post("/completion", {"prompt": "".join(tokens), "n_predict": 4, "temperature": 0})
        self.assertEqual(answer["choices"][0]["text"], raw["content"])
        echoed = self.post("/v1/completions", {**body, "echo": True})["choices"][0]["text"]
        self.assertTrue(echoed.startswith(PREFIX), echoed)
        options = {"num_predict": 4, "temperature": 0}
        body = {"model": self.shape, "prompt": PREFIX, "suffix": SUFFIX, "stream": False, "options": options}
        answer = self.post("/api/generate", body)
        self.assertEqual((answer["prompt_eval_count"], answer["response"]), (expected, raw["content"]))

    def test_is_streamed_and_ends_at_its_limits(self):
        body = {"input_prefix": PREFIX, "input_suffix": SUFFIX, "temperature": 0, "n_predict": 24}
        whole = self.post("/infill", body)["content"]
        pieces = [data for _, data in events(self.post("/infill", {**body, "stream": True}))]
        self.assertEqual("".join(piece["content"] for piece in pieces), whole)
        # A grammar that leaves no choice tells where lines end.
        lines = {**body, "n_predict": 100, "grammar": r'root ::= "    a\n    b\nc\n    d\n"'}
        for stream in (False, True):
            answer = self.post("/infill", {**lines, "n_indent": 4, "stream": stream})
            if stream:
                pieces = [data for _, data in events(answer)]
                answer = {**pieces[-1], "content": "".join(piece["content"] for piece in pieces)}
            self.assertEqual((answer["content"], answer["stop_type"]), ("    a\n    b\n", "limit"))
        free = self.post("/infill", lines)["content"]
        self.assertEqual(free, "    a\n    b\nc\n    d\n")
        endless = {**lines, "n_predict": 400, "grammar": r'root ::= ("a\n" | "b\n"){400}'}
        quick = self.post("/infill", {**endless, "t_max_predict_ms": 1})
        self.assertLess(quick["tokens_predicted"], 400)
        self.assertEqual(quick["stop_type"], "limit")


class CodeLlama(Code):
    shape = "tiny-codellama"

    def test_reads_the_middles_surroundings_in_the_order_of_llama_server(self):
        tail = (PREFIX, "▁<SUF>", SUFFIX, "▁<MID>")
        self.assert_same(self.prompt(), "<s>", "▁<PRE>", *tail)
        extra = [{"filename": "a.py", "text": "A = 1\n"}]
        heading = "\n\n--- snippet ---\n\n"
        self.assert_same(self.prompt(input_extra=extra), heading, "A = 1\n", "<s>", "▁<PRE>", *tail)

    def test_begins_with_the_beginning_of_text_for_clients_of_openai(self):
        body = {"prompt": PREFIX, "suffix": SUFFIX, "max_tokens": 1}
        parts = ("<s>", "▁<PRE>", PREFIX, "▁<SUF>", SUFFIX, "▁<MID>")
        expected = sum(len(self.tokens(part)) for part in parts)
        self.assertEqual(self.post("/v1/completions", body)["usage"]["prompt_tokens"], expected)


if __name__ == "__main__":
    main()
