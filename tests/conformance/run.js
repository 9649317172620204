// Compares Hearth with llama.cpp: node run.js PROGRAM [--device NAME] [what...]
// `what` filters the checks by a part of their names; with the device "gpu" there are few. The checks are dealt out to
// as many processes as there are processors (checks.js). Exit code 1 if any check fails.
import { fork } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { device: { type: "string", default: "cpu" } },
});
const [program, ...filters] = positionals;
if (program === undefined) {
  console.error("usage: node run.js PROGRAM [--device NAME] [what...]");
  process.exit(2);
}
const folder = path.join(path.dirname(path.resolve(program)), "conformance");
mkdirSync(folder, { recursive: true });
const count = { passed: 0, failed: 0, skipped: 0 };
/// Of each architecture the largest figures over its shapes (tools/architectures.mjs makes a table of them).
const architectures = {};

function add(found) {
  for (const verdict of Object.keys(count)) count[verdict] += found.count[verdict];
  for (const [architecture, figures] of Object.entries(found.architectures)) {
    architectures[architecture] ??= {};
    const largest = architectures[architecture];
    for (const [name, value] of Object.entries(figures)) largest[name] = Math.max(largest[name] ?? 0, value);
  }
}

/// Every `of`th check from the `part`th on, whose models and outputs lie in a folder of their own.
function runPart(part, of) {
  const checks = fileURLToPath(new URL("checks.js", import.meta.url));
  const options = { program, folder: path.join(folder, `${part}`), device: values.device, filters, part, of };
  const running = fork(checks, [JSON.stringify(options)]);
  let found;
  running.on("message", (message) => {
    found = message;
  });
  return new Promise((resolve) => {
    // Behind the last message. What ends before it tells what it found has failed.
    running.on("disconnect", () => {
      add(found ?? { count: { passed: 0, failed: 1, skipped: 0 }, architectures: {} });
      resolve();
    });
  });
}

const parts = os.availableParallelism();
await Promise.all(Array.from({ length: parts }, (_, part) => runPart(part, parts)));
// In the order of their names, whoever was done first.
const sorted = Object.fromEntries(Object.entries(architectures).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(path.join(folder, "architectures.json"), JSON.stringify(sorted, undefined, 2));
console.log(`conformance: ${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
process.exit(count.failed > 0 || count.passed === 0 ? 1 : 0);
