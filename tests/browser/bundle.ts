/** Puts a page's code and what it imports into one module, as a bundler would; @hearth/web stays the one that is served. */

import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** `page`: a file of the folder pages/. */
export async function bundle(page: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`pages/${page}`, import.meta.url))],
    bundle: true,
    write: false,
    format: "esm",
    jsx: "automatic",
    logLevel: "error",
    plugins: [
      {
        name: "served",
        setup: ({ onResolve }) =>
          onResolve({ filter: /^@hearth\/web$/ }, () => ({ path: "/web/dist/index.js", external: true })),
      },
    ],
  });
  return outputFiles[0]?.text ?? "";
}
