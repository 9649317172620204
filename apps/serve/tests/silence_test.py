"""What clients of streams hear while there is nothing to tell: that it goes on, so that nobody cuts the connection."""

import json
import threading

from server import BUNDLED, InFolder, chat, main, post, read_all

CHAT = "/v1/chat/completions"
ANSWER = {"stream": True, "max_tokens": 4}
QUESTION = {"messages": [{"role": "user", "content": "What is 2+2?"}], **ANSWER}
# What each API's streams are asked for, and what its events say at the end.
STREAMS = {
    CHAT: (QUESTION, "[DONE]"),
    "/v1/completions": ({"prompt": "What", **ANSWER}, "[DONE]"),
    "/completion": ({"prompt": "What", "stream": True, "n_predict": 4}, '"stop":true'),
    "/v1/responses": ({"input": "Hello", "stream": True, "max_output_tokens": 4}, "response.incomplete"),
    "/v1/messages": (QUESTION, "message_stop"),
    "/v1/hearth/generate": ({"tokens": [1, 2, 3], "options": {"maxTokens": 4}}, '"result"'),
}
CONFIG = """
limits: {{pingTime: 1s}}
models: [{{name: hearth-spark, source: "{}", options: {{maxSequences: 1}}}}]
"""


class Silence(InFolder):
    def setUp(self):
        super().setUp()
        self.server = self.serve("--config", self.write("hearth.yaml", CONFIG.format(BUNDLED)))

    def occupy(self):
        """The model's one place, until the connection is closed."""
        bare = self.server.connect()
        self.addCleanup(bare.close)
        bare.sendall(post(CHAT, chat(max_tokens=100_000, ignore_eos=True, stream=True)))
        self.assertIn(b" 200 OK", bare.recv(1000))
        threading.Thread(target=read_all, args=(bare,), daemon=True).start()
        return bare

    def begin(self, path, body):
        bare = self.server.connect()
        self.addCleanup(bare.close)
        bare.sendall(post(path, body, "Connection: close"))
        return bare

    def read_to(self, bare, text):
        read = b""
        while text not in read:
            piece = bare.recv(65536)
            self.assertTrue(piece, read)
            read += piece
        return read

    def test_is_filled_before_the_answer_begins(self):
        busy = self.occupy()
        begun = {path: self.begin(path, body) for path, (body, _) in STREAMS.items()}
        heard = {path: self.read_to(bare, b"ping") for path, bare in begun.items()}
        busy.shutdown(2)
        for path, bare in begun.items():
            with self.subTest(path):
                whole = heard[path] + read_all(bare)
                self.assertIn(b" 200 OK", whole)
                self.assertIn(b"text/event-stream", whole)
                own = b'event: ping\ndata: {"type":"ping"}\n\n'
                self.assertIn(own if path == "/v1/messages" else b"\n: ping\n\n", whole)
                self.assertIn(STREAMS[path][1].encode(), whole)

    def test_is_not_filled_where_the_answer_is_no_stream(self):
        busy = self.occupy()
        bare = self.begin(CHAT, {**QUESTION, "stream": False})
        self.read_to(self.begin(CHAT, QUESTION), b"ping")
        busy.shutdown(2)
        body = read_all(bare).split(b"\r\n\r\n", 1)[1]
        self.assertEqual(json.loads(body)["choices"][0]["finish_reason"], "length")


if __name__ == "__main__":
    main()
