"""/v1/workflows and execute_pipeline: workflows on the server's models."""

import json

from answers import events
from server import main, post, until
from web_socket import Socket
from workflows_served import ASK, BRANCHES, Workflows

ENDLESS = """
nodes:
  - {name: start, uses: state.set, with: {a: 1}}
  - {name: one, uses: llm.call, with: {prompt: Count., maxTokens: -1, ignoreEnd: true, keepTokens: 8}}
  - {name: two, uses: llm.call, with: {prompt: Count on., maxTokens: -1, ignoreEnd: true, keepTokens: 8}}
edges: [{from: start, to: [one, two]}]
"""

INTERRUPTED = """
nodes:
  - {name: ask, uses: state.set, with: {question: why}, interrupt: after}
  - {name: tell, run: {type: expression, value: "question ~ answer", output_key: told}}
outputs: {told: "{{ state.told }}"}
"""

OTHERS = """
nodes:
  - {uses: llm.tokenize, with: {text: Hello there}, output: tokens}
  - {uses: llm.embed, with: {texts: [one, two]}, output: vectors}
  - {uses: memory.store, with: {key: sky, value: The sky is blue, embed: true}}
  - {uses: memory.search, with: {query: The sky is blue}, output: near}
outputs:
  count: "{{ state.tokens.count }}"
  vectors: "{{ state.vectors.embeddings | length }}"
  near: "{{ state.near.results[0].key }}"
"""


