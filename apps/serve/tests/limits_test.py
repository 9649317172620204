"""What callers may take of the server: requests and tokens a minute, and requests at once."""

import re

from server import BUNDLED, InFolder, bearer, chat, hearth, main, post, until
from web_socket import Socket

CHAT = "/v1/chat/completions"
LONG = {"max_tokens": 100_000, "ignore_eos": True, "stream": True}
ENDLESS = {"prompt": "Count.", "maxTokens": -1, "ignoreEnd": True, "keepTokens": 8}
# Used up by one request, for longer than a test lasts: what is used beyond a minute's worth is waited for, too.
FEW_TOKENS = ("--tokens-per-minute", "5")
TEXT = "a cat " * 40


class Limits(InFolder):
    def test_of_requests(self):
        key = self.key("one", "--requests-per-minute", "2")
        server = self.serve("--keys", self.keys)
        for left in ("1", "0"):
            status, headers, _ = server.request("POST", CHAT, chat(max_tokens=1), bearer(key))
            self.assertEqual((status, headers["x-ratelimit-remaining-requests"]), (200, left))
            self.assertEqual(headers["x-ratelimit-limit-requests"], "2")
        status, headers, answer = server.request("POST", CHAT, chat(max_tokens=1), bearer(key))
        self.assertEqual((status, answer["error"]["type"]), (429, "rate_limit_error"))
        self.assertGreater(int(headers["Retry-After"]), 0)

    def test_of_tokens(self):
        key = self.key("one", *FEW_TOKENS)
        server = self.serve("--keys", self.keys)
        ask = lambda: server.request("POST", CHAT, chat(max_tokens=100, ignore_eos=True), bearer(key))
        self.assertEqual(ask()[0], 200)
        status, headers, answer = ask()
        self.assertEqual((status, headers["x-ratelimit-remaining-tokens"]), (429, "0"))
        self.assertIn("5 tokens a minute", answer["error"]["message"])

    def test_of_requests_at_once(self):
        key = self.key("one", "--concurrency", "1")
        server = self.serve("--keys", self.keys)
        with server.connect() as bare:
            bare.sendall(post(CHAT, chat(**LONG), f"Authorization: Bearer {key}"))
            self.assertTrue(bare.recv(100).startswith(b"HTTP/1.1 200"))
            self.assertEqual(server.request("POST", CHAT, chat(max_tokens=1), bearer(key))[0], 429)
        answers = lambda: server.request("POST", CHAT, chat(max_tokens=1), bearer(key))[0]
        self.assertTrue(until(lambda: answers() == 200))


class OnASocket(InFolder):
    """What is asked for on a WebSocket counts as what is asked for by HTTP."""

    def open(self, *options):
        self.secret, self.admin = self.key("one", *options), self.key("two", "--scope", "admin")
        self.server = self.serve("--keys", self.keys)
        self.socket = Socket(self.server, key=self.secret)
        self.addCleanup(self.socket.close)

    def ask(self, identity, function, **params):
        self.socket.send(identity, function, **params)
        return self.socket.last(identity)[1]

    def assert_refused(self, message, status=429):
        self.assertEqual(message["status"], "error", message)
        error = message["error"]
        self.assertEqual((error["code"], error["status"]), ("SERVER", status))
        if status == 429:
            self.assertGreater(error["retryAfter"], 0)

    def test_requests_are_counted_but_for_those_that_only_look_or_cancel(self):
        self.open("--requests-per-minute", "2")
        self.assertEqual(self.ask("a", "tokenize", text="Hi")["status"], "complete")
        self.assertEqual(self.ask("b", "generate", prompt="Hi", maxTokens=1)["status"], "complete")
        self.assert_refused(self.ask("c", "generate", prompt="Hi", maxTokens=1))
        self.assertEqual(self.server.request("POST", CHAT, chat(), bearer(self.secret))[0], 429)
        for function, params in (("models", {}), ("health", {}), ("cancel", {"id": "a"})):
            self.assertEqual(self.ask("d", function, **params)["status"], "complete")
        text = self.server.request("GET", "/metrics", headers=bearer(self.admin))[2]
        for status in (200, 429):
            labels = f'method="generate",route="/v1/ws",status="{status}"'
            self.assertRegex(text.decode(), rf'hearth_requests_total\{{key="[0-9a-f]+",{labels}\}} 1\n')

    def test_tokens_are_counted(self):
        self.open(*FEW_TOKENS)
        self.assertEqual(self.ask("a", "generate", prompt="Hi", maxTokens=100)["status"], "complete")
        self.assert_refused(self.ask("b", "generate", prompt="Hi", maxTokens=1))
        self.assertEqual(self.server.request("POST", CHAT, chat(), bearer(self.secret))[0], 429)

    def test_requests_at_once_are_counted(self):
        self.open("--concurrency", "1")
        for _ in range(10):  # one after the other, each may ask as soon as it has heard of the end
            self.assertEqual(self.ask("a", "generate", prompt="Hi", maxTokens=1)["status"], "complete")
        self.socket.send("long", "generate", **ENDLESS)
        self.assertEqual(self.socket.read()["status"], "streaming")
        other = Socket(self.server, key=self.secret)
        self.addCleanup(other.close)
        other.send("b", "tokenize", text="Hi")
        self.assert_refused(other.last("b")[1])
        self.socket.close()

        def is_free():
            other.send("b", "tokenize", text="Hi")
            return other.last("b")[1]["status"] == "complete"

        self.assertTrue(until(is_free))

    def test_keys_that_are_changed_are_changed_on_open_sockets(self):
        self.open()
        self.assertEqual(self.ask("a", "models")["status"], "complete")
        hearth("key", "disable", self.secret.split("-")[2], "--keys", self.keys)
        self.assertTrue(until(lambda: self.ask("a", "models")["status"] == "error"))
        self.assert_refused(self.ask("a", "models"), 401)


