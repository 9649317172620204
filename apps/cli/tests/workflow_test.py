"""hearth workflow: run by the bundled model, checked, drawn, killed and taken up again."""

import http.server
import json
import pathlib
import signal
import subprocess
import tempfile
import threading
import unittest

from program import PROGRAM, Terminal, hearth, main

ASK = """
name: asking
nodes:
  - name: ask
    uses: llm.chat
    with: {prompt: "{{ state.question }}", max_tokens: 24, temperature: 0}
    output: {answer: content, used: usage.total_tokens}
"""

BRANCHES = """
name: both
settings: {llm: {temperature: 0, max_tokens: 16}}
nodes:
  - {name: start, uses: state.set, with: {topic: sums}}
  - {name: left, uses: llm.call, with: {prompt: "What is 2 + 2?"}, output: left}
  - {name: right, uses: llm.call, with: {prompt: "What is 3 + 4?"}, output: right}
  - name: meet
    uses: return
    with: {value: {answers: "{{ parallel_results | map('first') | list }}"}}
edges:
  - {from: start, to: [left, right]}
  - {from: [left, right], to: meet}
"""

INTERRUPTED = """
nodes:
  - {name: ask, uses: state.set, with: {question: why}, interrupt: after}
  - {name: tell, run: {type: expression, value: "question ~ answer", output_key: told}}
"""


