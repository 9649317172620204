// The table of sizes in README.md: `node tools/sizes.mjs --write` measures what is built and writes it; with --check and
// the name of a stage of ./test, it fails where what that stage has built differs from the table by more than a tenth,
// or is larger than is allowed.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";

const tolerance = 0.1;
const modules = "packages/wasm/modules";

const run = (program, args, env = {}) =>
  execFileSync(program, args, { encoding: "utf8", env: { ...process.env, ...env }, maxBuffer: 2 ** 26 });
const bytes_of = (path) => statSync(path).size;

/** What `measure` makes in a folder of its own, which is gone afterwards. */
function in_scratch(measure) {
  const folder = mkdtempSync(join(tmpdir(), "hearth-sizes-"));
  try {
    return measure(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function stripped(path) {
  return in_scratch((folder) => {
    run("strip", ["-o", join(folder, "stripped"), path]);
    return bytes_of(join(folder, "stripped"));
  });
}

function wheel() {
  return in_scratch((folder) =>
    bytes_of(
      run("python3", ["python/build_wheel.py", folder], {
        HEARTH_LIBRARY: join(process.cwd(), "build/libhearth.so"),
      }).trim(),
    ),
  );
}

/** A module with its loader, compressed as a host sends it. */
function compressed_module(name) {
  const files = readdirSync(modules).filter((file) => file.replace(/\.[a-z]+$/, "") === name);
  if (files.length < 2) throw new Error(`${modules} has no ${name} with a loader`);
  return files.reduce((sum, file) => sum + brotliCompressSync(readFileSync(join(modules, file))).length, 0);
}

function npm_package(name) {
  const [told] = Object.values(JSON.parse(run("npm", ["pack", "--dry-run", "--json", "--silent", "-w", name])));
  return told.size;
}

function page() {
  const folder = "apps/serve/page/built";
  return readdirSync(folder).reduce((sum, file) => sum + bytes_of(join(folder, file)), 0);
}

const MiB = 2 ** 20;
const rows = [
  {
    stage: "build",
    label: "`hearth`, the program for Linux x86-64, stripped",
    measure: () => stripped("build/hearth"),
  },
  { stage: "build", label: "`libhearth.so`", measure: () => bytes_of("build/libhearth.so") },
  { stage: "build", label: "the page of `hearth serve`, uncompressed", measure: page },
  { stage: "build", label: "the Python wheel", measure: wheel },
  { stage: "node", label: "`hearth.node`, the addon", measure: () => bytes_of("build/hearth.node"), most: 4.5 * MiB },
  {
    stage: "node",
    label: "`libhearth_gpu.so`, what it reaches GPUs by",
    measure: () => bytes_of("build/libhearth_gpu.so"),
  },
  ...["simd128", "threads", "threads64", "workflow"].map((name) => ({
    stage: "wasm",
    label: `\`hearth-${name}\` for browsers, code and loader, brotli`,
    measure: () => compressed_module(`hearth-${name}`),
    most: MiB,
  })),
  ...["@hearth/core", "@hearth/web"].map((name) => ({
    stage: "browser",
    label: `\`${name}\` as npm downloads it`,
    measure: () => npm_package(name),
  })),
];

/** As people read it: 12.3 MB, 340 kB. */
const shown = (bytes) => (bytes >= 999_500 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.round(bytes / 1e3)} kB`);

function written_in(readme, label) {
  const line = readme.split("\n").find((text) => text.startsWith(`| ${label} | `));
  const [, number, unit] = /\| ([\d.]+) (MB|kB) \|$/.exec(line ?? "") ?? [];
  return number === undefined ? undefined : Number(number) * (unit === "MB" ? 1e6 : 1e3);
}

function check(stage) {
  const readme = readFileSync("README.md", "utf8");
  for (const { label, measure, most = Infinity } of rows.filter((row) => row.stage === stage)) {
    const bytes = measure();
    const stated = written_in(readme, label);
    console.log(`${label}: ${bytes} bytes`);
    if (bytes > most) fail(`${label} has ${bytes} bytes; ${most} is the most`);
    if (stated === undefined) fail(`README.md does not state the size of ${label}: run node tools/sizes.mjs --write`);
    else if (Math.abs(bytes - stated) > tolerance * stated)
      fail(`${label} has ${shown(bytes)}, README.md says ${shown(stated)}: run node tools/sizes.mjs --write`);
  }
}

function fail(message) {
  console.error(message);
  process.exitCode = 1;
}

function write() {
  const readme = readFileSync("README.md", "utf8");
  const lines = rows.map(({ label, measure }) => `| ${label} | ${shown(measure())} |`);
  const table = /(\n\| what \| size \|\n\|---\|---\|\n)(\|.*\n)*/;
  if (!table.test(readme)) throw new Error("README.md has no table that begins with '| what | size |'");
  writeFileSync(
    "README.md",
    readme.replace(table, (_, head) => `${head}${lines.join("\n")}\n`),
  );
}

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const [mode, stage] = process.argv.slice(2);
if (mode === "--write" && stage === undefined) write();
else if (mode === "--check" && rows.some((row) => row.stage === stage)) check(stage);
else {
  const stages = [...new Set(rows.map((row) => row.stage))].join("|");
  console.error(`usage: node tools/sizes.mjs --write | --check ${stages}`);
  process.exitCode = 2;
}