class VectorsAndScores(InFolder):
    """Tokens that are read without an answer are charged and counted, whichever API asks."""

    def start(self, *options):
        ranker = self.folder / "ranker.gguf"
        hearth("make-model", "tiny-bge-reranker", ranker, "--type", "F16")
        self.secret = self.key("one", *options)
        self.admin = self.key("two", "--scope", "admin")
        self.server = self.serve(BUNDLED, ranker, "--keys", self.keys)

    def post(self, path, body):
        status, _, answer = self.server.request("POST", path, body, bearer(self.secret))
        return status, answer

    def counted(self, model):
        text = self.server.request("GET", "/metrics", headers=bearer(self.admin))[2].decode()
        key = self.secret.split("-")[2]
        found = re.search(rf'hearth_prompt_tokens_total\{{key="{key}",model="{model}"\}} (\d+)', text)
        return int(found[1]) if found else 0

    def test_are_counted_alike_by_each_api(self):
        self.start()
        count = len(self.post("/tokenize", {"content": TEXT, "add_special": True})[1]["tokens"])
        documents = [f"document {number}" for number in range(20)]
        usage = self.post("/v1/rerank", {"model": "ranker", "query": "what?", "documents": documents})[1]
        ranked = usage["usage"]["prompt_tokens"]
        self.assertEqual(self.counted("ranker"), ranked)
        call = {"model": "hearth-spark", "name": "embed", "arguments": [[TEXT], {}]}
        rank = {"model": "ranker", "name": "rerank", "arguments": ["what?", documents]}
        for path, body, model, tokens in (
            ("/v1/embeddings", {"input": TEXT}, "hearth-spark", count),
            ("/embedding", {"content": TEXT}, "hearth-spark", count),
            ("/api/embed", {"model": "hearth-spark", "input": TEXT}, "hearth-spark", count),
            ("/api/embeddings", {"model": "hearth-spark", "prompt": TEXT}, "hearth-spark", count),
            ("/v1/hearth/call", call, "hearth-spark", count),
            ("/rerank", {"model": "ranker", "query": "what?", "texts": documents}, "ranker", ranked),
            ("/v1/hearth/call", rank, "ranker", ranked),
        ):
            before = self.counted(model)
            self.assertEqual(self.post(path, body)[0], 200, path)
            self.assertEqual(self.counted(model) - before, tokens, path)
        socket = Socket(self.server, key=self.secret)
        self.addCleanup(socket.close)
        before = self.counted("hearth-spark")
        socket.send("e", "embed", texts=[TEXT])
        self.assertEqual(socket.last("e")[1]["status"], "complete")
        self.assertEqual(self.counted("hearth-spark") - before, count)

    def test_are_charged(self):
        for path, body in (
            ("/v1/embeddings", {"model": "hearth-spark", "input": TEXT}),
            ("/v1/rerank", {"model": "ranker", "query": "what?", "documents": [TEXT] * 3}),
        ):
            with self.subTest(path):
                self.start(*FEW_TOKENS)
                self.assertEqual(self.post(path, body)[0], 200)
                self.assertEqual(self.post(path, body)[0], 429)
                self.server.end()


if __name__ == "__main__":
    main()
