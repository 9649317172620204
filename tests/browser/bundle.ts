/** Puts a page's code and what it imports into one module, as a bundler would; @hearth/web stays the one that is served. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";
import { compile } from "svelte/compiler";

const served: Plugin = {
  name: "served",
  setup: ({ onResolve }) =>
    onResolve({ filter: /^@hearth\/web$/ }, () => ({ path: "/web/dist/index.js", external: true })),
};

const svelte: Plugin = {
  name: "svelte",
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.svelte$/ }, ({ path }) => {
      const { js } = compile(readFileSync(path, "utf8"), { filename: path, generate: "client" });
      return { contents: js.code, loader: "js" };
    }),
};

/** `page`: a file of the folder pages/. */
export async function bundle(page: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`pages/${page}`, import.meta.url))],
    bundle: true,
    write: false,
    format: "esm",
    jsx: "automatic",
    logLevel: "error",
    plugins: [served, svelte],
  });
  return outputFiles[0]?.text ?? "";
}
