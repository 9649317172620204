// Runs benchmarks once on models so small that each takes seconds, and fails where one fails or prints a figure that is none: a
// benchmark that nobody runs breaks unseen. What the figures are does not count. Not here: bench/node, bench/browser,
// embeddings, quantising, and the programs on Google Benchmark but for products and attention.
//
//   node bench/smoke.mjs native|peers [--build build]
//
// native: hearth_roofline, hearth_sequences, hearth_matrix_product_benchmark, hearth_attention_benchmark and bench/server, of a
// build with -DHEARTH_BENCHMARKS=ON.
// peers: bench/peers, with the node-llama-cpp of tests/conformance.
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { build: { type: "string", default: join(root, "build") } },
});
const build = resolve(options.build);
const hearth = join(build, "hearth");
const folder = mkdtempSync(join(tmpdir(), "hearth-smoke-"));
const model = join(folder, "tiny-llama-Q8_0.gguf"); // as bench/peers/run.mjs names it

/** Fails unless what was printed has figures, all of them finite and above zero. */
function check_figures(printed) {
  const figures = printed.match(/(?<![\w.-])-?\d+(\.\d+)?(e[+-]?\d+)?/g) ?? [];
  if (figures.length === 0) throw new Error(`no figure in what it printed:\n${printed}`);
  if (/\b(NaN|Infinity|undefined|null|inf|nan)\b/.test(printed) || figures.some((figure) => Number(figure) <= 0))
    throw new Error(`a figure that is none:\n${printed}`);
}

function run(program, ...args) {
  const begin = performance.now();
  check_figures(execFileSync(program, args.map(String), { cwd: root, encoding: "utf8", timeout: 120_000 }));
  const name = [program, ...args].join(" ").replaceAll(`${root}/`, "").replaceAll(`${folder}/`, "");
  console.log(`${((performance.now() - begin) / 1000).toFixed(1)} s: ${name}`);
}

const run_script = (...args) => run(process.execPath, ...args);

const parts = {
  native() {
    run(join(build, "hearth_roofline"), 64, 1);
    // Not "cancel": so short a prompt has been read before it is cancelled.
    for (const figure of ["batch", "prefix"]) run(join(build, "hearth_sequences"), figure, model);
    run(join(build, "hearth_sequences"), "draft", model, model);
    const briefly = "--benchmark_min_time=0.001";
    run(join(build, "hearth_matrix_product_benchmark"), "--benchmark_filter=decode/.*/Q8_0$", briefly);
    run(join(build, "hearth_attention_benchmark"), "--benchmark_filter=step/(avx2_)?tinyllama_f16/1", briefly);
    const few = ["--clients", 2, "--rounds", 1, "--tokens", 4, "--no-peer"];
    run_script("bench/server/throughput.mjs", model, "--build", build, ...few);
  },
  peers() {
    // Where they stand they would need an installation of their own, with peers of hundreds of MB.
    const copy = join(folder, "bench/peers");
    cpSync(join(root, "bench/peers"), copy, { recursive: true, filter: (path) => !path.endsWith("node_modules") });
    symlinkSync(join(root, "tests/conformance/node_modules"), join(copy, "node_modules"));
    symlinkSync(join(root, "tests"), join(folder, "tests"));
    const once = ["--build", build, "--rounds", 1];
    run_script(join(copy, "first_token.mjs"), model, ...once, "--prompt", 16);
    run_script(join(copy, "load.mjs"), model);
    run_script(join(copy, "batch.mjs"), model, ...once);
    const small = ["--shapes", "tiny-llama", "--types", "Q8_0", "--prompts", 16, "--decode", 4];
    run_script(join(copy, "run.mjs"), ...once, "--models", folder, ...small);
    const text = ["--model", model, "--text", join(root, "docs/architecture.md"), "--tokens", 16, "--context", 16];
    run_script(join(copy, "divergence.mjs"), "--build", build, ...text, "--types", "Q8_0");
  },
};

try {
  execFileSync(hearth, ["make-model", "tiny-llama", model, "--type", "Q8_0"], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  for (const name of positionals) parts[name]();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
