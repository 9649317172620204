"""What shows how a model reads text: tokenize, template, embed."""

import json
import math
import pathlib
import struct
import tempfile
import unittest

from program import STORIES, TESTDATA, hearth, hearth_json, main, needs_testdata


def vocabulary_with_template(template):
    """A file of a vocabulary alone, with one entry more."""
    file = (TESTDATA / "tokenizers/ggml-vocab-gpt-2.gguf").read_bytes()
    version, tensors, entries = struct.unpack_from("<IQQ", file, 4)
    key, text = b"tokenizer.chat_template", template.encode()
    entry = struct.pack("<Q", len(key)) + key + struct.pack("<IQ", 8, len(text)) + text
    return b"GGUF" + struct.pack("<IQQ", version, tensors, entries + 1) + entry + file[24:]


@needs_testdata
class Text(unittest.TestCase):
    def test_tokenizes(self):
        shown = hearth_json("tokenize", STORIES, "Once upon a time", "--json")
        self.assertEqual(shown["tokens"], [1, 403, 407, 261, 378])
        self.assertEqual(shown["count"], 5)
        self.assertIn(b"    403  ", hearth("tokenize", STORIES, "Once upon a time").stdout)

    def test_tokenizes_with_a_vocabulary_alone(self):
        vocabulary = TESTDATA / "tokenizers/ggml-vocab-gpt-2.gguf"
        shown = hearth_json("tokenize", vocabulary, "-", "--json", "--no-special", stdin=b"Hello world")
        self.assertEqual(shown["tokens"], [15496, 995])

    def test_control_tokens_are_letters_unless_asked_for(self):
        self.assertNotIn(2, hearth_json("tokenize", STORIES, "</s>", "--json")["tokens"])
        self.assertIn(2, hearth_json("tokenize", STORIES, "</s>", "--json", "--parse-special")["tokens"])

    def test_renders_messages(self):
        self.assertEqual(hearth("template", STORIES, "Hi", "there").stdout, b"Hi\n\nthere")
        messages = json.dumps([{"role": "user", "content": "Hi"}]).encode()
        shown = hearth_json("template", STORIES, "--messages", "-", "--json", stdin=messages)
        self.assertEqual(shown["prompt"], "Hi")
        self.assertEqual(hearth("template", STORIES, "--messages", "-", stdin=b"{}").returncode, 1)
        capabilities = shown["templateCapabilities"]
        self.assertEqual((capabilities["system"], capabilities["tools"]), (True, False))

    def test_takes_messages_in_parts_and_names_what_is_no_text(self):
        content = [{"type": "text", "text": "Once "}, {"type": "text", "text": "upon"}]
        messages = json.dumps([{"role": "user", "content": content}]).encode()
        self.assertEqual(hearth("template", STORIES, "--messages", "-", stdin=messages).stdout, b"Once upon")
        image = json.dumps([{"role": "user", "content": [{"type": "image_url"}]}]).encode()
        refused = hearth("template", STORIES, "--messages", "-", stdin=image)
        self.assertEqual(refused.returncode, 1)
        self.assertIn(b'messages[0].content[0] is a part of type "image_url"', refused.stderr)

    def test_reads_tokens_back(self):
        ids = hearth_json("tokenize", STORIES, "Once upon a time", "--json")["tokens"]
        for list in (",".join(map(str, ids)), json.dumps(ids), " ".join(map(str, ids))):
            self.assertEqual(hearth("tokenize", STORIES, "--decode", list).stdout, b"Once upon a time")
        named = hearth("tokenize", STORIES, "--decode", "-", "--parse-special", stdin=b"1 403\n")
        self.assertRegex(named.stdout, b"^<s> ?Once$")
        self.assertEqual(hearth_json("tokenize", STORIES, "403", "--decode", "--json")["text"], "Once")
        for wrong in ("512", "1,-1", "1.5", "one"):
            refused = hearth("tokenize", STORIES, "--decode", "--", wrong)
            self.assertEqual(refused.returncode, 1)
            self.assertIn(b"is no token: ids are whole numbers from 0 to 511", refused.stderr)

    def test_gives_variables_to_templates(self):
        template = "{{ messages[0].content }}{% if enable_thinking is false %} </think>{% endif %}"
        with tempfile.TemporaryDirectory() as folder:
            vocabulary = pathlib.Path(folder, "vocabulary.gguf")
            vocabulary.write_bytes(vocabulary_with_template(template))
            self.assertEqual(hearth("template", vocabulary, "Hi").stdout, b"Hi")
            variables = '{"enable_thinking": false}'
            shown = hearth("template", vocabulary, "Hi", "--variables", variables)
        self.assertEqual(shown.stdout, b"Hi </think>")
        for command in (["template", STORIES, "Hi"], ["run", STORIES, "Hi"], ["chat", STORIES]):
            for wrong in ("[]", "{"):
                refused = hearth(*command, "--variables", wrong)
                self.assertIn(b"INVALID_ARGUMENT: --variables: ", refused.stderr)

    def test_says_where_json_is_wrong(self):
        def refusal(json, *arguments):
            ended = hearth("template", STORIES, "--messages", "-", *arguments, stdin=json)
            self.assertEqual(ended.returncode, 1)
            return ended.stderr.decode()

        wrong = refusal(b'[{"role": "user",\n  content: "Hi"}]')
        self.assertIn("hearth: INVALID_ARGUMENT: standard input: ", wrong)
        self.assertIn("line 2, column 3", wrong)
        self.assertIn("nested more than 200 deep", refusal(b"[" * 5000))
        self.assertIn("unexpected end of input", refusal(b""))
        self.assertIn("is not a JSON array", refusal(b"{}"))
        folder = hearth("template", STORIES, "--messages", "/")
        self.assertIn(b"hearth: INVALID_ARGUMENT: /: cannot read it: Is a directory", folder.stderr)
        with_mark = hearth(
            "template", STORIES, "--messages", "-", stdin=b'\xef\xbb\xbf[{"role":"user","content":"Hi"}]'
        )
        self.assertEqual(with_mark.stdout, b"Hi")

    def test_reads_a_template_of_its_own_file_and_answers_in_its_format(self):
        template = (
            "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}{% endfor %}"
            "{% if add_generation_prompt %}<|assistant|><think>{% endif %}"
            "{# <tool_call> #}{{ tools }}"
        )
        function = {"name": "weather", "parameters": {"type": "object", "properties": {}}}
        tools = json.dumps([{"type": "function", "function": function}])
        output = 'a</think> b\n<tool_call>{"name": "weather", "arguments": {"n": 1}}</tool_call>'
        expected = {
            "content": "b",
            "reasoning": "a",
            "toolCalls": [{"id": "call00000", "name": "weather", "arguments": {"n": 1}}],
        }
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder)
            (path / "chat.jinja").write_text(template)
            (path / "tools.json").write_text(tools)
            (path / "output.txt").write_text(output + "\n")
            of_file = ["template", "--template", path / "chat.jinja"]
            self.assertEqual(hearth(*of_file, "Hi").stdout, b"<|user|>Hi<|assistant|><think>")
            parse = [*of_file, "--tools", path / "tools.json", "--parse"]
            self.assertEqual(hearth_json(*parse, output), expected)
            self.assertEqual(hearth_json(*parse, f"@{path / 'output.txt'}"), expected)
            self.assertEqual(hearth_json(*parse, "-", stdin=output.encode()), expected)
            kept = hearth_json(*parse, "<think>a</think>b", "--keep-reasoning")
            self.assertEqual(kept, {"content": "<think>a</think>b", "reasoning": "", "toolCalls": []})
            self.assertEqual(hearth(*parse, "@absent").returncode, 1)
            self.assertEqual(hearth(*of_file, "--tools", path / "chat.jinja").returncode, 1)
        self.assertEqual(hearth("template").returncode, 2)

    def test_embeds_each_text(self):
        lines = hearth("embed", STORIES, "a cat", "a dog", "--pooling", "last").stdout.splitlines()
        self.assertEqual(len(lines), 2)
        self.assertAlmostEqual(math.sqrt(sum(x * x for x in json.loads(lines[0]))), 1, places=5)


if __name__ == "__main__":
    main()
