// Makes dist/src/kernels.js of engine/compute/gpu/kernels: the files without what only people read.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../../engine/compute/gpu/kernels/", import.meta.url));
const output = fileURLToPath(new URL("dist/src/kernels.js", import.meta.url));

/** Comments but for the template's own (//!), indentation and empty lines go. WGSL has no texts in which // means else. */
function shortened(source) {
  const lines = source.split("\n").map((line) => line.replace(/\s*\/\/(?!!).*$/, "").trim());
  return lines.filter((line) => line !== "").join("\n");
}

const paths = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .map((path) => path.replaceAll("\\", "/"))
  .filter((path) => path.endsWith(".wgsl"))
  .sort();
const entries = paths.map((path) => [path.replace(/\.wgsl$/, ""), shortened(readFileSync(folder + path, "utf8"))]);
mkdirSync(fileURLToPath(new URL("dist/src", import.meta.url)), { recursive: true });
writeFileSync(output, `export const kernels = new Map(${JSON.stringify(entries, null, 1)});\n`);
