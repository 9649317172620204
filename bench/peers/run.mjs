// Runs Hearth and node-llama-cpp in turns on the same models and prints ratios, with this machine's limits measured in the
// same run. Needs a Release build with -DHEARTH_BENCHMARKS=ON and `npm install --ignore-scripts` in this folder.
//
//   node bench/peers/run.mjs [--build build] [--models FOLDER] [--shapes tinyllama-1.1b,smollm2-135m]
//     [--types Q8_0,Q4_0,Q4_K_M] [--threads 1,2] [--prompts 512,128] [--decode 64] [--rounds 5] [--json FILE]
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const here = dirname(fileURLToPath(import.meta.url));
const { values: options } = parseArgs({
  options: {
    build: { type: "string", default: "build" },
    models: { type: "string", default: "build/bench-models" },
    shapes: { type: "string", default: "tinyllama-1.1b,smollm2-135m" },
    types: { type: "string", default: "Q8_0,Q4_0,Q4_K_M" },
    threads: { type: "string", default: "2" },
    prompts: { type: "string", default: "512,128" },
    decode: { type: "string", default: "64" },
    rounds: { type: "string", default: "5" },
    json: { type: "string" },
  },
});
const list = (text) => text.split(",");
const hearth = join(options.build, "hearth");
const decode_count = Number(options.decode);

const run_json = (command, args) =>
  JSON.parse(execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }));

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const spread = (values) => ({ min: Math.min(...values), median: median(values), max: Math.max(...values) });

function model_file(shape, type) {
  mkdirSync(options.models, { recursive: true });
  const path = join(options.models, `${shape}-${type}.gguf`);
  if (!existsSync(path)) execFileSync(hearth, ["make-model", shape, path, "--type", type], { stdio: "inherit" });
  return path;
}

function measure_hearth(path, prompt_count, threads) {
  const report = run_json(
    hearth,
    ["bench", path, "-p", prompt_count, "-n", decode_count, "-t", threads, "-r", "1", "--json"].map(String),
  );
  return {
    load_ms: report.loadMs,
    prefill: report.prefillTokensPerSecond.median,
    decode: report.decodeTokensPerSecond.median,
    peak_rss_bytes: report.peakRssBytes,
  };
}

function measure_peer(path, prompt_count, threads) {
  const report = run_json("node", [join(here, "peer.mjs"), path, prompt_count, decode_count, threads].map(String));
  return {
    load_ms: report.load_ms,
    prefill: report.prefill_tokens_per_second,
    decode: report.decode_tokens_per_second,
    peak_rss_bytes: report.peak_rss_bytes,
  };
}

/// Both in turns, so that a machine whose speed drifts treats them alike; the ratio is taken pair by pair.
function compare(path, prompt_count, threads) {
  const rounds = Array.from({ length: Number(options.rounds) }, () => ({
    hearth: measure_hearth(path, prompt_count, threads),
    peer: measure_peer(path, prompt_count, threads),
  }));
  const of = (who, what) => spread(rounds.map((round) => round[who][what]));
  const ratio = (what) => spread(rounds.map((round) => round.hearth[what] / round.peer[what]));
  const row = { prompt: prompt_count, threads };
  for (const what of ["prefill", "decode", "load_ms", "peak_rss_bytes"]) {
    row[what] = { hearth: of("hearth", what), peer: of("peer", what), ratio: ratio(what) };
  }
  return row;
}

const report = { roofline: [], results: [] };
for (const threads of list(options.threads)) {
  report.roofline.push(run_json(join(options.build, "hearth_roofline"), [threads]).limits.at(-1));
}
const number = (value) => value.toFixed(value < 10 ? 2 : 0);
const show = ({ min, median, max }) => `${number(median)} (${number(min)}-${number(max)})`;
for (const shape of list(options.shapes)) {
  for (const type of list(options.types)) {
    const path = model_file(shape, type);
    for (const threads of list(options.threads).map(Number)) {
      for (const prompt_count of list(options.prompts).map(Number)) {
        const row = { shape, type, bytes: statSync(path).size, ...compare(path, prompt_count, threads) };
        report.results.push(row);
        console.log(
          `${shape} ${type}, ${threads} thread(s), prompt of ${prompt_count}: ` +
            `prefill ${show(row.prefill.hearth)} tokens/s, ${show(row.prefill.ratio)} times the peer; ` +
            `decode ${show(row.decode.hearth)} tokens/s, ${show(row.decode.ratio)} times the peer`,
        );
      }
    }
  }
}
if (options.json) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