class OverHttp(Workflows):
    def test_of_the_folder_are_listed_shown_and_run(self):
        self.open(ask=ASK, wrong="nodes:\n  - {name: a, goto: b, wiht: 1}\n")
        (self.flows / "note.txt").write_text("no workflow")
        listed = self.ask("/v1/workflows", method="GET")[1]["data"]
        self.assertEqual([(each["id"], each["runs"]) for each in listed], [("ask", True), ("wrong", False)])
        self.assertEqual(listed[0]["name"], "asking")
        self.assertIn("question", json.dumps(listed[0]["input_schema"]))
        self.assertEqual(
            [(f["line"], f["column"], f["rule"]) for f in listed[1]["faults"]][0][2], "unknown-node"
        )
        shown = self.ask("/v1/workflows/ask", method="GET")[1]
        self.assertTrue(shown["graph"].startswith("flowchart TD\n"))
        status, done = self.ask("/v1/workflows/ask/run", {"input": {"question": "What is 2+2?"}})
        self.assertEqual((status, done["event"]), (200, "done"))
        self.assertIn("4", done["output"]["answer"])
        usage = done["usage"]
        self.assertEqual(usage["promptTokens"] + usage["completionTokens"], done["output"]["used"])
        # What is in the folder counts when it is asked for.
        (self.flows / "later.yaml").write_text(ASK)
        self.assertEqual(self.ask("/v1/workflows/later/validate")[1], {"runs": True, "faults": []})

    def test_are_streamed_event_by_event(self):
        self.open()
        body = {"workflow": ASK, "input": {"question": "What is 2+2?"}, "stream": True}
        status, headers, answer = self.server.request("POST", "/v1/workflows/run", body)
        self.assertEqual((status, headers["Content-Type"]), (200, "text/event-stream; charset=utf-8"))
        told = events(answer)
        self.assertTrue(all(name == data["event"] for name, data in told))
        self.assertEqual(told[0][0], "run_started")
        self.assertEqual(told[-1][0], "done")
        tokens = "".join(data["text"] for name, data in told if name == "token")
        self.assertEqual(tokens, told[-1][1]["output"]["answer"])

    def test_branches_are_answered_together(self):
        self.open()
        body = {"workflow": BRANCHES, "stream": True}
        told = events(self.server.request("POST", "/v1/workflows/run", body)[2])
        nodes = [data["node"] for name, data in told if name == "token"]
        self.assertIn("left", nodes[nodes.index("right") :])
        self.assertIn("right", nodes[nodes.index("left") :])
        self.assertEqual(told[-1][1]["usage"]["completionTokens"], 800)

    def test_a_client_that_leaves_stops_the_models_at_once(self):
        self.open()
        with self.server.connect() as bare:
            bare.sendall(post("/v1/workflows/run", {"workflow": ENDLESS, "stream": True}))
            told = b""
            while (
                b'"node":"one"' not in told or b'"node":"two"' not in told or told.count(b"event: token") < 4
            ):
                told += bare.recv(65536)
            self.assertEqual(self.running(), 2)
        self.assertTrue(until(lambda: self.running() == 0 and self.active() == 0))
        with self.server.connect() as bare:
            bare.sendall(post("/v1/workflows/run", {"workflow": ENDLESS}))
            self.assertTrue(until(lambda: self.running() == 2))
        self.assertTrue(until(lambda: self.running() == 0 and self.active() == 0))

    def test_an_interrupted_run_goes_on_with_a_changed_state(self):
        self.open(ask=INTERRUPTED)
        for path, text in (("/v1/workflows", {"workflow": INTERRUPTED}), ("/v1/workflows/ask", {})):
            stopped = self.ask(path + "/run", text)[1]
            self.assertEqual((stopped["event"], stopped["state"]), ("interrupted", {"question": "why"}))
            body = {**text, "checkpoint": stopped["checkpoint"], "state": {"answer": " not?"}}
            status, done = self.ask(path + "/resume", body)
            self.assertEqual((status, done["output"]), (200, {"told": "why not?"}))
        self.assertEqual(self.ask("/v1/workflows/ask/resume", {})[1]["error"]["param"], "checkpoint")
        for wrong in ({}, {"version": 1}, [], "x"):
            status, answer = self.ask("/v1/workflows/ask/resume", {"checkpoint": wrong})
            self.assertEqual((status, answer["error"]["code"]), (400, "INVALID_ARGUMENT"), answer)

    def test_all_faults_are_told_with_their_places(self):
        self.open()
        wrong = "nodes:\n  - {name: a, goto: b, wiht: 1}\n"
        answer = self.ask("/v1/workflows/validate", {"workflow": wrong})[1]
        self.assertFalse(answer["runs"])
        self.assertEqual(
            [(fault["line"], fault["column"], fault["rule"]) for fault in answer["faults"]],
            [(2, 21, "unknown-node"), (2, 24, "unknown-key")],
        )
        error = self.run_text(wrong, status=400)["error"]
        self.assertEqual((error["code"], error["faults"]), ("INVALID_ARGUMENT", answer["faults"]))
        answer = self.ask("/v1/workflows/validate", {"workflow": "a: [1"})[1]
        self.assertEqual([fault["rule"] for fault in answer["faults"]], ["no-yaml"])

    def test_say_what_is_wrong_with_a_request(self):
        self.open(ask=ASK)
        for path, body, status, code in (
            ("/v1/workflows/ask/run", {}, 400, "INVALID_ARGUMENT"),
            ("/v1/workflows/ask/run", {"input": []}, 400, "INVALID_ARGUMENT"),
            ("/v1/workflows/run", {}, 400, "INVALID_ARGUMENT"),
            ("/v1/workflows/run", {"workflow": 3}, 400, "INVALID_ARGUMENT"),
            ("/v1/workflows/run", "nonsense", 400, "INVALID_ARGUMENT"),
            ("/v1/workflows/absent/run", {}, 404, "NOT_FOUND"),
            ("/v1/workflows/.%2Fask/run", {}, 400, "INVALID_ARGUMENT"),
            ("/v1/workflows/x%2Fask/run", {}, 404, "NOT_FOUND"),
            ("/v1/workflows/ask/fly", {}, 404, "NOT_FOUND"),
            ("/v1/workflows/fly", {}, 404, "NOT_FOUND"),
        ):
            got, answer = self.ask(path, body)
            self.assertEqual((got, answer["error"]["code"]), (status, code), (path, answer))
        nodes = "nodes: [{uses: llm.call, with: {prompt: Hi, model: nix}}]"
        self.assertEqual(self.run_text(nodes, status=404)["error"]["code"], "NOT_FOUND")
        body = {"workflow": nodes, "stream": True}
        told = events(self.server.request("POST", "/v1/workflows/run", body)[2])
        self.assertEqual((told[-1][0], told[-1][1]["error"]["code"]), ("error", "NOT_FOUND"))

    def test_call_others_in_the_folder_and_nowhere_else(self):
        secret = self.folder / "secret.yaml"
        secret.write_text("nodes: [{uses: return, with: {value: {secret: 1}}}]")
        double = "nodes: [{uses: return, with: {value: {n: '{{ n * 2 }}'}}}]\noutputs: {twice: '{{ n }}'}"
        self.open(double=double)
        (self.flows / "link.yaml").symlink_to(secret)
        call = "nodes: [{{subgraph: '{}', input: {{n: 21}}, output: result}}]"
        self.assertEqual(self.run_text(call.format("double.yaml"))["state"]["result"], {"twice": 42})
        for path in ("../secret.yaml", str(secret), "link.yaml", "x/../../secret.yaml"):
            error = self.run_text(call.format(path), status=400)["error"]
            self.assertIn("outside of the server's folder", error["message"], path)
            self.assertEqual(error["faults"][0]["rule"], "unreadable-file")
        self.assertEqual(self.ask("/v1/workflows/link", method="GET")[0], 400)

    def test_use_the_other_abilities_of_models(self):
        self.open(config="  store: kept\n")
        done = self.run_text(OTHERS)
        self.assertEqual((done["output"]["vectors"], done["output"]["near"]), (2, "sky"))
        self.assertGreater(done["output"]["count"], 1)
        rerank = "nodes: [{uses: llm.rerank, with: {query: a, documents: [b, c]}}]"
        self.assertEqual(self.run_text(rerank, status=501)["error"]["code"], "UNSUPPORTED")

    def test_a_deadline_of_a_node_stops_the_model(self):
        self.open()
        nodes = "nodes: [{uses: llm.call, timeout_ms: 200, with: {prompt: Count., maxTokens: -1, ignoreEnd: true, keepTokens: 8}}]"
        self.assertEqual(self.run_text(nodes, status=504)["error"]["code"], "TIMEOUT")
        self.assertTrue(until(lambda: self.running() == 0))

    def test_the_deadline_of_requests_holds(self):
        self.open("--log-level", "error")
        self.server.end()
        written = self.write("hearth.yaml", "limits: {requestTime: 1s}\n")
        self.server = self.serve("--config", written)
        error = self.run_text(ENDLESS, status=504)["error"]
        self.assertEqual(error["code"], "TIMEOUT")
        self.assertTrue(until(lambda: self.running() == 0))

    def test_without_a_folder_there_are_none_by_name(self):
        self.server = self.serve()
        self.headers = {}
        self.assertEqual(self.ask("/v1/workflows", method="GET")[1], {"object": "list", "data": []})
        self.assertEqual(self.ask("/v1/workflows/ask/run")[0], 404)
        self.assertEqual(self.run_text(INTERRUPTED)["event"], "interrupted")

    def test_say_that_they_go_on_while_there_is_nothing_to_tell(self):
        written = self.write("hearth.yaml", "limits: {pingTime: 1s}\n")
        server = self.serve("--config", written)
        nodes = "nodes: [{uses: json.parse, with: {text: '{'}, error_policy: {max_retries: 1, backoff_base_ms: 2500, jitter: false}}]"
        answer = server.request("POST", "/v1/workflows/run", {"workflow": nodes, "stream": True})[2]
        self.assertIn(b": ping\n\n", answer)


