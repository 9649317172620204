// Puts what was built natively into the packages, for this platform: node copy_addon.mjs [build]
import { copyFileSync, mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

const packages = fileURLToPath(new URL("..", import.meta.url));
const build = process.argv[2] ?? resolve(packages, "../build");

for (const [name, file] of [
  ["node", "hearth.node"],
  ["node-gpu", "libhearth_gpu.so"],
]) {
  const folder = resolve(packages, name, `native/${process.platform}-${process.arch}`);
  mkdirSync(folder, { recursive: true });
  copyFileSync(resolve(build, file), resolve(folder, file));
}
