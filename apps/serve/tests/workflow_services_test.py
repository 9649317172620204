"""What workflows may use of the server beside its models, and the limits of the keys for which they run."""

import http.server
import json
import signal
import socket
import threading

from answers import events
from server import bearer, main, post
from workflows_served import ASK, BRANCHES, Workflows

NOTE = """
nodes:
  - {uses: storage.put, with: {key: "../note", value: "{{ note }}"}, when: "note is defined"}
  - {uses: storage.get, with: {key: "../note"}, output: found}
outputs: {value: "{{ state.found.value }}"}
"""

FETCH = """
nodes:
  - {uses: http.post, with: {url: "{{ url }}", json: {a: 1}, headers: {x-mine: "1"}}, output: got}
outputs: {status: "{{ state.got.status }}", json: "{{ state.got.json }}"}
"""


class Stores(Workflows):
    def test_keep_values_when_the_server_is_killed(self):
        self.open(config="  store: kept\n", note=NOTE)
        self.assertEqual(self.ask("/v1/workflows/note/run", {"input": {"note": "a"}})[0], 200)
        self.server.process.send_signal(signal.SIGKILL)
        self.server.wait()
        self.open(config="  store: kept\n")
        done = self.ask("/v1/workflows/note/run", {})[1]
        self.assertEqual(done["output"], {"value": "a"})
        self.assertEqual([path.name for path in self.folder.glob("*note*")], [])

    def test_are_off_by_default(self):
        self.open(note=NOTE)
        self.assertEqual(self.ask("/v1/workflows/note/run", {})[1]["error"]["code"], "UNSUPPORTED")

    def test_have_a_part_for_each_tenant(self):
        one, two = self.key("one"), self.key("two")
        self.open("--keys", self.keys, config="  store: kept\n", note=NOTE)
        run = lambda key, **body: self.ask("/v1/workflows/note/run", body, headers=bearer(key))[1]["output"]
        run(one, input={"note": "mine"})
        self.assertEqual((run(one), run(two)), ({"value": "mine"}, {"value": None}))


