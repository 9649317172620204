"""How the server ends, with work of all kinds under way: in order, so that it gives back what it holds."""

import http.client
import json
import os
import pathlib
import signal
import sys
import threading

from server import BUNDLED, InFolder, chat, main, post, read_all, until
from web_socket import ENDLESS, Socket

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "cli/tests"))
from model_server import Answer, ModelServer  # noqa: E402

CHAT = "/v1/chat/completions"
LONG = {"max_tokens": 100_000, "ignore_eos": True, "stream": True}
TWICE = (signal.SIGTERM, signal.SIGINT)


class EndTest(InFolder):
    def serve_with(self, config, **more):
        return self.serve("--config", self.write("hearth.yaml", config), **more)

    def begin(self, server, receive_buffer=None):
        """A connection on which an answer without an end has begun, in large pieces."""
        bare = server.connect(receive_buffer)
        self.addCleanup(bare.close)
        bare.sendall(post(CHAT, chat(**LONG, logprobs=True, top_logprobs=20)))
        self.assertTrue(bare.recv(10).startswith(b"HTTP/1.1"))
        return bare

    def origin(self):
        """A server of which a model is got to its half."""
        origin = ModelServer()
        self.addCleanup(origin.close)
        origin["/far.gguf"] = Answer(BUNDLED.read_bytes())
        origin.hold = threading.Event()
        self.addCleanup(origin.hold.set)
        return origin

    def test_waits_for_answers_and_sends_new_requests_elsewhere(self):
        server = self.serve()
        with server.connect() as bare:
            bare.sendall(post(CHAT, chat(max_tokens=600, stream=True, ignore_eos=True), "Connection: close"))
            self.assertTrue(bare.recv(10).startswith(b"HTTP/1.1"))
            server.process.send_signal(signal.SIGTERM)
            ready = lambda: server.request("GET", "/ready")
            try:
                self.assertTrue(until(lambda: ready()[0] == 503))
                status, headers, _ = server.request("POST", CHAT, chat(max_tokens=1))
                self.assertEqual((status, headers["Connection"]), (503, "close"))
                self.assertTrue(headers["Retry-After"])
            except ConnectionError:
                pass  # the answer was finished before
            self.assertIn(b"data: [DONE]", read_all(bare))
        server.wait()

    def test_cuts_answers_off_that_take_too_long(self):
        server = self.serve_with("limits: {drainTime: 500ms}\n")
        bare = self.begin(server)
        server.process.send_signal(signal.SIGTERM)
        self.assertTrue(b'"code":"ABORTED"' in read_all(bare))
        server.wait()

    def test_comes_at_once_for_those_who_ask_twice(self):
        server = self.serve()
        answers = [self.begin(server) for _ in range(8)]
        server.process.send_signal(signal.SIGTERM)
        self.assertTrue(until(lambda: server.request("GET", "/ready")[0] == 503))
        server.end(signal.SIGTERM)
        for bare in answers:
            self.assertTrue(b'"code":"ABORTED"' in read_all(bare))

    def test_comes_in_order_however_often_it_is_asked_for(self):
        for _ in range(4):
            server = self.serve()
            while server.process.poll() is None:
                server.process.send_signal(signal.SIGINT)
            server.wait()

    def test_waits_for_no_reader_that_does_not_read(self):
        server = self.serve_with("limits: {drainTime: 5s}\n")  # in which the answers use up the room for them
        for _ in range(4):
            self.begin(server, receive_buffer=2048)
        server.end(signal.SIGTERM)

    def test_waits_for_no_request_that_is_on_its_way(self):
        server = self.serve()
        whole = post(CHAT, chat(max_tokens=1))
        for sent in (b"", whole[:20], whole[:-5]):
            bare = server.connect()
            self.addCleanup(bare.close)
            bare.sendall(sent)
        self.assertEqual(server.request("GET", "/health")[0], 200)
        server.end(*TWICE)

    def test_takes_the_calls_of_the_engine_to_their_end(self):
        server = self.serve()
        texts = {"input": ["one text of several words " * 50] * 200}
        for path, body in (("/v1/embeddings", texts), ("/v1/tokenize", {"content": "word " * 100_000})):
            bare = server.connect()
            self.addCleanup(bare.close)
            bare.sendall(post(path, body))
        self.assertTrue(
            until(lambda: server.request("GET", "/v1/models")[2]["data"][0]["hearth"].get("active"))
        )
        server.end(*TWICE)

    def test_waits_for_no_web_socket_that_is_at_rest(self):
        server = self.serve()
        socket = Socket(server)
        self.addCleanup(socket.close)
        socket.send("h", "health")
        self.assertEqual(socket.last("h")[1]["status"], "complete")
        server.end(signal.SIGTERM)

    def test_ends_web_sockets_at_work(self):
        for drain_time, signals in (("200ms", TWICE[:1]), ("10m", TWICE)):
            server = self.serve_with(
                "limits: {drainTime: %s}\nmodels: [{source: %s, name: a}]\n" % (drain_time, BUNDLED)
            )
            for receive_buffer in (None, 2048):
                socket = Socket(server, receive_buffer)
                self.addCleanup(socket.close)
                for number in range(4):
                    socket.send(number, "generate", **ENDLESS)
                self.assertEqual(socket.read()["status"], "streaming")
            server.end(*signals)

    def test_gives_up_models_that_are_being_loaded(self):
        models = "".join(f"  - {{name: m{n}, source: {BUNDLED}, pinned: true}}\n" for n in range(12))
        for signals in (TWICE[:1], TWICE):
            self.serve_with("models:\n" + models).end(*signals)

    def test_leaves_behind_what_the_system_does_not_come_to_open(self):
        stuck = self.folder / "stuck.gguf"
        os.mkfifo(stuck)
        server = self.serve(BUNDLED, stuck)
        call = {"model": "hearth-spark", "name": "loadAdapter", "arguments": [str(stuck)]}
        for path, body in ((CHAT, chat(model="stuck")), ("/v1/hearth/call", call)):
            bare = server.connect()
            self.addCleanup(bare.close)
            bare.sendall(post(path, body))
        text = lambda: server.request("GET", "/metrics")[2].decode()
        self.assertTrue(until(lambda: "hearth_requests_running 3" in text()))
        server.end(*TWICE)

    def test_gives_up_downloads_with_what_waits_for_them(self):
        origin = self.origin()
        far = origin.origin + "/far.gguf"
        config = "models: [{name: here, source: %s}, {name: far, source: '%s'}]\n" % (BUNDLED, far)
        for path, model in (("/v1/models/pull", far), (CHAT, "far"), ("/v1/hearth/load", far)):
            cache = {"HEARTH_CACHE": str(self.folder / model.rsplit("/", 1)[-1])}
            server = self.serve_with(config, environment=cache)
            asked = len(origin.asked)
            connection = http.client.HTTPConnection("127.0.0.1", server.port)
            self.addCleanup(connection.close)
            connection.request("POST", path, json.dumps(chat(model=model)))
            self.assertTrue(until(lambda: len(origin.asked) > asked))
            server.end(*TWICE)

    def test_gives_up_the_download_of_its_first_model(self):
        origin = self.origin()
        config = "models: [{name: far, source: %s}]\n" % (origin.origin + "/far.gguf")
        server = self.serve_with(config, environment={"HEARTH_CACHE": str(self.folder / "cache")})
        self.assertTrue(until(lambda: origin.asked))
        self.assertNotIn("can't be loaded", server.end(signal.SIGTERM))


if __name__ == "__main__":
    main()
