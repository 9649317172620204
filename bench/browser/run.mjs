// Measures Hearth in Chromium in turns with its native build, the limit of plain loops in the same browser and wllama,
// and prints ratios. Needs `npm install --ignore-scripts` in this folder, tools/build_wasm.sh, a Release build of the
// program, and Chromium.
//
//   node bench/browser/run.mjs [--program build/hearth] [--models FOLDER] [--shapes tinyllama-1.1b] [--types Q8_0,Q4_0]
//     [--modules threads,simd128] [--threads 2,1] [--prompt 128] [--decode 64] [--rounds 5] [--peer] [--json FILE]
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { launch, median, new_profile } from "./browser.mjs";
import { serve } from "./server.mjs";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const { values: options } = parseArgs({
  options: {
    program: { type: "string", default: join(repository, "build/hearth") },
    models: { type: "string", default: join(repository, "build/bench-models") },
    shapes: { type: "string", default: "tinyllama-1.1b" },
    types: { type: "string", default: "Q8_0,Q4_0,Q4_K_M" },
    modules: { type: "string", default: "threads" },
    threads: { type: "string", default: "2" },
    prompt: { type: "string", default: "128" },
    decode: { type: "string", default: "64" },
    rounds: { type: "string", default: "5" },
    peer: { type: "boolean", default: false },
    native: { type: "boolean", default: true },
    json: { type: "string" },
  },
  allowNegative: true,
});
const list = (text) => text.split(",").filter(Boolean);
const [prompt, decode, rounds] = [options.prompt, options.decode, options.rounds].map(Number);

/** The plain loops, compiled where they are missing. */
function build_roofline() {
  const folder = join(repository, "build/browser-bench");
  mkdirSync(folder, { recursive: true });
  for (const [build, flags] of Object.entries({ simd128: "", relaxed: "-mrelaxed-simd" })) {
    if (existsSync(join(folder, `${build}.mjs`))) continue;
    const compile = `. "$(tools/setup_emscripten.sh)" && "$EMSCRIPTEN_ROOT/em++" -std=c++20 -O3 -msimd128 ${flags} \
      -fno-exceptions -fno-rtti -sMODULARIZE -sEXPORT_ES6 -sENVIRONMENT=worker -sFILESYSTEM=0 \
      -Wl,--no-stack-first -Wno-version-check bench/browser/roofline.cpp -o ${folder}/${build}.mjs`;
    execFileSync("bash", ["-c", compile], { cwd: repository, stdio: ["ignore", "ignore", "inherit"] });
  }
}

function model_file(shape, type) {
  mkdirSync(options.models, { recursive: true });
  const path = resolve(options.models, `${shape}-${type}.gguf`);
  if (!existsSync(path)) execFileSync(options.program, ["make-model", shape, path, "--type", type]);
  return path;
}

function measure_native(path, threads) {
  const args = ["bench", path, "-p", prompt, "-n", decode, "-t", threads, "-r", rounds, "--json"].map(String);
  const report = JSON.parse(execFileSync(options.program, args, { encoding: "utf8" }));
  return { prefill: report.prefillTokensPerSecond.median, decode: report.decodeTokensPerSecond.median };
}

const medians = ({ load_ms, runs }) => ({
  load_ms,
  prefill: median(runs.map((run) => run.prefill)),
  decode: median(runs.map((run) => run.decode)),
});

const percent = (part, whole) => `${((100 * part) / whole).toFixed(0)} %`;

build_roofline();
const { url, server } = await serve({ repository, models: resolve(options.models) });
const profile = new_profile();
const browser = await launch(profile);
const rows = [];
try {
  const page = await browser.newPage();
  page.on("console", (message) => process.env.VERBOSE && console.error(message.text()));
  await page.goto(`${url}/repository/bench/browser/page.html`);
  await page.waitForFunction(() => globalThis.measure);
  const call = (name, request) => page.evaluate(([what, given]) => globalThis.measure[what](given), [name, request]);

  for (const threads of list(options.threads).map(Number)) {
    for (const shape of list(options.shapes)) {
      for (const type of list(options.types)) {
        const path = model_file(shape, type);
        const request = { url: `${url}/models/${basename(path)}`, threads, prompt, decode, rounds };
        const native = options.native ? measure_native(path, threads) : undefined;
        const peer = options.peer ? medians(await call("wllama", request)) : undefined;
        for (const module of list(options.modules)) {
          if (module === "simd128" && threads > 1) continue;
          const build = module === "simd128" ? "simd128" : "relaxed";
          const limit = await call("roofline", { build, threads, seconds: 1 });
          const found = medians(await call("hearth", { module, ...request }));
          rows.push({ module, threads, shape, type, limit, ...found, native, peer });
          report(rows.at(-1));
        }
      }
    }
  }
} finally {
  await browser.close();
  server.close();
  rmSync(profile, { recursive: true, force: true });
}
if (options.json) writeFileSync(options.json, `${JSON.stringify(rows, undefined, 2)}\n`);

/** Multiply-adds of one prompt token: those of the weights' matrices. */
function operations_per_token(shape) {
  const known = { "tinyllama-1.1b": 0.97e9, "smollm2-135m": 0.106e9 };
  return 2 * known[shape];
}

function report({ module, threads, shape, type, limit, load_ms, prefill, decode, native, peer }) {
  const of_limit = percent(prefill * operations_per_token(shape), limit);
  const parts = [
    `${shape} ${type}, ${module}, ${threads} thread(s): limit ${(limit / 1e9).toFixed(0)} Gop/s`,
    `prefill ${prefill.toFixed(1)} tokens/s, ${of_limit} of the limit`,
    `decode ${decode.toFixed(1)} tokens/s${native ? `, ${percent(decode, native.decode)} of native (${native.decode.toFixed(1)})` : ""}`,
    `load ${load_ms.toFixed(0)} ms`,
  ];
  if (peer)
    parts.push(`wllama ${peer.prefill.toFixed(1)} / ${peer.decode.toFixed(1)}, load ${peer.load_ms.toFixed(0)} ms`);
  console.log(parts.join("; "));
}
