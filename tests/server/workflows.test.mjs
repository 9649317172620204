// Workflows behind what JavaScript has by itself: fetch, streams and WebSocket.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { serve } from "./hearth.mjs";

const workflow = `
nodes:
  - name: ask
    uses: llm.chat
    with: {prompt: "{{ state.question }}", max_tokens: 24, temperature: 0}
    output: {answer: content}
    interrupt: after
outputs: {answer: "{{ state.answer }}", by: "{{ state.by | default('nobody') }}"}
`;
const question = { question: "What is 37 + 48?" };

let folder;
let server;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "hearth-workflows-"));
  await writeFile(join(folder, "ask.yaml"), workflow);
  server = await serve("--workflows", folder);
});

after(async () => {
  await server?.end();
  await rm(folder, { recursive: true });
});

function post(path, body) {
  return fetch(`${server.address}/v1/workflows/${path}`, { method: "POST", body: JSON.stringify(body) });
}

test("a run is read event by event, and goes on with its checkpoint", async () => {
  const response = await post("ask/run", { input: question, stream: true });
  const events = [];
  let text = "";
  for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
    text += piece;
    const blocks = text.split("\n\n");
    text = blocks.pop();
    for (const block of blocks) {
      const [name, data] = block.split("\n");
      events.push(JSON.parse(data.slice("data: ".length)));
      assert.equal(name, `event: ${events.at(-1).event}`);
    }
  }
  const answer = events.filter(({ event }) => event === "token").map((event) => event.text);
  assert.equal(answer.join(""), "37 + 48 = 85.");
  const { event, checkpoint } = events.at(-1);
  assert.equal(event, "interrupted");
  const done = await (await post("ask/resume", { checkpoint, state: { by: "somebody" } })).json();
  assert.deepEqual(done.output, { answer: "37 + 48 = 85.", by: "somebody" });
});

test("a run on a WebSocket is cancelled by its id", async () => {
  const socket = new WebSocket(`${server.address.replace("http", "ws")}/v1/ws`);
  const ended = {};
  let isAsked = false;
  await new Promise((resolve, reject) => {
    const endless = workflow.replace("max_tokens: 24", "maxTokens: -1, ignoreEnd: true, keepTokens: 8");
    const ask = (id, name, params) => socket.send(JSON.stringify({ id, function: name, params }));
    socket.onerror = reject;
    socket.onopen = () => ask("run", "execute_pipeline", { workflow: endless, input: question });
    socket.onmessage = ({ data }) => {
      const { id, status, data: event } = JSON.parse(data);
      if (status !== "streaming") ended[id] = status;
      if (status === "streaming" && event.event === "token" && !isAsked) {
        isAsked = true;
        ask("stop", "cancel", { id: "run" });
      }
      if (ended.run) resolve();
    };
  });
  socket.close();
  assert.equal(ended.run, "cancelled");
});

test("faults come as a list", async () => {
  const wrong = await post("run", { workflow: "nodes:\n  - {name: a, goto: b}\n" });
  assert.equal(wrong.status, 400);
  const { error } = await wrong.json();
  assert.deepEqual(
    error.faults.map(({ line, column, rule }) => [line, column, rule]),
    [[2, 21, "unknown-node"]],
  );
});
