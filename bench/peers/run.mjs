// Runs Hearth, node-llama-cpp and the machine's limits in turns on the same models, and prints ratios: Hearth to the peer,
// and Hearth to what the arithmetic (prefill) and the memory (decode) of this machine allow. Needs a Release build with
// -DHEARTH_BENCHMARKS=ON and `npm install --ignore-scripts` in this folder.
//
//   node bench/peers/run.mjs [--build build] [--models FOLDER] [--shapes tinyllama-1.1b,smollm2-135m]
//     [--types Q8_0,Q4_0,Q4_K_M] [--threads 1,2] [--prompts 512,128] [--decode 64] [--rounds 5] [--json FILE]
//     [--avx2] [--under COMMAND]
//
// --avx2 holds both to AVX2. --under puts a command before each measured one: "chrt -r 1" on a machine that is shared.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
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
    avx2: { type: "boolean", default: false },
    under: { type: "string", default: "" },
  },
});
const list = (text) => text.split(",");
const hearth = join(options.build, "hearth");
const decode_count = Number(options.decode);

function run_json(command, args) {
  const [program, ...all] = [...options.under.split(" ").filter(Boolean), command, ...args.map(String)];
  return JSON.parse(execFileSync(program, all, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }));
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const spread = (values) => ({ min: Math.min(...values), median: median(values), max: Math.max(...values) });

function model_file(shape, type) {
  mkdirSync(options.models, { recursive: true });
  const path = join(options.models, `${shape}-${type}.gguf`);
  if (!existsSync(path)) execFileSync(hearth, ["make-model", shape, path, "--type", type], { stdio: "inherit" });
  return path;
}

/// What a model costs by its tensors: multiply-adds for a token of a prompt (the output layer runs for the last only) and
/// bytes read for a decoded one (of the embeddings just a row, unless they are the output layer too).
function costs_of(path) {
  const { tensors } = JSON.parse(execFileSync(hearth, ["inspect", path, "--json"], { maxBuffer: 1 << 28 }));
  const tied = !tensors.some(({ name }) => name === "output.weight");
  const is_embedding = ({ name }) => name === "token_embd.weight";
  const matrices = tensors.filter(({ name, shape }) => shape.length === 2 && name.startsWith("blk."));
  return {
    multiply_adds: matrices.reduce((sum, { shape }) => sum + shape[0] * shape[1], 0),
    bytes: tensors.filter((t) => tied || !is_embedding(t)).reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/// node-llama-cpp without the libraries that use more than AVX2: it loads the best that is there.
function peer_held_to_avx2() {
  const copy = join(options.build, "peer-avx2");
  rmSync(copy, { recursive: true, force: true });
  cpSync(here, copy, { recursive: true });
  const libraries = join(copy, "node_modules/@node-llama-cpp/linux-x64/bins/linux-x64");
  for (const name of readdirSync(libraries)) {
    if (name.startsWith("libggml-cpu-") && name !== "libggml-cpu-haswell.so") rmSync(join(libraries, name));
  }
  return join(copy, "peer.mjs");
}
const peer = options.avx2 ? peer_held_to_avx2() : join(here, "peer.mjs");

function measure_hearth(path, prompt_count, threads) {
  const set = options.avx2 ? ["--instruction-set", "avx2"] : [];
  const counts = ["-p", prompt_count, "-n", decode_count, "-t", threads, "-r", "1"];
  const report = run_json(hearth, ["bench", path, ...counts, ...set, "--json"]);
  return {
    load_ms: report.loadMs,
    prefill: report.prefillTokensPerSecond.median,
    decode: report.decodeTokensPerSecond.median,
    peak_rss_bytes: report.peakRssBytes,
  };
}

function measure_peer(path, prompt_count, threads) {
  const report = run_json("node", [peer, path, prompt_count, decode_count, threads]);
  return {
    load_ms: report.load_ms,
    prefill: report.prefill_tokens_per_second,
    decode: report.decode_tokens_per_second,
    peak_rss_bytes: report.peak_rss_bytes,
  };
}

/// Tokens a second at which a model would run at the machine's limits, of the widest vectors that are in use.
function measure_limits({ multiply_adds, bytes }, threads) {
  const limits = run_json(join(options.build, "hearth_roofline"), [256, threads]).limits[0];
  const widest = ["int8 512-bit Gop/s", "int8 256-bit Gop/s", "int8 256-bit, no VNNI Gop/s"];
  const kind = options.avx2 ? widest[2] : widest.find((name) => name in limits);
  return {
    ...limits,
    prefill: (limits[kind].median * 1e9) / (2 * multiply_adds),
    decode: (limits.read_GB_per_s.median * 1e9) / bytes,
  };
}

/// All in turns, so that a machine whose speed drifts treats them alike; ratios are taken round by round.
function compare(path, prompt_count, threads) {
  const costs = costs_of(path);
  const rounds = Array.from({ length: Number(options.rounds) }, () => ({
    limits: measure_limits(costs, threads),
    hearth: measure_hearth(path, prompt_count, threads),
    peer: measure_peer(path, prompt_count, threads),
  }));
  const of = (who, what) => spread(rounds.map((round) => round[who][what]));
  const ratio = (to, what) => spread(rounds.map((round) => round.hearth[what] / round[to][what]));
  const row = { prompt: prompt_count, threads, rounds };
  for (const what of ["prefill", "decode", "load_ms", "peak_rss_bytes"]) {
    row[what] = { hearth: of("hearth", what), peer: of("peer", what), ratio: ratio("peer", what) };
  }
  for (const what of ["prefill", "decode"]) row[what].share = ratio("limits", what);
  return row;
}

const number = (value) => value.toFixed(value < 10 ? 2 : 0);
const show = ({ min, median, max }) => `${number(median)} (${number(min)}-${number(max)})`;
const results = [];
for (const shape of list(options.shapes)) {
  for (const type of list(options.types)) {
    const path = model_file(shape, type);
    for (const threads of list(options.threads).map(Number)) {
      for (const prompt_count of list(options.prompts).map(Number)) {
        const row = { shape, type, bytes: statSync(path).size, ...compare(path, prompt_count, threads) };
        results.push(row);
        console.log(`${shape} ${type}, ${threads} thread(s), prompt of ${prompt_count}:`);
        for (const what of ["prefill", "decode"]) {
          const { hearth, ratio, share } = row[what];
          console.log(`  ${what} ${show(hearth)} tokens/s, ${show(ratio)} times the peer, ${show(share)} of the limit`);
        }
        console.log(
          `  peak memory less the file: ${number((row.peak_rss_bytes.hearth.max - row.bytes) / 1e6)} MB, ` +
            `the peer's ${number((row.peak_rss_bytes.peer.max - row.bytes) / 1e6)} MB`,
        );
      }
    }
  }
}
if (options.json) writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`);
