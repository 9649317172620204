"""Ollama's API, as it is on the wire."""

import json
import pathlib
import re
import sys
import tempfile
import unittest

import answers
from server import BUNDLED, InFolder, Server, main, post

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "cli/tests"))
import model_server  # noqa: E402

WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "Tells the weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
FIGURES = ["total_duration", "load_duration", "prompt_eval_duration", "eval_duration"]


def chat(content="What is 2+2?", **members):
    messages = content if isinstance(content, list) else [{"role": "user", "content": content}]
    return {"model": "hearth-spark:latest", "messages": messages, "options": {"temperature": 0}, **members}


def prompt(text="What is 2+2?", **members):
    return {"model": "hearth-spark", "prompt": text, "options": {"temperature": 0}, **members}


class OllamaTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        thinker = pathlib.Path(folder) / "thinker.gguf"
        answers.write_thinking_model(thinker)
        cls.server = cls.enterClassContext(Server(BUNDLED, thinker))

    def lines(self, path, body):
        status, headers, body = self.server.request("POST", path, body)
        self.assertEqual((status, headers["Content-Type"]), (200, "application/x-ndjson"), body)
        return answers.lines(body)

    def whole(self, path, body):
        status, _, answer = self.server.request("POST", path, {**body, "stream": False})
        self.assertEqual(status, 200, answer)
        return answer

    def error(self, path, body, status, method="POST"):
        answered, _, error = self.server.request(method, path, body)
        self.assertEqual(answered, status, error)
        self.assertEqual(list(error), ["error"])
        return error["error"]

    def test_streams_a_chat_in_lines(self):
        lines = self.lines("/api/chat", chat())
        self.assertEqual("".join(line["message"]["content"] for line in lines), "2 + 2 = 4.")
        self.assertEqual({line["model"] for line in lines}, {"hearth-spark:latest"})
        self.assertEqual([line["done"] for line in lines], [False] * (len(lines) - 1) + [True])
        self.assertRegex(lines[0]["created_at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$")
        last = lines[-1]
        self.assertEqual((last["done_reason"], last["eval_count"]), ("stop", 8))
        self.assertGreater(last["prompt_eval_count"], 10)
        for figure in FIGURES:
            self.assertIsInstance(last[figure], int)
        self.assertGreater(last["total_duration"], last["eval_duration"])

    def test_answers_a_chat_as_a_whole(self):
        answer = self.whole("/api/chat", chat())
        self.assertEqual(answer["message"], {"role": "assistant", "content": "2 + 2 = 4."})
        self.assertTrue(answer["done"])

    def test_answers_a_prompt(self):
        lines = self.lines("/api/generate", prompt())
        self.assertEqual("".join(line["response"] for line in lines), "2 + 2 = 4.")
        answer = self.whole("/api/generate", prompt())
        self.assertEqual(answer["response"], "2 + 2 = 4.")
        self.assertEqual(answer["context"], lines[-1]["context"])
        self.assertNotIn("context", lines[0])

    def test_goes_on_in_a_context(self):
        first = self.whole("/api/generate", prompt())
        second = self.whole("/api/generate", prompt(context=first["context"]))
        self.assertGreater(second["prompt_eval_count"], len(first["context"]))
        self.assertEqual(second["context"][: len(first["context"])], first["context"])

    def test_takes_a_raw_prompt_as_it_is(self):
        raw = "<|im_start|>user\nWhat is 2+2?<|im_end|>\n<|im_start|>assistant\n"
        answer = self.whole("/api/generate", prompt(raw, raw=True))
        self.assertEqual(answer["response"], "2 + 2 = 4.")
        self.assertNotIn("context", answer)

    def test_keeps_to_its_options(self):
        options = {"temperature": 0, "num_predict": 3, "num_ctx": 64}
        answer = self.whole("/api/generate", prompt(options=options))
        self.assertEqual((answer["done_reason"], answer["eval_count"]), ("length", 3))
        stopped = self.whole("/api/generate", prompt(options={"temperature": 0, "stop": [" ="]}))
        self.assertEqual(stopped["response"], "2 + 2")

    def test_holds_the_answer_to_a_format(self):
        schema = {
            "type": "object",
            "properties": {"n": {"const": 4}},
            "required": ["n"],
            "additionalProperties": False,
        }
        answer = self.whole("/api/chat", chat(format=schema))
        self.assertEqual(json.loads(answer["message"]["content"]), {"n": 4})
        options = {"temperature": 0, "num_predict": 4}
        self.assertTrue(
            self.whole("/api/generate", prompt(format="json", options=options))["response"].startswith("{")
        )

    def test_calls_a_tool_and_answers_to_its_result(self):
        question = {"role": "user", "content": "What is the weather in Rome?"}
        message = self.whole("/api/chat", chat([question], tools=[WEATHER]))["message"]
        [call] = message["tool_calls"]
        self.assertEqual(call["function"]["name"], "weather")
        self.assertEqual(call["function"]["arguments"], {"city": "Rome"})
        streamed = self.lines("/api/chat", chat([question], tools=[WEATHER]))
        called = [line["message"]["tool_calls"] for line in streamed if "tool_calls" in line["message"]]
        self.assertEqual([calls[0]["function"] for calls in called], [call["function"]])
        self.assertEqual(streamed[-1]["done_reason"], "stop")
        result = {"role": "tool", "tool_name": "weather", "content": '{"weather":"sunny"}'}
        answer = self.whole("/api/chat", chat([question, message, result], tools=[WEATHER]))
        self.assertIn("in Rome", answer["message"]["content"])

    def test_switches_thinking(self):
        def message(think):
            asked = chat(model="thinker", think=think, options={"temperature": 0, "num_predict": 8})
            return self.whole("/api/chat", asked)["message"]

        self.assertNotEqual(message(True)["thinking"], "")
        self.assertNotIn("thinking", message(False))
        lines = self.lines("/api/chat", chat(model="thinker", options={"num_predict": 8}))
        self.assertIn("thinking", lines[0]["message"])

    def test_tells_logprobs(self):
        lines = self.lines("/api/chat", chat(logprobs=True, top_logprobs=2))
        told = [token for line in lines for token in line.get("logprobs", [])]
        self.assertEqual("".join(token["token"] for token in told), "2 + 2 = 4.")
        self.assertEqual(len(told[0]["top_logprobs"]), 2)

    def test_lists_and_shows_its_models(self):
        models = self.server.request("GET", "/api/tags")[2]["models"]
        self.assertEqual([model["name"] for model in models], ["hearth-spark:latest", "thinker:latest"])
        self.assertEqual(models[0]["size"], BUNDLED.stat().st_size)
        self.assertTrue(re.fullmatch("[0-9a-f]{64}", models[0]["digest"]))
        self.assertNotEqual(models[0]["digest"], models[1]["digest"])
        shown = self.server.request("POST", "/api/show", {"model": "hearth-spark:latest"})[2]
        self.assertEqual(shown["details"]["family"], "llama")
        self.assertEqual(shown["details"]["parameter_size"], "2.3M")
        self.assertIn("tools", shown["capabilities"])
        self.assertIn("<|im_start|>", shown["template"])
        self.assertEqual(shown["model_info"]["general.architecture"], "llama")
        self.assertIsNone(shown["model_info"]["tokenizer.ggml.tokens"])
        verbose = self.server.request("POST", "/api/show", {"name": "hearth-spark", "verbose": True})[2]
        self.assertEqual(len(verbose["model_info"]["tokenizer.ggml.tokens"]), 1536)

    def test_loads_and_unloads_a_model(self):
        def loaded():
            return [model["name"] for model in self.server.request("GET", "/api/ps")[2]["models"]]

        load = self.whole("/api/generate", {"model": "thinker"})
        self.assertEqual((load["response"], load["done_reason"]), ("", "load"))
        self.assertIn("thinker:latest", loaded())
        unload = self.whole("/api/chat", {"model": "thinker", "messages": [], "keep_alive": 0})
        self.assertEqual(unload["done_reason"], "unload")
        self.assertNotIn("thinker:latest", loaded())

    def test_pulls_a_model_and_deletes_it(self):
        origin = model_server.ModelServer()
        self.addCleanup(origin.close)
        origin["/pulled.gguf"] = model_server.Answer(BUNDLED.read_bytes())
        cache = self.enterContext(tempfile.TemporaryDirectory())
        server = self.enterContext(Server(BUNDLED, environment={"HEARTH_CACHE": cache}))
        status, _, body = server.request("POST", "/api/pull", {"model": f"{origin.origin}/pulled.gguf"})
        self.assertEqual(status, 200, body)
        told = answers.lines(body)
        self.assertEqual(told[-1], {"status": "success"})
        self.assertIn("pulling pulled.gguf", [line["status"] for line in told])
        again = {"name": f"{origin.origin}/pulled.gguf", "stream": False}
        self.assertEqual(server.request("POST", "/api/pull", again)[2], {"status": "success"})

        def names():
            return [model["name"] for model in server.request("GET", "/api/tags")[2]["models"]]

        self.assertIn("pulled:latest", names())
        answer = server.request("POST", "/api/chat", chat(model="pulled", stream=False))[2]
        self.assertEqual(answer["message"]["content"], "2 + 2 = 4.")
        self.assertEqual(server.request("DELETE", "/api/delete", {"model": "pulled:latest"})[0], 200)
        self.assertNotIn("pulled:latest", names())

    def test_embeds_texts(self):
        reply = self.whole("/api/embed", {"model": "hearth-spark", "input": ["a cat", "a dog", "a cat"]})
        first, second, third = reply["embeddings"]
        self.assertEqual(first, third)
        self.assertNotEqual(first, second)
        self.assertAlmostEqual(sum(value * value for value in first), 1, places=4)
        self.assertGreater(reply["prompt_eval_count"], 5)
        [one] = self.whole("/api/embed", {"model": "hearth-spark", "input": "a cat"})["embeddings"]
        self.assertEqual(one, first)
        old = self.whole("/api/embeddings", {"model": "hearth-spark", "prompt": "a cat"})
        self.assertEqual(old, {"embedding": first})
        long = {"model": "hearth-spark", "input": "word " * 2000}
        self.assertEqual(len(self.whole("/api/embed", long)["embeddings"]), 1)
        self.error("/api/embed", {**long, "truncate": False}, 400)

    def test_says_that_it_is_there(self):
        self.assertEqual(self.server.request("GET", "/")[2], b"Ollama is running")
        status, _, body = self.server.request("HEAD", "/")
        self.assertEqual((status, body), (200, b""))
        self.assertRegex(self.server.request("GET", "/api/version")[2]["version"], r"^\d+\.\d+\.\d+$")

    def test_says_what_is_wrong_in_its_own_form(self):
        self.assertIn("none", self.error("/api/chat", chat(model="none"), 404))
        self.assertIn("model", self.error("/api/chat", {"messages": []}, 400))
        self.assertIn("template", self.error("/api/generate", prompt(template="x"), 400))
        self.error("/api/generate", prompt(suffix="x"), 501)
        self.assertIn("registry", self.error("/api/pull", {"model": "llama3.2"}, 400))
        images = [{"role": "user", "content": "What is this?", "images": ["aGk="]}]
        self.assertIn("images", self.error("/api/chat", chat(images), 400))
        for path in ["/api/create", "/api/copy", "/api/push"]:
            self.assertIn(path, self.error(path, {"model": "x"}, 501))
        self.error("/api/chat", chat("word " * 2000), 400)
        self.error("/api/delete", {"model": "hearth-spark"}, 400, "DELETE")
        self.error("/api/delete", {"model": "none"}, 404, "DELETE")
        self.error("/api/chat", "[", 400)

    def test_who_leaves_in_the_middle_harms_nobody(self):
        with self.server.connect() as connection:
            connection.sendall(post("/api/generate", prompt("Tell me a story.")))
            connection.recv(200)
        self.assertEqual(self.whole("/api/chat", chat())["message"]["content"], "2 + 2 = 4.")


class Keys(InFolder):
    def test_without_the_scope_admin_use_models_and_change_none(self):
        user, admin = self.key("one"), self.key("two", "--scope", "admin")
        server = self.serve("--keys", self.keys)

        def status(key, method, path, body):
            return server.request(method, path, body, {"Authorization": f"Bearer {key}"})[0]

        options = {"temperature": 0, "num_predict": 2}
        self.assertEqual(status(user, "POST", "/api/chat", chat(keep_alive="5m", options=options)), 200)
        unload = {"model": "hearth-spark", "keep_alive": 0}
        for method, path, body in [
            ("POST", "/api/generate", unload),
            ("POST", "/api/pull", {"model": "hf.co/a/b"}),
            ("DELETE", "/api/delete", {"model": "hearth-spark"}),
        ]:
            self.assertEqual(status(user, method, path, body), 403)
        self.assertEqual(status(admin, "POST", "/api/generate", unload), 200)


if __name__ == "__main__":
    main()
