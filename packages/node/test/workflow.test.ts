/** Runs of workflows: events, models, functions, files, abort, checkpoints. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import {
  executeLlmYaml,
  generateText,
  Hearth,
  type HearthError,
  loadModel,
  type Model,
  validateWorkflow,
  type WorkflowEvent,
  workflowGraph,
} from "@hearth/node";

const spark = fileURLToPath(new URL("../../../../models/hearth-spark.gguf", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "hearth-workflow-"));
let model: Model;
before(async () => {
  model = await loadModel(spark, { threads: 1 });
});
after(() => model.dispose());

const branches = `
settings: {llm: {temperature: 0, max_tokens: 16, ignoreEnd: true}}
nodes:
  - {name: start, uses: state.set, with: {topic: sums}}
  - {name: left, uses: llm.call, with: {prompt: "What is 2 + 2?"}, output: left}
  - {name: right, uses: llm.call, with: {prompt: "What is 3 + 4?"}, output: right}
  - {name: meet, run: {type: expression, value: parallel_results | length, output_key: count}}
edges:
  - {from: start, to: [left, right]}
  - {from: [left, right], to: meet}
`;

const endless = `
nodes: [{name: ask, uses: llm.chat, with: {prompt: "Tell me a story", max_tokens: 4000, ignoreEnd: true}}]
`;

const fails =
  (code: string, says = "") =>
  (error: HearthError) => {
    assert.equal(error.code, code, error.message);
    assert.ok(error.message.includes(says), error.message);
    return true;
  };

/** An answer that was given up is given up by the engine, too: after the next one, nothing is being worked on. */
async function rests(): Promise<void> {
  await generateText({ model, prompt: "Hello", maxTokens: 1 });
  const { running, waiting, held } = await model.statistics();
  assert.deepEqual([running, waiting, held], [0, 0, 0]);
}

test("what branches ask is asked at once, so that it shares batches", { timeout: 60_000 }, async () => {
  let asked = 0;
  let both_ask = () => {};
  const both = new Promise<void>((resolve) => {
    both_ask = resolve;
  });
  const choose = async () => {
    if (++asked === 2) both_ask();
    await both; // in vain if the second were asked after the first one's answer
    return model;
  };
  const tasks = new Map<string, number>();
  const onEvent = (event: WorkflowEvent) => {
    if (event.event === "token") tasks.set(event.node, event.task);
  };
  const { usage, state } = await executeLlmYaml(branches, {}, { model: choose, onEvent });
  assert.equal(new Set(tasks.values()).size, 2, "each has a task of its own");
  assert.equal(state.count, 2);
  assert.deepEqual([usage.calls, usage.completionTokens], [2, 32]);
});

test("events come to all who read them, and onEvent is waited for", async () => {
  const order: string[] = [];
  const run = executeLlmYaml(
    "nodes: [{name: a, uses: passthrough}]",
    {},
    {
      onEvent: async ({ event }) => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        order.push(event);
      },
    },
  );
  const read = async () => {
    const seen: string[] = [];
    for await (const { event } of run) seen.push(event);
    return seen;
  };
  const all = ["run_started", "node_started", "node_finished", "done"];
  assert.deepEqual(await Promise.all([read(), read()]), [all, all]);
  assert.deepEqual(order, all);
});

test("who waits for the result in the loop gets it, however many events there are", { timeout: 60_000 }, async () => {
  const nodes = Array.from({ length: 300 }, (_, n) => `  - {name: n${n}, uses: state.set, with: {n: ${n}}}\n`);
  const run = executeLlmYaml(`nodes:\n${nodes.join("")}`);
  let seen = 0;
  for await (const _ of run) {
    if (seen++ === 0) assert.equal((await run).state.n, 299);
  }
  assert.equal(seen, 602);
});

test("abort in the middle of an answer ends the model's work at once", async () => {
  const run = executeLlmYaml(endless, {}, { model });
  const events: WorkflowEvent[] = [];
  for await (const event of run) {
    events.push(event);
    if (event.event === "token") run.abort();
  }
  const last = events.at(-1);
  assert.ok(last?.event === "error" && last.error.code === "ABORTED");
  await assert.rejects(run, fails("ABORTED"));
  await rests();
});

test("who leaves the loop ends the run, and so does a signal, with its reason", async () => {
  const run = executeLlmYaml(endless, {}, { model });
  for await (const { event } of run) if (event === "token") break;
  await assert.rejects(run, fails("ABORTED"));
  await assert.rejects(executeLlmYaml(endless, {}, { model, signal: AbortSignal.abort() }), fails("ABORTED"));
  await assert.rejects(executeLlmYaml(endless, {}, { model, signal: AbortSignal.timeout(50) }), fails("TIMEOUT"));
  await rests();
});

