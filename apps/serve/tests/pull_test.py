"""POST /v1/models/pull and what comes of it: models that are downloaded while the server runs."""

import http.client
import json
import pathlib
import sys
import tempfile
import threading
import unittest

from server import BUNDLED, Server, chat, main, until

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "cli/tests"))
from model_server import Answer, ModelServer  # noqa: E402


class PullTest(unittest.TestCase):
    def setUp(self):
        self.origin = ModelServer()
        self.addCleanup(self.origin.close)
        self.origin["/spark.gguf"] = Answer(BUNDLED.read_bytes())
        cache = tempfile.TemporaryDirectory()
        self.addCleanup(cache.cleanup)
        self.cache = pathlib.Path(cache.name)
        self.server = Server(environment={"HEARTH_CACHE": cache.name, "HF_ENDPOINT": self.origin.origin})
        self.addCleanup(self.server.end)

    def events_of(self, reference):
        status, _, body = self.server.request("POST", "/v1/models/pull", {"model": reference})
        self.assertEqual(status, 200, body)
        return [json.loads(line[6:]) for line in body.decode().split("\n\n") if line]

    def error_of(self, method, path, body=None):
        status, _, answer = self.server.request(method, path, body)
        return status, answer["error"]["code"]

    def names(self):
        return [model["id"] for model in self.server.request("GET", "/v1/models")[2]["data"]]

    def test_a_model_that_was_pulled_answers_until_it_is_deleted(self):
        *progress, last = self.events_of(self.origin.origin + "/spark.gguf")
        self.assertEqual(last["model"]["id"], "spark")
        loaded = max(report["progress"]["loaded"] for report in progress)
        self.assertEqual(loaded, last["model"]["size"])
        self.assertEqual(self.names(), ["hearth-spark", "spark"])
        request = chat("What is 37 + 48?", model="spark", temperature=0)
        answer = self.server.request("POST", "/v1/chat/completions", request)[2]
        self.assertEqual(answer["choices"][0]["message"]["content"], "37 + 48 = 85.")
        self.assertEqual(self.server.request("DELETE", "/v1/models/spark")[2]["deleted"], True)
        self.assertEqual(self.names(), ["hearth-spark"])
        self.assertEqual(self.error_of("POST", "/v1/chat/completions", request), (404, "NOT_FOUND"))
        self.assertEqual([path for path in self.cache.rglob("*") if path.suffix == ".gguf"], [])

    def test_a_model_of_the_name_of_another_is_called_by_its_address(self):
        self.origin["/hearth-spark.gguf"] = Answer(BUNDLED.read_bytes())
        address = self.origin.origin + "/hearth-spark.gguf"
        self.events_of(address)
        self.assertEqual(self.names(), ["hearth-spark", address])
        answer = self.server.request("POST", "/v1/chat/completions", chat(model=address, max_tokens=1))[2]
        self.assertEqual(answer["model"], address)

    def test_what_cannot_be_pulled_is_refused_with_a_reason(self):
        self.origin["/text.gguf"] = Answer(b"no model")
        pull = "/v1/models/pull"
        for reference, code in [
            ("/etc/passwd", "INVALID_ARGUMENT"),
            ("../../etc/passwd", "INVALID_ARGUMENT"),
            ("hf:owner/../..:Q4_0", "INVALID_ARGUMENT"),
            (self.origin.origin + "/missing.gguf", "NOT_FOUND"),
            (self.origin.origin + "/text.gguf", "INVALID_MODEL"),
        ]:
            status, _, body = self.server.request("POST", pull, {"model": reference})
            error = body if status != 200 else json.loads(body.decode().split("\n\n")[-2][6:])
            self.assertEqual(error["error"]["code"], code, reference)
        self.assertEqual(self.error_of("POST", pull, {}), (400, "INVALID_ARGUMENT"))
        self.assertEqual(self.names(), ["hearth-spark"])

    def test_no_other_model_is_deleted_for_want_of_one(self):
        for name in ("", "gpt-4o"):
            self.assertEqual(self.error_of("DELETE", f"/v1/models/{name}"), (404, "NOT_FOUND"))
        self.assertEqual(self.server.request("DELETE", "/api/delete", {"model": "gpt-4o"})[0], 404)

    def test_the_models_of_the_server_are_not_deleted(self):
        self.assertEqual(self.error_of("DELETE", "/v1/models/hearth-spark"), (400, "INVALID_ARGUMENT"))
        self.assertEqual(self.error_of("DELETE", "/v1/models/..%2fhearth-spark"), (400, "INVALID_ARGUMENT"))
        self.assertTrue(BUNDLED.exists())

    def test_a_client_that_leaves_ends_its_download_and_the_next_goes_on_with_it(self):
        size = BUNDLED.stat().st_size
        self.origin["/spark.gguf"] = Answer(BUNDLED.read_bytes())
        self.origin.hold = threading.Event()
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port)
        body = json.dumps({"model": self.origin.origin + "/spark.gguf"})
        connection.request("POST", "/v1/models/pull", body)
        answer = connection.getresponse()
        loaded = 0
        while loaded < size // 4:
            line = answer.readline().strip()
            loaded = json.loads(line[6:])["progress"]["loaded"] if line else loaded
        answer.close()
        connection.close()
        left = 'route="/v1/models/pull",status="499"'
        self.assertTrue(until(lambda: left in self.server.request("GET", "/metrics")[2].decode()))
        self.origin.hold.set()
        self.origin.hold = None
        self.assertEqual(self.events_of(self.origin.origin + "/spark.gguf")[-1]["model"]["size"], size)
        self.assertIn("Range", self.origin.requests("/spark.gguf")[-1])


if __name__ == "__main__":
    main()
