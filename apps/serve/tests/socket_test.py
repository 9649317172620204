"""/v1/ws: many requests on one WebSocket."""

import struct
import unittest

from server import Server, main, until
from web_socket import ENDLESS, Socket


class SocketTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()

    @classmethod
    def tearDownClass(cls):
        cls.server.end()

    def setUp(self):
        self.socket = Socket(self.server)
        self.addCleanup(self.socket.close)

    def error_of(self, identity, function, **params):
        self.socket.send(identity, function, **params)
        message = self.socket.last(identity)[1]
        self.assertEqual(message["status"], "error", message)
        return message["error"]

    def test_streams_an_answer_and_tells_all_of_it_at_the_end(self):
        self.assertEqual(self.socket.status, 101)
        self.socket.send("a", "generate", prompt="What is 37 + 48?", temperature=0)
        text, last = self.socket.last("a")
        self.assertEqual(last["status"], "complete")
        self.assertEqual(text, "37 + 48 = 85.")
        self.assertEqual(last["data"]["text"], text)
        self.assertEqual(last["data"]["finishReason"], "stop")
        self.assertGreater(last["data"]["usage"]["promptTokens"], 5)

    def test_answers_a_conversation_without_streaming(self):
        messages = [{"role": "user", "content": "What is 37 + 48?"}]
        self.socket.send(7, "chat", messages=messages, temperature=0, stream=False)
        message = self.socket.read()
        self.assertEqual((message["id"], message["status"]), (7, "complete"))
        self.assertEqual(message["data"]["text"], "37 + 48 = 85.")

    def test_answers_many_at_the_same_time_each_with_its_own_text(self):
        sums = {str(n): f"{30 + n} + 4 = {34 + n}." for n in range(8)}
        for n in range(8):
            self.socket.send(str(n), "generate", prompt=f"What is {30 + n} + 4?", temperature=0)
        texts = dict.fromkeys(sums, "")
        running = set(sums)
        while running:
            message = self.socket.read()
            if message["status"] == "streaming":
                texts[message["id"]] += message["data"]["text"]
            else:
                self.assertEqual(message["data"]["text"], texts[message["id"]])
                running.remove(message["id"])
        alone = {}
        for n in sums:
            self.socket.send("alone", "generate", prompt=f"What is {30 + int(n)} + 4?", temperature=0)
            alone[n] = self.socket.last("alone")[0]
        self.assertEqual(texts, alone)

    def test_cancels_a_request_and_goes_on_with_others(self):
        self.socket.send("long", "generate", **ENDLESS)
        self.assertEqual(self.socket.read()["status"], "streaming")
        self.socket.send("stop", "cancel", id="long")
        statuses = {}
        while len(statuses) < 2:
            message = self.socket.read()
            if message["status"] != "streaming":
                statuses[message["id"]] = message["status"], message["data"]
        self.assertEqual(statuses["stop"], ("complete", {"cancelled": True}))
        self.assertEqual(statuses["long"][0], "cancelled")
        self.socket.send("again", "cancel", id="long")
        self.assertEqual(self.socket.last("again")[1]["data"], {"cancelled": False})

    def test_other_functions(self):
        self.socket.send("t", "tokenize", text="Hello there")
        tokens = self.socket.last("t")[1]["data"]
        self.assertEqual(tokens["count"], len(tokens["tokens"]))
        self.socket.send("e", "embed", texts=["one", "two"])
        embeddings = self.socket.last("e")[1]["data"]["embeddings"]
        self.assertEqual([len(vector) for vector in embeddings], [len(embeddings[0])] * 2)
        self.assertAlmostEqual(sum(value * value for value in embeddings[0]), 1, places=4)
        self.socket.send("m", "models")
        models = self.socket.last("m")[1]["data"]["models"]
        self.assertEqual([model["id"] for model in models], ["hearth-spark"])
        self.socket.send("h", "health")
        self.assertEqual(self.socket.last("h")[1]["data"]["status"], "ok")
        self.socket.send("i", "metadata")
        self.assertEqual(self.socket.last("i")[1]["data"]["architecture"], "llama")

    def test_says_what_is_wrong_with_a_request_and_goes_on(self):
        self.assertEqual(self.error_of("a", "generate")["param"], "params.prompt")
        self.assertEqual(self.error_of("a", "fly")["code"], "INVALID_ARGUMENT")
        self.assertEqual(self.error_of("a", "execute_pipeline")["param"], "params.workflow")
        self.assertEqual(self.error_of("a", "generate", prompt="Hi", model="nix")["code"], "NOT_FOUND")
        self.assertEqual(
            self.error_of("a", "generate", prompt="Hi", temperature="hot")["code"], "INVALID_ARGUMENT"
        )
        self.assertEqual(self.error_of("a", "cancel")["param"], "params.id")
        odd = [{"role": "user", "content": "Hi"}, {"role": 5, "content": "Hi"}]
        self.assertEqual(self.error_of("a", "chat", messages=odd)["code"], "INVALID_ARGUMENT")
        for text in [b"nonsense", b"[]", b'{"function": "health"}', b'{"id": [1], "function": "health"}']:
            self.socket.send_frame(1, text)
            self.assertEqual(self.socket.read()["status"], "error")
        self.socket.send_frame(1, b'{"id": 1, "function": "health", "params": ' + b"[" * 5000)
        self.assertEqual(self.socket.read()["status"], "error")
        self.socket.send("h", "health")
        self.assertEqual(self.socket.last("h")[1]["status"], "complete")

    def test_requests_that_are_too_many_can_be_cancelled(self):
        for number in range(64):
            self.socket.send(number, "generate", **{**ENDLESS, "stream": False})
        self.assertEqual(self.error_of("more", "health")["code"], "SERVER")
        for number in range(64):
            self.socket.send(f"cancel {number}", "cancel", id=number)
        ended = [self.socket.read() for _ in range(128)]
        self.assertEqual(sum(message["status"] == "cancelled" for message in ended), 64)

    def test_an_id_is_taken_while_it_is_being_answered(self):
        self.socket.send("long", "generate", **ENDLESS)
        self.assertEqual(self.socket.read()["status"], "streaming")
        self.socket.send("long", "health")
        while (message := self.socket.read())["status"] == "streaming":
            pass
        self.assertEqual(message["error"]["param"], "id")

    def test_answers_pings_and_says_goodbye(self):
        self.socket.send_frame(9, b"are you there?")
        self.assertEqual(self.socket.read_frame(), (10, b"are you there?"))
        self.socket.send_frame(8, struct.pack(">H", 1000))
        self.assertEqual(self.socket.read_frame()[0], 8)

    def test_an_unmasked_frame_ends_the_socket(self):
        self.socket.connection.sendall(b"\x81\x02{}")
        with self.assertRaises(EOFError):
            self.socket.read()

    def test_a_client_that_leaves_frees_what_ran_for_it(self):
        for n in range(4):
            self.socket.send(n, "generate", **ENDLESS)
        self.assertEqual(self.socket.read()["status"], "streaming")
        self.socket.close()
        self.assertTrue(until(lambda: self.active() == 0))

    def test_a_reader_that_does_not_read_holds_only_itself(self):
        slow = Socket(self.server, receive_buffer=4096)
        self.addCleanup(slow.close)
        for n in range(8):
            slow.send(n, "generate", **ENDLESS)
        self.socket.send("a", "generate", prompt="What is 37 + 48?", temperature=0)
        self.assertEqual(self.socket.last("a")[0], "37 + 48 = 85.")

    def test_is_no_place_for_plain_requests(self):
        status, _, body = self.server.request("GET", "/v1/ws")
        self.assertEqual((status, body["error"]["code"]), (426, "INVALID_ARGUMENT"))

    def active(self):
        return self.server.request("GET", "/v1/models")[2]["data"][0]["hearth"]["active"]


if __name__ == "__main__":
    main()