test("functions get parameters, the state and a signal, and what they throw is their node's error", async () => {
  const yaml = `
nodes:
  - {name: one, uses: add, with: {more: 2}, output: sum}
  - {name: two, uses: fail, fallback: three}
  - {name: three, uses: odd, fallback: four}
  - {name: four, uses: stay}
`;
  let stopped = false;
  const run = executeLlmYaml(
    yaml,
    { n: 40 },
    {
      functions: {
        add: ({ more }, state) => (state.n as number) + more,
        fail: async () => {
          throw new Error("no luck");
        },
        odd: () => 1n,
        stay: (_parameters, _state, { signal, node }) => {
          assert.equal(node, "four");
          signal.addEventListener("abort", () => {
            stopped = true;
          });
          run.abort();
          return new Promise(() => {});
        },
      },
    },
  );
  const failed: string[] = [];
  for await (const event of run) {
    if (event.event === "node_failed") failed.push(event.error.message);
    if (event.event === "node_finished") assert.deepEqual(event.changes, { sum: 42 });
  }
  assert.match(failed[0] as string, /node 'two' \(line 4\): no luck/);
  assert.match(failed[1] as string, /node 'three' .*BigInt/);
  assert.ok(stopped);
  await assert.rejects(run, fails("ABORTED"));
});

test("models go by their names, and one that is not there is told", async () => {
  const yaml = (name: string) => `nodes: [{uses: llm.tokenize, with: {text: a, model: "${name}"}}]`;
  const hearth = new Hearth();
  await hearth.loadModel(spark, "small", { threads: 1 });
  for (const name of ["", "small"]) await executeLlmYaml(yaml(name), {}, { model: hearth });
  await assert.rejects(executeLlmYaml(yaml("large"), {}, { model: hearth }), fails("NOT_FOUND", "'large'"));
  const asked: string[] = [];
  const choose = (name: string, task: string) => {
    asked.push(`${name} ${task}`);
    return model;
  };
  await executeLlmYaml(yaml("any"), {}, { model: choose });
  assert.deepEqual(asked, ["any tokenize"]);
  await assert.rejects(executeLlmYaml(yaml("")), fails("INVALID_ARGUMENT", "give the option model"));
  await assert.rejects(
    executeLlmYaml(yaml(""), {}, { model: {} as Model }),
    fails("INVALID_ARGUMENT", "must be a model"),
  );
  await hearth.dispose();
});

test("a file calls others of its disk, and a text none without readFile", async () => {
  const inner = "nodes: [{uses: return, with: {value: {doubled: '{{ n * 2 }}'}}}]\noutputs: {twice: '{{ doubled }}'}\n";
  const outer = "nodes: [{name: call, subgraph: double.yaml, input: {n: 21}, output: result}]\n";
  writeFileSync(join(folder, "double.yaml"), inner);
  writeFileSync(join(folder, "outer.yaml"), outer);
  const url = pathToFileURL(join(folder, "outer.yaml"));
  assert.deepEqual((await executeLlmYaml(url)).state.result, { twice: 42 });
  assert.match(await workflowGraph(url), /^flowchart TD\n/);
  assert.match(await workflowGraph(url, "svg"), /^<svg /);

  const [fault] = await validateWorkflow(outer);
  assert.match(fault?.message ?? "", /give its URL, or the option readFile/);
  assert.deepEqual((await executeLlmYaml(outer, {}, { readFile: () => inner })).state.result, { twice: 42 });

  writeFileSync(join(folder, "far.yaml"), "nodes: [{subgraph: https://example.org/a.yaml}, {subgraph: /dev/zero}]\n");
  const far = await validateWorkflow(pathToFileURL(join(folder, "far.yaml")));
  assert.match(far[0]?.message ?? "", /elsewhere/);
  assert.match(far[1]?.message ?? "", /it is no file/);
  await assert.rejects(executeLlmYaml(pathToFileURL(join(folder, "none.yaml"))), fails("NOT_FOUND", "none.yaml"));
});

test("what keeps a workflow from running is told to who waits and to who reads, with all faults", async () => {
  const run = executeLlmYaml("nodes:\n  - {name: a, goto: b, wiht: 1}\n");
  await assert.rejects(
    async () => {
      for await (const _ of run);
    },
    fails("INVALID_ARGUMENT", "workflow.yaml:2:21: "),
  );
  await assert.rejects(run, (error: HearthError) => {
    assert.equal((error.details.faults as object[]).length, 2);
    return true;
  });
  await assert.rejects(executeLlmYaml("a", {}, { modle: model } as object), fails("INVALID_ARGUMENT", "'model'"));
});

