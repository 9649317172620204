// How long it takes to embed texts of 64 tokens with a BERT of 33M parameters (bge-small's shape, random weights): Hearth's
// program, node-llama-cpp and transformers.js in turns, each with its tokenizer, as ratios of processor seconds, which a
// machine that others use changes little. What each takes for loading is measured with few texts and taken off. Needs a
// build and `npm install --ignore-scripts` in this folder.
//
//   node bench/peers/embeddings.mjs [--build build] [--texts 1000] [--types Q8_0,F16,F32] [--threads 1] [--rounds 3]
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { write_bert_folder } from "./bert_folder.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const { values: options } = parseArgs({
  options: {
    build: { type: "string", default: "build" },
    models: { type: "string", default: "build/bench-models" },
    texts: { type: "string", default: "1000" },
    types: { type: "string", default: "Q8_0,F16,F32" },
    threads: { type: "string", default: "1" },
    rounds: { type: "string", default: "3" },
  },
});
const hearth = resolve(options.build, "hearth");
const shape = { layers: 12, width: 384, heads: 12, hidden: 1536, vocabulary: 30522, tokens: 64 };
const few = 32; // texts, for what loading takes

/// Made where it is not there yet.
function file(name, make) {
  mkdirSync(options.models, { recursive: true });
  const path = join(options.models, name);
  if (!existsSync(path)) make(path);
  return path;
}
const gguf = (type) =>
  file(`bge-small-${type}.gguf`, (path) => execFileSync(hearth, ["make-model", "bge-small", path, "--type", type]));
const folder = resolve(options.models, "bge-small-onnx");
write_bert_folder(folder, shape);

/// Letters, each of which is a token; the vocabulary adds two.
function texts_of(count) {
  let state = 1;
  const letter = () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return String.fromCharCode(97 + ((state >> 8) % 26));
  };
  return Array.from({ length: count }, () => Array.from({ length: shape.tokens - 2 }, letter).join(" "));
}

/// Processor seconds of a program and all its threads.
function processor_seconds(program, args) {
  const timed = ["-c", 'TIMEFORMAT="%U %S"; time "$@" > /dev/null', "bash", program, ...args];
  const { status, stderr } = spawnSync("bash", timed, { encoding: "utf8", maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(stderr);
  const [user, system] = stderr.trim().split("\n").at(-1).split(" ").map(Number);
  return user + system;
}

function run_hearth(type, texts) {
  return processor_seconds(hearth, ["embed", gguf(type), ...texts, "--threads", options.threads]);
}

function run_peer(runtime, model, texts, ...more) {
  const path = join(options.models, `texts-${texts.length}.txt`);
  writeFileSync(path, texts.join("\n"));
  const program = join(here, "embeddings_peer.mjs");
  return processor_seconds(process.execPath, [program, runtime, model, path, options.threads, ...more]);
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const texts = texts_of(Number(options.texts));
const { cpu } = JSON.parse(execFileSync("lscpu", ["-J"], { encoding: "utf8" })).lscpu.reduce(
  (all, { field, data }) => (field === "Model name:" ? { cpu: data } : all),
  {},
);
console.log(`${texts.length} texts of ${shape.tokens} tokens, ${options.threads} threads, ${cpu}`);
for (const type of options.types.split(",")) {
  const dtype = type.startsWith("Q") ? "q8" : "fp32"; // fp32 is what it takes where nothing is said
  const runs = {
    hearth: (some) => run_hearth(type, some),
    "node-llama-cpp": (some) => run_peer("llama", gguf(type), some),
    "transformers.js": (some) => run_peer("transformers", folder, some, dtype),
  };
  const seconds = Object.fromEntries(Object.keys(runs).map((name) => [name, []]));
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const [name, run] of Object.entries(runs)) {
      seconds[name].push((run(texts) - run(texts.slice(0, few))) / (texts.length - few));
    }
  }
  for (const [name, values] of Object.entries(seconds)) {
    const ratio = (median(values) / median(seconds.hearth)).toFixed(2);
    const of = name === "transformers.js" ? dtype : type;
    console.log(`${name.padEnd(15)} ${of.padEnd(5)} ${ratio} of Hearth's processor seconds`);
  }
}
