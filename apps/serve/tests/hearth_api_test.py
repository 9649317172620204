"""What Hearth's own clients speak: the engine's calls and answers behind /v1/hearth."""

import base64
import functools
import http.client
import http.server
import json
import os
import pathlib
import shutil
import struct
import tempfile
import threading
import unittest

from server import BUNDLED, Server, main, until

CHAT = json.dumps({"messages": [{"role": "user", "content": "What is 3 plus 4?"}]})


class QuietFiles(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class HearthApi(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        broken = pathlib.Path(folder.name) / "broken.gguf"
        broken.write_text("no model")
        slow = pathlib.Path(folder.name) / "slow.gguf"
        os.mkfifo(slow)  # whoever opens it waits
        cls.server = Server(BUNDLED, broken, slow, environment={"HEARTH_CACHE": folder.name + "/cache"})
        cls.addClassCleanup(cls.server.end)

    def post(self, path, **body):
        return self.server.request("POST", f"/v1/hearth/{path}", body)

    def events(self, path, **body):
        status, headers, data = self.post(path, **body)
        self.assertEqual(status, 200, data)
        self.assertTrue(headers["Content-Type"].startswith("text/event-stream"))
        return [json.loads(event.removeprefix("data: ")) for event in data.decode().split("\n\n")[:-1]]

    def load(self, **more):
        """A model of the test's own, unloaded behind it."""
        model = self.events("load", model="hearth-spark", options={"threads": 1, **more})[-1]["model"]
        self.addCleanup(self.post, "unload", model=model["id"])
        return model

    def call(self, model, name, *arguments, data=b""):
        """What it is, and its bytes."""
        status, headers, reply = self.post(
            "call", model=model, name=name, arguments=arguments, data=base64.b64encode(data).decode()
        )
        self.assertEqual(status, 200, reply)
        return headers["X-Hearth-Reply"], reply

    def tokens(self, model="hearth-spark", chat=CHAT):
        kind, reply = self.call(model, "chatTokens", chat)
        self.assertEqual(kind, "int32")
        return [number for number, in struct.iter_unpack("<i", reply)]

    def refusal(self, path, **body):
        """Its status, code and the member that it names."""
        status, _, data = self.post(path, **body)
        return status, data["error"]["code"], data["error"]["param"]

    def listed(self):
        return {model["id"]: model["hearth"] for model in self.server.request("GET", "/v1/models")[2]["data"]}

    def test_a_model_of_the_server_is_loaded_for_all(self):
        model = self.events("load", model="hearth-spark")[-1]["model"]
        self.assertEqual(model["id"], "hearth-spark")
        self.assertEqual(model["info"]["architecture"], "llama")
        self.assertGreater(model["memory"], 10**6)
        self.assertEqual(self.events("load", model="hearth-spark")[-1]["model"], model)

    def test_a_model_with_options_is_loaded_by_itself_with_progress_until_it_is_unloaded(self):
        *progress, last = self.events("load", model="hearth-spark", options={"contextSize": 100})
        stages = [event["progress"]["stage"] for event in progress]
        self.assertEqual([stages[0], stages[-1]], ["parse", "ready"])
        model = last["model"]
        self.assertEqual(model["info"]["contextSize"], 100)
        self.assertTrue(self.listed()[model["id"]]["loaded"])
        self.assertEqual(self.post("unload", model=model["id"])[2], {})
        self.assertNotIn(model["id"], self.listed())
        self.assertEqual(self.refusal("unload", model=model["id"])[:2], (404, "NOT_FOUND"))
        self.assertNotEqual(
            self.events("load", model="hearth-spark")[-1]["model"]["info"]["contextSize"], 100
        )

    def test_a_model_is_loaded_under_an_id_or_one_like_it(self):
        first, second = [self.events("load", model="hearth-spark", id="mine")[-1]["model"] for _ in range(2)]
        self.assertEqual(first["id"], "mine")
        self.assertTrue(second["id"].startswith("mine@"))
        for model in (first, second):
            self.post("unload", model=model["id"])

    def test_metrics_count_a_model_under_the_one_that_it_is_once_more(self):
        model = self.events("load", model="hearth-spark", id="counted")[-1]["model"]["id"]
        self.server.request("POST", "/v1/completions", {"model": model, "prompt": "Hi", "max_tokens": 1})
        self.post("unload", model=model)
        text = self.server.request("GET", "/metrics")[2].decode()
        self.assertIn('hearth_answers_total{finish="length",model="hearth-spark"}', text)
        self.assertNotIn("counted", text)

    def test_a_model_of_the_server_stays_known_when_it_is_unloaded(self):
        self.events("load", model="hearth-spark")
        self.post("unload", model="hearth-spark")
        self.assertFalse(self.listed()["hearth-spark"]["loaded"])
        self.assertIn("7", self.text_of(self.generate()))

    def test_a_model_that_cannot_be_loaded_says_why_and_leaves_nothing(self):
        for more in ({}, {"id": "bad"}):
            self.assertEqual(
                self.events("load", model="broken", **more)[-1]["error"]["code"], "INVALID_MODEL"
            )
        for option, value in (("contextSize", -1), ("maxSequences", "many"), ("maxSequences", [])):
            events = self.events("load", model="hearth-spark", id="bad", options={option: value})
            self.assertEqual(events[-1]["error"]["code"], "INVALID_ARGUMENT")
            self.assertIn(option, events[-1]["error"]["message"])
        self.assertNotIn("bad", self.listed())

    def test_a_model_whose_client_leaves_while_it_is_loaded_is_forgotten(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        connection.request("POST", "/v1/hearth/load", json.dumps({"model": "slow", "id": "left"}))
        self.assertTrue(until(lambda: "left" in self.listed()))
        connection.close()
        self.assertTrue(until(lambda: "left" not in self.listed()))

    def test_an_address_is_downloaded_and_is_a_model_of_the_server_from_then_on(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        shutil.copy(BUNDLED, pathlib.Path(folder.name) / "other.gguf")
        handler = functools.partial(QuietFiles, directory=folder.name)
        origin = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=origin.serve_forever, daemon=True).start()
        self.addCleanup(origin.server_close)
        self.addCleanup(origin.shutdown)
        address = f"http://127.0.0.1:{origin.server_port}/other.gguf"
        *progress, last = self.events("load", model=address)
        self.assertIn("download", [event["progress"]["stage"] for event in progress])
        self.assertTrue(self.listed()[last["model"]["id"]]["loaded"])
        *progress, again = self.events("load", model=address)
        self.assertEqual([progress, again], [[], last])
        own = self.events("load", model=address, options={"contextSize": 64})[-1]["model"]
        self.assertEqual(own["info"]["contextSize"], 64)
        self.post("unload", model=own["id"])
        self.assertEqual(self.events("load", model=address + "x")[-1]["error"]["code"], "NOT_FOUND")

    def test_no_file_is_loaded_by_its_path(self):
        for path in (str(BUNDLED), "/etc/passwd", "../models/hearth-spark.gguf", f"file://{BUNDLED}"):
            self.assertEqual(self.refusal("load", model=path)[:2], (404, "NOT_FOUND"), path)
            self.assertEqual(self.refusal("load", model=path, id="x")[:2], (404, "NOT_FOUND"), path)

    def generate(self, model="hearth-spark", **options):
        return self.events(
            "generate", model=model, tokens=self.tokens(model), options={"temperature": 0, **options}
        )

    def text_of(self, events):
        return "".join(event["text"] for event in events)

    def test_an_answer_comes_in_events_the_last_with_its_figures(self):
        *events, last = self.generate()
        self.assertIn("7", self.text_of([*events, last]))
        self.assertTrue(all("result" not in event for event in events))
        result = last["result"]
        self.assertEqual(result["finishReason"], "stop")
        self.assertEqual(result["promptTokens"], len(self.tokens()))
        self.assertEqual(result["completionTokens"], last["completionTokens"])
        counts = [event["completionTokens"] for event in [*events, last]]
        self.assertEqual(counts, sorted(counts))

    def test_an_answer_carries_what_belongs_to_its_text(self):
        tokens = [
            token
            for event in self.generate(logprobs=1)
            for token in event.get("extras", {}).get("logprobs", [])
        ]
        self.assertGreater(len(tokens), 2)
        self.assertIn("7", "".join(token["text"] for token in tokens))

    def test_what_cannot_be_answered_is_refused_by_its_name(self):
        def refusal(**body):
            return self.refusal("generate", **{"model": "hearth-spark", "tokens": [1], **body})

        self.assertEqual(refusal(model="x"), (404, "NOT_FOUND", "model"))
        self.assertEqual(refusal(tokens=[1, -1]), (400, "INVALID_ARGUMENT", "tokens"))
        self.assertEqual(refusal(tokens=[1.5]), (400, "INVALID_ARGUMENT", "tokens"))
        self.assertEqual(refusal(tokens=[2**31]), (400, "INVALID_ARGUMENT", "tokens"))
        self.assertEqual(refusal(tokens=[2**31 - 1])[:2], (400, "INVALID_ARGUMENT"))
        self.assertEqual(refusal(tokens="abc"), (400, "INVALID_ARGUMENT", "tokens"))
        self.assertEqual(refusal(options=[]), (400, "INVALID_ARGUMENT", "options"))
        self.assertEqual(refusal(options={"temprature": 1})[:2], (400, "INVALID_ARGUMENT"))
        self.assertEqual(refusal(tokens=[1] * 100_000)[:2], (400, "CONTEXT_OVERFLOW"))

    def test_an_answer_whose_reader_leaves_is_computed_no_further(self):
        model = self.load()["id"]
        body = {"model": model, "tokens": self.tokens(model), "options": {"ignoreEnd": True, "keepTokens": 8}}
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        connection.request("POST", "/v1/hearth/generate", json.dumps(body))
        connection.getresponse().read(100)
        self.assertEqual(self.listed()[model]["active"], 1)
        connection.close()
        self.assertTrue(until(lambda: self.listed()[model]["active"] == 0))

    def test_an_answer_of_a_model_that_is_unloaded_comes_to_its_end(self):
        model = self.load()["id"]
        options = {"ignoreEnd": True, "maxTokens": 200}
        body = {"model": model, "tokens": self.tokens(model), "options": options}
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        self.addCleanup(connection.close)
        connection.request("POST", "/v1/hearth/generate", json.dumps(body))
        response = connection.getresponse()
        response.read(100)
        self.post("unload", model=model)
        self.assertNotIn(model, self.listed())
        last = response.read().decode().split("data: ")[-1]
        self.assertEqual(json.loads(last)["result"]["completionTokens"], 200)

    def test_calls_give_what_the_engine_gives(self):
        model = "hearth-spark"
        self.assertEqual(self.call(model, "info")[0], "json")
        kind, text = self.call(model, "detokenize", True, data=struct.pack("<3i", *self.tokens()[:3]))
        self.assertEqual([kind, type(text)], ["text", bytes])
        self.assertIn("3 plus 4", self.call(model, "applyChatTemplate", CHAT)[1].decode())
        kind, vectors = self.call(model, "embed", ["one", "two"], {})
        size = self.call(model, "info")[1]["embeddingLength"]
        self.assertEqual([kind, len(vectors)], ["float32", 2 * 4 * size])
        kind, rest = self.call(model, "chatTokensThatFit", CHAT)
        self.assertEqual([kind, rest["tokens"]], ["json", self.tokens()])

    def test_a_state_goes_out_and_comes_back(self):
        model = self.load()["id"]
        chat = json.dumps({"messages": [{"role": "user", "content": "one two three " * 40}]})
        tokens = self.tokens(model, chat)
        self.events("generate", model=model, tokens=tokens, options={"maxTokens": 1})
        kind, state = self.call(model, "saveState")
        self.assertEqual(kind, "bytes")
        other = self.load()["id"]
        self.assertEqual(self.call(other, "restoreState", data=state), ("nothing", b""))
        last = self.events("generate", model=other, tokens=tokens, options={"maxTokens": 1})[-1]
        self.assertGreater(last["result"]["cachedTokens"], 0)

    def test_calls_that_make_no_sense_are_refused(self):
        def refusal(**body):
            return self.refusal(
                "call", **{"model": "hearth-spark", "name": "tokenize", "arguments": [], **body}
            )

        self.assertEqual(refusal(model="x"), (404, "NOT_FOUND", "model"))
        self.assertEqual(refusal(name="logits"), (400, "INVALID_ARGUMENT", "name"))
        self.assertEqual(refusal(name=""), (400, "INVALID_ARGUMENT", "name"))
        self.assertEqual(refusal()[:2], (400, "INVALID_ARGUMENT"))
        self.assertEqual(refusal(arguments={}), (400, "INVALID_ARGUMENT", "arguments"))
        for data in ("AAA", "A===", "AA=A", "ä", "AAAA AAA"):
            self.assertEqual(refusal(data=data), (400, "INVALID_ARGUMENT", "data"), data)
        self.assertEqual(refusal(name="restoreState", data="AAAA")[:2], (400, "INVALID_ARGUMENT"))


if __name__ == "__main__":
    main()