class OnASocket(Workflows):
    def setUp(self):
        super().setUp()
        self.open(ask=ASK)
        self.socket = Socket(self.server)
        self.addCleanup(self.socket.close)

    def events_of(self, identity, **params):
        self.socket.send(identity, "execute_pipeline", **params)
        told = []
        while True:
            message = self.socket.read()
            self.assertEqual(message["id"], identity)
            if message["status"] != "streaming":
                return told, message
            told.append(message["data"])

    def test_events_come_as_they_happen(self):
        for params in ({"name": "ask"}, {"workflow": ASK}):
            told, last = self.events_of("a", input={"question": "What is 2+2?"}, **params)
            self.assertEqual((last["status"], last["data"]["event"]), ("complete", "done"))
            tokens = "".join(event["text"] for event in told if event["event"] == "token")
            self.assertEqual(tokens, last["data"]["output"]["answer"])
        told, last = self.events_of("b", name="ask", input={"question": "Hi"}, stream=False)
        self.assertEqual((told, last["data"]["event"]), ([], "done"))

    def test_a_run_is_cancelled_as_other_functions_are(self):
        self.socket.send("long", "execute_pipeline", workflow=ENDLESS)
        while self.socket.read()["data"]["event"] != "token":
            pass
        self.socket.send("stop", "cancel", id="long")
        statuses = {}
        while len(statuses) < 2:
            message = self.socket.read()
            if message["status"] != "streaming":
                statuses[message["id"]] = message["status"]
        self.assertEqual(statuses, {"stop": "complete", "long": "cancelled"})
        self.assertTrue(until(lambda: self.running() == 0))

    def test_goes_on_after_an_interrupt_and_tells_faults(self):
        stopped = self.events_of("a", workflow=INTERRUPTED)[1]["data"]
        changes = {"checkpoint": stopped["checkpoint"], "state": {"answer": " not?"}}
        last = self.events_of("b", workflow=INTERRUPTED, **changes)[1]
        self.assertEqual(last["data"]["output"], {"told": "why not?"})
        error = self.events_of("c", workflow="nodes: {}")[1]["error"]
        self.assertEqual((error["code"], error["faults"][0]["rule"]), ("INVALID_ARGUMENT", "wrong-type"))
        nodes = "nodes: [{uses: llm.call, with: {prompt: Hi, model: nix}}]"
        error = self.events_of("d", workflow=nodes)[1]["error"]
        self.assertEqual((error["code"], error["status"]), ("NOT_FOUND", 404))

    def test_a_socket_that_closes_frees_what_ran_for_it(self):
        self.socket.send("long", "execute_pipeline", workflow=ENDLESS)
        while self.socket.read()["data"]["event"] != "token":
            pass
        self.socket.close()
        self.assertTrue(until(lambda: self.running() == 0 and self.active() == 0))


if __name__ == "__main__":
    main()
