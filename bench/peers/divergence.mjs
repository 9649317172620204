// How far 8-bit activations and the like move a model's predictions: the mean Kullback-Leibler divergence, in nats a
// token, of the next-token distribution from that of f32 arithmetic on the same weights (decoded to F32, keys and values
// in F32), for Hearth and for node-llama-cpp on the same file, type by type. Needs a build and `npm install` in
// tests/conformance.
//
//   node bench/peers/divergence.mjs [--build build] [--model models/hearth-spark.gguf] [--text docs/architecture.md]
//     [--tokens 2000] [--context 500] [--types Q8_0,Q4_0,...] [--kv-type f16] [--instruction-set NAME] [--json FILE]
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Hearth } from "../../tests/conformance/hearth.js";
import { openPeer } from "../../tests/conformance/peer.js";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const { values: options } = parseArgs({
  options: {
    build: { type: "string", default: "build" },
    model: { type: "string", default: join(root, "models/hearth-spark.gguf") },
    text: { type: "string", default: join(root, "docs/architecture.md") },
    tokens: { type: "string", default: "2000" },
    context: { type: "string", default: "500" },
    types: { type: "string", default: "F16,Q8_0,Q5_1,Q5_0,Q4_1,Q4_0,IQ4_NL,MXFP4,Q4_K,Q5_K,Q6_K,IQ4_XS" },
    "kv-type": { type: "string", default: "f16" },
    "instruction-set": { type: "string" },
    json: { type: "string" },
  },
});

/// Logarithms of the softmax of a row of logits.
function log_probabilities(row) {
  const highest = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const sum = row.reduce((total, logit) => total + Math.exp(logit - highest), 0);
  return Float64Array.from(row, (logit) => logit - highest - Math.log(sum));
}

/// Sum of p ln(p / q) for each row, p being the reference.
function divergences(reference, other) {
  return reference.map((row, index) => {
    const p = log_probabilities(row);
    const q = log_probabilities(other[index]);
    return p.reduce((sum, log_p, token) => sum + Math.exp(log_p) * (log_p - q[token]), 0);
  });
}

const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;

/// The standard error of a mean.
function error_of_mean(values) {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)) / values.length);
}

const folder = mkdtempSync(join(tmpdir(), "hearth-divergence-"));
const hearth = new Hearth(join(options.build, "hearth"), folder);
const size = Number(options.context);
const contextSize = size + 64; // the peer moves a full context along
const tokens = hearth
  .tokenize(options.model, readFileSync(options.text, "utf8"), false)
  .slice(0, Number(options.tokens));
const chunks = [];
for (let i = 0; i + 1 < tokens.length; i += size) chunks.push(tokens.slice(i, i + size));
const instruction_set = options["instruction-set"];

async function measure(type) {
  const file = join(folder, `${type}.gguf`);
  hearth.run(["convert", options.model, file, "--type", type]);
  const decoded = hearth.decode(file);
  const peer = await openPeer(file);
  const rows = { reference: [], hearth: [], peer: [] };
  for (const chunk of chunks) {
    rows.reference.push(...hearth.logits(decoded, chunk, { contextSize }));
    rows.hearth.push(
      ...hearth.logits(file, chunk, {
        contextSize,
        kvType: options["kv-type"],
        instructionSet: instruction_set,
      }),
    );
    rows.peer.push(...(await peer.logits(chunk, { contextSize, kvType: options["kv-type"].toUpperCase() })));
  }
  await peer.close();
  const ours = divergences(rows.reference, rows.hearth);
  const theirs = divergences(rows.reference, rows.peer);
  return {
    type,
    hearth: mean(ours),
    peer: mean(theirs),
    ratio: mean(ours) / mean(theirs),
    ratio_error: error_of_mean(ours.map((value, row) => value - theirs[row])) / mean(theirs),
  };
}

const results = [];
console.log(`${tokens.length} tokens in chunks of ${size}, keys and values as ${options["kv-type"]}`);
for (const type of options.types.split(",")) {
  const row = await measure(type);
  results.push(row);
  const ratio = `${row.ratio.toFixed(3)} +/- ${row.ratio_error.toFixed(3)}`;
  console.log(`${type}: Hearth ${row.hearth.toExponential(3)}, the peer ${row.peer.toExponential(3)}, ${ratio} times`);
}
rmSync(folder, { recursive: true });
if (options.json) writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`);
process.exit(0);