test("a checkpoint is kept before the node's end is told, and a failure to keep it ends the run", async () => {
  const yaml = "nodes: [{name: a, uses: state.set, with: {x: 1}}, {name: b, uses: state.set, with: {y: 2}}]";
  const order: string[] = [];
  await executeLlmYaml(
    yaml,
    {},
    {
      onCheckpoint: async () => {
        await new Promise((resolve) => setTimeout(resolve, 2));
        order.push("kept");
      },
      onEvent: ({ event }) => void order.push(event),
    },
  );
  assert.ok(order.indexOf("kept") < order.indexOf("node_finished"), order.join());
  const full = () => Promise.reject(new Error("the disk is full"));
  const run = executeLlmYaml(yaml, {}, { onCheckpoint: full });
  await assert.rejects(async () => {
    for await (const _ of run);
  }, /the disk is full/);
  await assert.rejects(run, /the disk is full/);
});

test("an interrupted run goes on in another program, with changes", async () => {
  const yaml = `
nodes:
  - {name: draft, uses: state.set, with: {text: hello}, interrupt: after}
  - {name: send, run: {type: expression, value: "text ~ sign", output_key: sent}}
`;
  const stopped = await executeLlmYaml(yaml);
  assert.equal(stopped.status, "interrupted");
  assert.deepEqual(stopped.state, { text: "hello" });
  const checkpoint = JSON.parse(JSON.stringify(stopped.checkpoint));
  const { status, state } = await executeLlmYaml(yaml, {}, { checkpoint, changes: { text: "bye", sign: "!" } });
  assert.deepEqual([status, state.sent], ["done", "bye!"]);
  await assert.rejects(executeLlmYaml(yaml, {}, { checkpoint: { a: 1 } }), fails("INVALID_ARGUMENT"));
});

/** Appends each node to a log; the fourth kills the program. */
const killed = `
import { appendFileSync, renameSync, writeFileSync } from "node:fs";
import { executeLlmYaml } from "@hearth/node";
const [yaml, log, kept] = process.argv.slice(1);
await executeLlmYaml(yaml, {}, {
  functions: {
    step: ({ n }) => {
      appendFileSync(log, n + "\\n");
      if (n === 3) process.kill(process.pid, "SIGKILL");
      return n;
    },
  },
  onCheckpoint: (checkpoint) => {
    writeFileSync(kept + ".part", JSON.stringify(checkpoint));
    renameSync(kept + ".part", kept);
  },
});
`;

test("a run whose program was killed goes on after the last node that had ended", async () => {
  const yaml = `nodes:\n${[0, 1, 2, 3, 4, 5].map((n) => `  - {name: n${n}, uses: step, with: {n: ${n}}, output: o${n}}`).join("\n")}\n`;
  const [log, kept] = [join(folder, "log"), join(folder, "kept.json")];
  const program = spawn(process.execPath, ["--input-type=module", "-e", killed, yaml, log, kept], {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    stdio: ["ignore", "inherit", "inherit"],
  });
  assert.deepEqual(await once(program, "exit"), [null, "SIGKILL"]);
  const again: number[] = [];
  const { state } = await executeLlmYaml(
    yaml,
    {},
    {
      checkpoint: JSON.parse(readFileSync(kept, "utf8")),
      functions: {
        step: ({ n }) => {
          again.push(n);
          return n;
        },
      },
    },
  );
  assert.equal(readFileSync(log, "utf8"), "0\n1\n2\n3\n");
  assert.deepEqual(again, [3, 4, 5]);
  assert.deepEqual(Object.keys(state), ["o0", "o1", "o2", "o3", "o4", "o5"]);
});

test("files of The Edge Agent and Realm run", async (context) => {
  const testdata =
    process.env.HEARTH_TESTDATA ?? fileURLToPath(new URL("../../../../../shared/testdata", import.meta.url));
  const inputs: Record<string, object> = {
    "tea/llm__local-chat.yaml": { question: "What is 2+2?" },
    "tea/llm__local-chat-gemma3-1b.yaml": { question: "What is 2+2?" },
    "tea/llm__local-embed.yaml": { text: "What is 2+2?" },
    "realm/examples__multi-model-chain.yaml": { query: "What is Hearth?" },
    "realm/test_pipeline_yaml_parsing.yaml": {},
  };
  for (const [name, input] of Object.entries(inputs)) {
    await context.test(name, async () => {
      const file = pathToFileURL(join(testdata, "workflows", name));
      const { status, usage } = await executeLlmYaml(file, { ...input }, { model });
      assert.equal(status, "done");
      assert.ok(usage.calls > 0);
    });
  }
});
