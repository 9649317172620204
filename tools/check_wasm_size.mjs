// Fails where a module is more than a page should load: 1 MiB compressed, of code and loader together.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";

const most = 2 ** 20;
const folder = fileURLToPath(new URL("../packages/wasm/modules/", import.meta.url));
const sizes = new Map();
for (const file of readdirSync(folder)) {
  const module = file.replace(/\.(wasm|mjs)$/, "");
  const size = brotliCompressSync(readFileSync(folder + file)).length;
  sizes.set(module, (sizes.get(module) ?? 0) + size);
}
for (const [module, size] of sizes) {
  console.log(`${module}: ${size} bytes compressed (brotli), ${((100 * size) / most).toFixed(0)} % of what is allowed`);
  if (size > most) process.exitCode = 1;
}
