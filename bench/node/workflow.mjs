// What the interpreter of workflows costs in Node.js, as WebAssembly, besides models: node bench/node/workflow.mjs
// In a browser it is the same module. docs/workflows.md has what it measured.
import { executeLlmYaml, validateWorkflow } from "../../packages/node/dist/src/index.js";

const node_of = (n) => `  - {name: n${n}, uses: state.set, with: {count: "{{ count + 1 }}", k${n}: x}}\n`;
const nodes_of = (count) => `nodes:\n${Array.from({ length: count }, (_, n) => node_of(n)).join("")}`;
const called_of = (count) =>
  `nodes:\n${Array.from({ length: count }, (_, n) => `  - {name: n${n}, uses: add, with: {n: ${n}}, output: sum}\n`).join("")}`;

/** The least milliseconds of several times, and what the work gave. */
async function least(times, work) {
  let best = Number.POSITIVE_INFINITY;
  let given;
  for (let time = 0; time < times; time++) {
    const began = performance.now();
    given = await work();
    best = Math.min(best, performance.now() - began);
  }
  return { best, given };
}

/** Milliseconds of a run from its first event to its last, without reading the file. */
async function run_of(yaml, options = {}) {
  let began = 0;
  const onEvent = ({ event }) => {
    if (event === "run_started") began = performance.now();
  };
  await executeLlmYaml(yaml, { count: 0 }, { onEvent, ...options });
  return performance.now() - began;
}

async function least_run(yaml, options) {
  const times = [];
  for (let time = 0; time < 5; time++) times.push(await run_of(yaml, options));
  return Math.min(...times);
}

const count = 10_000;
const yaml = nodes_of(count);
const per_node = (ms) => `${((1000 * ms) / count).toFixed(1)} µs a node`;
console.log(`a run of ${count} nodes that evaluate a template and set two keys: ${per_node(await least_run(yaml))}`);
const functions = { add: ({ n }) => n + 1 };
console.log(
  `a run of ${count} nodes that call a function: ${per_node(await least_run(called_of(count), { functions }))}`,
);
const { best: whole } = await least(3, () => executeLlmYaml(yaml, { count: 0 }));
console.log(`the first of these with reading the file: ${whole.toFixed(0)} ms`);
const { best: valid } = await least(5, () => validateWorkflow(nodes_of(1000)));
console.log(`reading and checking 1,000 nodes: ${valid.toFixed(0)} ms`);
