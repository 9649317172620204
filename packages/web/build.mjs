// Makes the package: dist/ with the page's module, the workers' and their types; wasm/ with the engine's builds.
// The modules are self-contained, so that a page can load them from anywhere without a bundler.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const wasm = here("../wasm");

/** What an engine's loader is called here: hosts that know .mjs for JavaScript are fewer than those that know .js. */
const as_js = (path) =>
  path
    .split("/")
    .pop()
    .replace(/\.mjs$/, ".js");

/** The engine's builds stay files of their own, next to dist/. */
const engine_modules = {
  name: "engine-modules",
  setup({ onResolve }) {
    onResolve({ filter: /\/modules\/hearth-[^/]+\.mjs$/ }, ({ path }) => ({
      path: `../wasm/${as_js(path)}`,
      external: true,
    }));
  },
};

/**
 * The engine's loaders also run in Node.js, whose modules webpack would look for, in vain: it passes over imports with
 * this comment, and Vite over those with the other. A loader that starts workers of its own names itself, for which
 * webpack would copy it and take it for a script; in pages others start the workers.
 */
function for_bundlers(loader) {
  return loader
    .replaceAll(/\bimport\(("node:[a-z_]+")\)/g, "import(/* webpackIgnore: true */ /* @vite-ignore */ $1)")
    .replaceAll(/new URL\(("hearth-\w+)\.mjs"/g, 'new URL(/* webpackIgnore: true */ $1.js"');
}

rmSync(here("wasm"), { recursive: true, force: true });
mkdirSync(here("wasm"));
for (const name of readdirSync(`${wasm}/modules`)) {
  const bytes = readFileSync(`${wasm}/modules/${name}`);
  writeFileSync(here(`wasm/${as_js(name)}`), name.endsWith(".mjs") ? for_bundlers(bytes.toString()) : bytes);
}
for (const name of readdirSync(here("dist"))) if (name.endsWith(".js")) rmSync(here(`dist/${name}`));
await build({
  entryPoints: {
    index: here("src/index.ts"),
    tea: here("src/tea/index.ts"),
    worker: here("src/worker/worker.ts"),
    shared_worker: here("src/worker/shared_worker.ts"),
    read_ahead_worker: here("src/worker/read_ahead_worker.ts"),
    pool_worker: `${wasm}/dist/src/pool_worker.js`,
  },
  outdir: here("dist"),
  bundle: true,
  splitting: true,
  format: "esm",
  target: "es2022",
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "none",
  plugins: [engine_modules],
});