class Workflow(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def file(self, text, name="flow.yaml"):
        path = self.folder / name
        path.write_text(text)
        return str(path)

    def events(self, *arguments):
        told = hearth("workflow", *arguments, "--json")
        self.assertEqual(told.returncode, 0, told.stderr)
        return [json.loads(line) for line in told.stdout.splitlines()]

    def test_runs_with_the_bundled_model_and_counts_what_it_used(self):
        events = self.events("run", self.file(ASK), "--input", '{"question": "What is 2+2?"}')
        done = events[-1]
        self.assertEqual(done["event"], "done")
        self.assertIn("4", done["output"]["answer"])
        tokens = "".join(event["text"] for event in events if event["event"] == "token")
        tasks = {event["task"] for event in events if event["event"] in ("node_started", "token")}
        self.assertEqual(len(tasks), 1)
        self.assertEqual(tokens, done["output"]["answer"])
        self.assertEqual(
            done["usage"]["promptTokens"] + done["usage"]["completionTokens"], done["output"]["used"]
        )

    def test_writes_the_result_alone_and_how_it_goes_beside_it(self):
        told = hearth("workflow", "run", self.file(ASK), "--input", '{"question": "What is 2+2?"}')
        self.assertEqual(told.returncode, 0, told.stderr)
        self.assertIn("4", json.loads(told.stdout)["answer"])
        self.assertRegex(told.stderr.decode(), r"^ask \.\.\.\nask: done, \d+\.\d s\n$")

    def test_documents_are_ranked_by_a_model_that_is_made_for_it(self):
        model = self.folder / "reranker.gguf"
        hearth("make-model", "tiny-bge-reranker", model)
        documents = ["a car", "a cat is an animal", "dogs"]
        nodes = f"nodes: [{{uses: llm.rerank, with: {{query: cat, documents: [a car, {{text: {documents[1]}}}, dogs]}}}}]"
        done = self.events("run", self.file(nodes), "--model", model)[-1]
        direct = json.loads(hearth("rerank", model, "cat", *documents, "--json").stdout)
        ranked = [(each["index"], each["score"]) for each in done["state"]["results"]]
        self.assertEqual(ranked, [(each["index"], each["score"]) for each in direct])
        self.assertGreater(done["usage"]["promptTokens"], 0)

    def test_writes_numbers_of_any_size(self):
        nodes = "nodes: [{uses: state.set, with: {key: n, value: '{{ n + 1 }}'}}]"
        large = '{"n": 18446744073709551616}'
        told = hearth("workflow", "run", self.file(nodes), "--input", large)
        self.assertEqual(json.loads(told.stdout), {"n": 2**64 + 1})
        self.assertEqual(
            self.events("run", self.file(nodes), "--input", large)[-1]["state"], {"n": 2**64 + 1}
        )

    def test_shows_people_answers_one_after_the_other_though_they_are_written_at_once(self):
        with Terminal("workflow", "run", self.file(BRANCHES)) as terminal:
            self.assertEqual(terminal.exit_code(), 0)
        events = self.events("run", self.file(BRANCHES))
        shown = terminal.seen.decode().replace("\r\n", "\n")
        for node in ("left", "right"):
            answer = "".join(e["text"] for e in events if e["event"] == "token" and e["node"] == node)
            self.assertIn(f"{node}: {answer}\n", shown)

    def test_branches_are_answered_together(self):
        events = self.events("run", self.file(BRANCHES))
        nodes = [event["node"] for event in events if event["event"] == "token"]
        first_of_right = nodes.index("right")
        self.assertIn("left", nodes[first_of_right:], "the answers come in turns, not one after the other")
        self.assertEqual(events[-1]["output"]["answers"], ["left", "right"])

    def test_tells_all_faults_with_their_places(self):
        told = hearth("workflow", "validate", self.file("nodes:\n  - {name: a, goto: b, wiht: 1}\n"))
        self.assertEqual(told.returncode, 1)
        lines = told.stdout.decode().splitlines()
        self.assertRegex(lines[0], r"flow\.yaml:2:21: error: .*'b'.* \[unknown-node\]")
        self.assertRegex(lines[1], r"flow\.yaml:2:24: error: .*did you mean 'with'\? \[unknown-key\]")
        shown = hearth("workflow", "run", self.file("nodes: {}", "wrong.yaml"))
        self.assertEqual(shown.returncode, 2)
        self.assertIn(b"[wrong-type]", shown.stderr)

    def test_workflows_call_others_by_their_files(self):
        self.file(
            "nodes: [{uses: return, with: {value: {doubled: '{{ n * 2 }}'}}}]\noutputs: {twice: '{{ doubled }}'}",
            "double.yaml",
        )
        outer = "nodes:\n  - {subgraph: double.yaml, input: {n: '{{ x + 1 }}'}, output: result}\n"
        events = self.events("run", self.file(outer), "--input", '{"x": 20}')
        self.assertEqual(events[-1]["state"]["result"], {"twice": 42})
        told = hearth("workflow", "validate", self.file("nodes: [{subgraph: absent.yaml}]", "lost.yaml"))
        self.assertIn(b"lost.yaml:1:9: error:", told.stdout)

    def test_tells_by_its_own_code_what_ended_a_run(self):
        nodes = "nodes: [{uses: storage.get, with: {key: a}}]"
        told = hearth("workflow", "run", self.file(nodes))
        self.assertEqual(told.returncode, 1)
        self.assertIn(b"hearth: UNSUPPORTED: node 'step_1'", told.stderr)

    def test_checks_the_other_files_where_one_is_no_yaml(self):
        broken, wrong = self.file("a: [1", "broken.yaml"), self.file("nodes: {}", "wrong.yaml")
        told = hearth("workflow", "validate", broken, wrong)
        self.assertEqual(told.returncode, 1)
        self.assertIn(b"broken.yaml:", told.stderr)
        self.assertIn(b"[wrong-type]", told.stdout)

    def test_the_model_calls_tools_that_are_actions(self):
        nodes = """
nodes:
  - name: ask
    uses: llm.tools
    with:
      prompt: "What is 12 times 7? Use the tool."
      temperature: 0
      max_tokens: 64
      tool_choice: required
      max_tool_rounds: 1
      tools:
        - name: note
          description: Keeps a number
          action: state.update
          parameters: {number: {type: number, required: true}}
    output: answer
"""
        events = self.events("run", self.file(nodes))
        self.assertEqual([call["name"] for call in events[-1]["state"]["answer"]["tool_calls"]], ["note"])

    def test_keeps_in_a_folder_what_it_stores(self):
        kept = str(self.folder / "kept")
        nodes = "nodes: [{uses: %s}]"
        put = "storage.put, with: {key: ../a, value: [1, ä]}"
        self.events("run", self.file(nodes % put), "--store", kept)
        got = self.events("run", self.file(nodes % "storage.get, with: {key: ../a}"), "--store", kept)
        self.assertEqual(got[-1]["state"]["value"], [1, "ä"])
        self.assertEqual([path.name for path in pathlib.Path(kept).rglob("*.json")], ["%2E%2E%2Fa.json"])

    def test_asks_only_the_servers_that_it_is_told_of(self):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b'{"found": 1}')

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        origin = f"http://127.0.0.1:{server.server_port}"
        file = self.file("nodes: [{uses: http.get, with: {url: '%s/a'}}]" % origin)
        refused = hearth("workflow", "run", file)
        self.assertIn(b"hearth: UNSUPPORTED: node 'step_1'", refused.stderr)
        self.assertIn(b"--allow-origin", refused.stderr)
        state = self.events("run", file, "--allow-origin", origin)[-1]["state"]
        self.assertEqual((state["status"], state["json"]), (200, {"found": 1}))
        wrong = hearth("workflow", "run", file, "--allow-origin", "nowhere")
        self.assertIn(b"INVALID_ARGUMENT", wrong.stderr)

    def test_a_model_that_does_not_rank_says_so(self):
        nodes = "nodes: [{uses: llm.rerank, with: {query: a, documents: [b, {text: c}]}}]"
        told = hearth("workflow", "run", self.file(nodes))
        self.assertIn(b"hearth: UNSUPPORTED: node 'step_1'", told.stderr)

    def test_draws(self):
        drawn = hearth("workflow", "graph", self.file(BRANCHES))
        self.assertTrue(drawn.stdout.startswith(b"flowchart TD\n"), drawn.stderr)
        self.assertTrue(hearth("workflow", "graph", self.file(BRANCHES), "--svg").stdout.startswith(b"<svg "))

    def test_goes_on_after_an_interrupt_with_a_changed_state(self):
        kept = str(self.folder / "kept.json")
        stopped = self.events("run", self.file(INTERRUPTED), "--checkpoint", kept)
        self.assertEqual(stopped[-1]["event"], "interrupted")
        events = self.events("resume", kept, "--state", '{"answer": " not?"}')
        self.assertEqual(events[-1]["state"]["told"], "why not?")

    def test_a_run_that_was_killed_repeats_no_node_that_had_ended(self):
        nodes = "".join(
            f"  - {{name: n{i}, uses: llm.call, with: {{prompt: 'Count to {i}', max_tokens: 8}}, output: o{i}}}\n"
            for i in range(6)
        )
        kept = self.folder / "kept.json"
        arguments = ["workflow", "run", self.file("nodes:\n" + nodes), "--checkpoint", str(kept), "--json"]
        running = subprocess.Popen([PROGRAM, *arguments], stdout=subprocess.PIPE)
        finished = []
        for line in running.stdout:
            event = json.loads(line)
            if event["event"] == "node_finished":
                finished.append(event["node"])
            if len(finished) == 3:
                running.send_signal(signal.SIGKILL)
                break
        running.stdout.read()
        running.stdout.close()
        running.wait()
        events = self.events("resume", str(kept))
        later = [event["node"] for event in events if event["event"] == "node_finished"]
        self.assertEqual(events[-1]["event"], "done")
        self.assertEqual(later[-1], "n5")
        self.assertFalse(set(later) & set(finished), "none of them is run again")


if __name__ == "__main__":
    main()
