// Hearth through its JavaScript API: against its own `hearth bench`, against node-llama-cpp, against what the machine
// can read, and against itself. Prints ratios; each pair is measured in turns within this one run. Needs
// `cmake --build build --target hearth hearth_node`, `npm install && npm run build`, and `npm install` in bench/peers.
//
//   node bench/node/run.mjs [--build build] [--models build/bench-models] [--rounds 5] [--only decode,load,limit,streams]
import { execFileSync } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const here = dirname(fileURLToPath(import.meta.url));
const { values: options } = parseArgs({
  options: {
    build: { type: "string", default: "build" },
    models: { type: "string", default: "build/bench-models" },
    small: { type: "string", default: "tinyllama-1.1b" },
    large: { type: "string", default: "llama2-7b" },
    threads: { type: "string", default: "2" },
    tokens: { type: "string", default: "32" },
    rounds: { type: "string", default: "5" },
    only: { type: "string", default: "decode,load,limit,streams" },
    json: { type: "string" },
  },
});
const hearth = join(options.build, "hearth");
const { threads, tokens } = options;

function run_json(command, args) {
  const environment = { ...process.env, HEARTH_ADDON: resolve(options.build, "hearth.node") };
  return JSON.parse(
    execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], env: environment }),
  );
}
const measure = (what, path, more = []) =>
  run_json(process.execPath, [
    join(here, "measure.mjs"),
    what,
    path,
    "--threads",
    threads,
    "--tokens",
    tokens,
    ...more,
  ]);

function model_file(shape) {
  mkdirSync(options.models, { recursive: true });
  const path = resolve(options.models, `${shape}-Q4_K_M.gguf`);
  if (!existsSync(path)) execFileSync(hearth, ["make-model", shape, path, "--type", "Q4_K_M"], { stdio: "inherit" });
  return path;
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const number = (value) => value.toFixed(Math.abs(value) < 10 ? 2 : 0);
const show = (values) => `${number(median(values))} (${number(Math.min(...values))} to ${number(Math.max(...values))})`;
const rounds = (round) => Array.from({ length: Number(options.rounds) }, round);
const report = {};
const say = (name, text, data) => {
  report[name] = data;
  console.log(text);
};

/// The JavaScript API against the same engine without it, and against node-llama-cpp.
function decode() {
  const path = model_file(options.small);
  const peer = join(here, "../peers/peer.mjs");
  const all = rounds(() => ({
    api: measure("decode", path).decode,
    bench: run_json(hearth, ["bench", path, "-p", "0", "-n", tokens, "-t", threads, "-r", "1", "--json"])
      .decodeTokensPerSecond.median,
    peer: run_json(process.execPath, [peer, path, "16", tokens, threads]).decode_tokens_per_second,
  }));
  const bench = all.map((measured) => measured.api / measured.bench);
  const peers = all.map((measured) => measured.api / measured.peer);
  say(
    "decode",
    `JavaScript API: ${show(bench)} of hearth bench's decode, wanted: 0.97; ${show(peers)} of node-llama-cpp's`,
    all,
  );
}

/// Loading a model that is in the page cache, against node-llama-cpp.
function load() {
  const path = model_file(options.large);
  read_bandwidth(path); // so that it is in the page cache
  const pairs = rounds(() => ({
    hearth: measure("load", path),
    peer: run_json(process.execPath, [join(here, "../peers/load.mjs"), path]),
  }));
  const of = (who, what, unit) => pairs.map((pair) => pair[who][what] / unit);
  say(
    "load",
    `loadModel, ${options.large}: ${show(of("hearth", "load_ms", 1))} ms, wanted: 300; memory grows by ` +
      `${show(of("hearth", "rss_growth", 1 << 20))} MiB, wanted: 100. node-llama-cpp: ` +
      `${show(of("peer", "load_ms", 1))} ms, ${show(of("peer", "rss_growth", 1 << 20))} MiB`,
    pairs,
  );
}

/// Bytes per second at which a plain loop reads the file, from wherever it is now.
function read_bandwidth(path) {
  const file = openSync(path, "r");
  const buffer = Buffer.alloc(4 << 20);
  const begin = performance.now();
  let bytes = 0;
  for (let read = 1; read > 0; bytes += read) read = readSync(file, buffer);
  closeSync(file);
  return bytes / ((performance.now() - begin) / 1000);
}

/// A model in less memory than it has bytes.
function limit() {
  const path = model_file(options.large);
  const size = statSync(path).size;
  const limit = 1 << 30;
  const all = rounds(() => {
    const bandwidth = read_bandwidth(path);
    const measured = measure("limit", path, ["--memory-limit", String(limit)]);
    return { ...measured, bandwidth, share: measured.decode / (bandwidth / size) };
  });
  say(
    "limit",
    `${options.large} (${number(size / (1 << 20))} MiB) in 1 GiB: peak ${show(all.map(({ peak_rss }) => peak_rss / (1 << 30)))} GiB, ` +
      `wanted: 1.2; decodes at ${show(all.map(({ share }) => share))} of read bandwidth / bytes per token, wanted: 0.8; ` +
      `${all[0].statistics.layersResident} layers resident`,
    all,
  );
}

/// Several answers at once against one.
function streams() {
  const path = model_file(options.small);
  const all = rounds(() => measure("streams", path));
  const ratios = all.map(({ together, decode }) => together / decode);
  say("streams", `8 streams at once: ${show(ratios)} times the tokens/s of one; wanted: 3`, all);
}

const parts = { decode, load, limit, streams };
for (const name of options.only.split(",")) parts[name]();
if (options.json) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