class Origin(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(self.path)
        if self.path.startswith("/to/"):
            self.send_response(307)
            self.send_header("Location", self.path[4:])
            self.end_headers()
            return
        answer = json.dumps({"got": body, "mine": self.headers.get("x-mine")}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


class Requests(Workflows):
    def origin(self):
        origin = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Origin)
        origin.asked = []
        threading.Thread(target=origin.serve_forever).start()
        self.addCleanup(origin.server_close)
        self.addCleanup(origin.shutdown)
        return origin, f"http://127.0.0.1:{origin.server_port}"

    def fetch(self, url):
        return self.ask("/v1/workflows/fetch/run", {"input": {"url": url}})

    def test_are_off_by_default(self):
        origin, address = self.origin()
        self.open(fetch=FETCH)
        status, answer = self.fetch(address + "/a")
        self.assertEqual((status, answer["error"]["code"]), (501, "UNSUPPORTED"))
        self.assertEqual(origin.asked, [])

    def test_go_to_the_origins_that_are_listed(self):
        (_, first), (two, second), (other, third) = self.origin(), self.origin(), self.origin()
        self.open(fetch=FETCH, config=f"  origins: ['{first}', '{second}']\n")
        answer = self.fetch(first + "/a")[1]
        self.assertEqual(answer["output"], {"status": 200, "json": {"got": {"a": 1}, "mine": "1"}})
        # What the workflow sends to one is not for another one.
        answer = self.fetch(f"{first}/to/{second}/b")[1]
        self.assertEqual(answer["output"]["json"], {"got": {"a": 1}, "mine": None})
        status, answer = self.fetch(f"{first}/to/{third}/c")
        self.assertEqual((status, answer["error"]["code"]), (501, "UNSUPPORTED"))
        self.assertEqual((two.asked, other.asked), (["/b"], []))

    def test_reach_nothing_near_by_a_name(self):
        _, address = self.origin()
        name = socket.gethostname()
        port = address.rsplit(":", 1)[1]
        self.open(fetch=FETCH, config=f"  origins: ['http://{name}:{port}']\n")
        status, answer = self.fetch(f"http://{name}:{port}/a")
        self.assertEqual(status, 501, answer)
        self.assertIn("its own network", answer["error"]["message"])

    def test_are_given_up_where_the_client_leaves(self):
        silent = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(silent.close)
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        self.open(fetch=FETCH, config=f"  origins: ['{address}']\n")
        with self.server.connect() as bare:
            bare.sendall(post("/v1/workflows/fetch/run", {"input": {"url": address}}))
            asked, _ = silent.accept()
            asked.recv(1000)
        asked.settimeout(30)
        while asked.recv(1000):
            pass
        asked.close()

    def test_have_origins_in_the_configuration(self):
        with self.assertRaisesRegex(AssertionError, "hearth.yaml:3:.*an origin has no path"):
            self.open(config="  origins: ['https://example.org/path']\n")


class WithKeys(Workflows):
    def test_calls_are_held_to_the_limits_of_the_key(self):
        key = self.key("one", "--requests-per-minute", "2")
        self.open("--keys", self.keys, key=key, ask=ASK)
        body = {"input": {"question": "Hi"}}
        self.assertEqual(self.ask("/v1/workflows/ask/run", body)[0], 200)
        status, headers, answer = self.server.request("POST", "/v1/workflows/ask/run", body, self.headers)
        self.assertEqual((status, answer["error"]["code"]), (429, "SERVER"))
        self.assertGreater(int(headers["Retry-After"]), 0)

    def test_a_call_is_refused_that_is_one_too_many(self):
        key = self.key("one", "--requests-per-minute", "1")
        self.open("--keys", self.keys, key=key, ask=ASK)
        status, headers, answer = self.server.request(
            "POST", "/v1/workflows/ask/run", {"input": {"question": "Hi"}}, self.headers
        )
        self.assertEqual((status, answer["error"]["code"]), (429, "SERVER"), answer)
        self.assertIn("node 'ask'", answer["error"]["message"])
        self.assertGreater(int(headers["Retry-After"]), 0)

    def test_tokens_are_charged_once(self):
        key = self.key("one", "--tokens-per-minute", "100000")
        self.open("--keys", self.keys, key=key, ask=ASK)
        left = lambda: int(
            self.server.request("POST", "/v1/tokenize", {"prompt": "Hi"}, self.headers)[1][
                "x-ratelimit-remaining-tokens"
            ]
        )
        self.assertLess(100000 - left(), 50)
        used = self.ask("/v1/workflows/ask/run", {"input": {"question": "Hi " * 400}})[1]["output"]["used"]
        self.assertGreater(used, 400)
        self.assertLess(100000 - left(), used * 1.5)

    def test_branches_wait_for_their_places(self):
        key, admin = self.key("one", "--concurrency", "1"), self.key("two", "--scope", "admin")
        self.open("--keys", self.keys, key=key)
        # A third branch waits beside the second.
        more = '  - {name: third, uses: llm.call, with: {prompt: "What is 5 + 4?"}}\n  - {name: meet'
        branches = BRANCHES.replace("400", "20").replace("  - {name: meet", more)
        branches = branches.replace("[left, right]", "[left, right, third]")
        body = {"workflow": branches, "stream": True}
        told = events(self.server.request("POST", "/v1/workflows/run", body, self.headers)[2])
        self.assertEqual(told[-1][0], "done", told[-1])
        nodes = [data["node"] for name, data in told if name == "token"]
        turns = [node for at, node in enumerate(nodes) if at == 0 or nodes[at - 1] != node]
        self.assertEqual(len(turns), 3, "one answer after the other")
        metrics = self.server.request("GET", "/metrics", headers=bearer(admin))[2].decode()
        self.assertRegex(metrics, r'route="/v1/workflows/\*"')

    def test_a_key_for_other_models_finds_none(self):
        key = self.key("one", "--model", "other")
        self.open(
            "--keys", self.keys, key=key, ask=ASK.replace("temperature", "model: hearth-spark, temperature")
        )
        status, answer = self.ask("/v1/workflows/ask/run", {"input": {"question": "Hi"}})
        self.assertEqual((status, answer["error"]["code"]), (404, "NOT_FOUND"), answer)
        self.assertEqual(self.ask("/v1/workflows", method="GET", headers=bearer("wrong"))[0], 401)


if __name__ == "__main__":
    main()
