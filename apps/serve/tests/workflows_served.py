"""What the tests of the server's workflows share: some workflows, and servers that run them."""

from server import InFolder, bearer

ASK = """
name: asking
description: Asks a question
input_schema: {question: {type: str, required: true}}
nodes:
  - name: ask
    uses: llm.chat
    with: {prompt: "{{ state.question }}", max_tokens: 24, temperature: 0}
    output: {answer: content, used: usage.total_tokens}
outputs: {answer: "{{ state.answer }}", used: "{{ state.used }}"}
"""

BRANCHES = """
settings: {llm: {temperature: 0, max_tokens: 400, ignoreEnd: true}}
nodes:
  - {name: start, uses: state.set, with: {topic: sums}}
  - {name: left, uses: llm.call, with: {prompt: "What is 2 + 2?"}, output: left}
  - {name: right, uses: llm.call, with: {prompt: "What is 3 + 4?"}, output: right}
  - {name: meet, uses: return, with: {value: {count: "{{ parallel_results | length }}"}}}
edges:
  - {from: start, to: [left, right]}
  - {from: [left, right], to: meet}
"""


class Workflows(InFolder):
    def open(self, *arguments, config="", key=None, **files):
        """A server with workflows in files; `config` is more of the section workflows."""
        self.flows = self.folder / "flows"
        self.flows.mkdir(exist_ok=True)
        for name, text in files.items():
            (self.flows / f"{name}.yaml").write_text(text)
        written = self.write("hearth.yaml", f"workflows:\n  folder: flows\n{config}")
        self.headers = bearer(key) if key else {}
        self.server = self.serve("--config", written, *arguments)
        return self.server

    def ask(self, path, body=None, method="POST", headers=None):
        status, _, answer = self.server.request(method, path, body, headers or self.headers)
        return status, answer

    def run_text(self, text, status=200, **more):
        got, answer = self.ask("/v1/workflows/run", {"workflow": text, **more})
        self.assertEqual(got, status, answer)
        return answer

    def active(self):
        return self.server.request("GET", "/v1/models", headers=self.headers)[2]["data"][0]["hearth"][
            "active"
        ]

    def running(self):
        return sum(slot["is_processing"] for slot in self.server.request("GET", "/slots")[2])
