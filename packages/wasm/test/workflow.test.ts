/** The interpreter of workflows, as the module of its own that it is. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { InterpretedWorkflow, InterpretedEvent as WorkflowEvent, YamlEvent } from "@hearth/core/workflow";
import { load_workflow_interpreter } from "../src/index.js";

function call_in(events: WorkflowEvent[]): { id: number; request: { parameters?: unknown } } {
  const call = events.find(({ event }) => event === "call");
  assert.ok(call);
  return call as unknown as { id: number; request: { parameters?: unknown } };
}

/** The events of JSON-like nodes: {name: double, uses: double} and so on. */
function events_of(value: unknown): YamlEvent[] {
  if (Array.isArray(value)) return [["[", 1, 1, "", ""], ...value.flatMap(events_of), ["]"]];
  if (typeof value !== "object" || value === null) return [["=", 1, 1, String(value), "plain", "", ""]];
  const members = Object.entries(value).flatMap(([key, member]) => [...events_of(key), ...events_of(member)]);
  return [["{", 1, 1, "", ""], ...members, ["}"]];
}

async function opened(nodes: unknown[], functions: string[] = []): Promise<InterpretedWorkflow> {
  const interpreter = await load_workflow_interpreter();
  const workflow = interpreter.open("flows/main.yaml", functions);
  assert.equal(workflow.wanted(), "flows/main.yaml");
  workflow.add(events_of({ name: "main", nodes }));
  return workflow;
}

test("a run calls its host and goes on with the answer", async () => {
  const node = { name: "ask", uses: "double", with: { x: "{{ state.x }}" }, output: "y" };
  const workflow = await opened([node], ["double"]);
  assert.deepEqual(workflow.faults(), []);
  const run = workflow.start({ x: "zwölf 𝄞" });
  const call = call_in(run.advance(0).events);
  assert.deepEqual(call.request.parameters, { x: "zwölf 𝄞" });
  run.answer({ id: call.id, value: [42] });
  const { events, ended, wakeAt } = run.advance(1);
  assert.equal(ended, true);
  assert.equal(wakeAt, null);
  assert.deepEqual(events.at(-1)?.state, { x: "zwölf 𝄞", y: [42] });
  run.dispose();
  workflow.dispose();
  assert.throws(() => run.checkpoint(), { code: "DISPOSED" });
});

test("a run goes on from its checkpoint", async () => {
  const nodes = [
    { name: "one", uses: "state.set", with: { key: "a", value: "1" } },
    { name: "two", interrupt: "before", uses: "state.set", with: { key: "b", value: "{{ state.a }}" } },
  ];
  const workflow = await opened(nodes);
  const run = workflow.start({});
  assert.equal(run.advance(0).events.at(-1)?.event, "interrupted");
  const resumed = workflow.resume(run.checkpoint(), { a: 5 });
  assert.deepEqual(resumed.advance(0).events.at(-1)?.state, { a: 5, b: 5 });
});

test("files that are called are asked for, and those that are missing are a fault", async () => {
  const workflow = await opened([{ name: "part", subgraph: "part.yaml" }]);
  assert.equal(workflow.wanted(), "flows/part.yaml");
  workflow.refuse("there is no part.yaml");
  assert.equal(workflow.wanted(), undefined);
  const [fault] = workflow.faults();
  assert.deepEqual([fault?.message, fault?.rule], ["there is no part.yaml", "unreadable-file"]);
  assert.equal(workflow.info().runs, false);
  assert.throws(() => workflow.start({}), { code: "INVALID_ARGUMENT" });
});

test("what it cannot take is an error, and the interpreter goes on", async () => {
  const interpreter = await load_workflow_interpreter();
  assert.throws(() => interpreter.open("a.yaml", []).add([["{", 1, 1, "", ""]]), { code: "INVALID_ARGUMENT" });
  const workflow = await opened([{ name: "ask", uses: "answer" }], ["answer"]);
  assert.match(workflow.graph("mermaid"), /ask/);
  const run = workflow.start({});
  run.answer({ id: call_in(run.advance(0).events).id, error: { code: "IO", message: "the disk is gone" } });
  const last = run.advance(0).events.at(-1);
  assert.deepEqual([last?.event, (last?.error as { code?: string } | undefined)?.code], ["error", "IO"]);
});
