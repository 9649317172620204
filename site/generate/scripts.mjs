/** Builds the scripts that pages load beside VitePress's own. Usage: node scripts.mjs FOLDER */

import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

await build({
  entryPoints: {
    "hearth/start": here("../../packages/bundle/src/start.ts"),
    service_worker: here("../service_worker.ts"),
  },
  outdir: process.argv[2],
  bundle: true,
  format: "iife",
  target: "es2022",
  minify: true,
  legalComments: "none",
});
