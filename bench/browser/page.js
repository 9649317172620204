/** What run.mjs calls in the browser. Each measurement starts afresh and leaves nothing behind. */

import { start_pool } from "/repository/packages/wasm/dist/src/index.js";

function in_worker(file, message, transfer = []) {
  const worker = new Worker(new URL(file, import.meta.url), { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => (data.error ? reject(new Error(data.error)) : resolve(data));
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage(message, transfer);
  }).finally(() => worker.terminate());
}

/** {load_ms, runs: [{prefill, decode}]}: tokens per second. */
async function hearth({ module, threads, ...request }) {
  const pool = module === "simd128" ? undefined : await start_pool(module, threads);
  const ports = pool?.ports ?? [];
  try {
    return await in_worker("hearth_worker.js", { module, threads, ports, ...request }, ports);
  } finally {
    pool?.terminate();
  }
}

/** Operations per second of the plain loops, of all threads together. */
async function roofline({ build, threads, seconds }) {
  const all = Array.from({ length: threads }, () => in_worker("roofline_worker.js", { build, seconds }));
  return (await Promise.all(all)).reduce((sum, each) => sum + each.operations, 0);
}

async function wllama({ url, threads, prompt, decode, rounds }) {
  const { Wllama } = await import("./node_modules/@wllama/wllama/esm/index.js");
  const wasm = new URL("./node_modules/@wllama/wllama/esm/wasm/wllama.wasm", import.meta.url).href;
  const engine = new Wllama({ default: wasm, "single-thread/wllama.wasm": wasm, "multi-thread/wllama.wasm": wasm });
  const blob = await (await fetch(url)).blob();
  const started = performance.now();
  await engine.loadModel([blob], { n_threads: threads, n_ctx: 512, n_batch: 512 });
  const load_ms = performance.now() - started;
  const runs = [];
  for (let round = 0; round <= rounds; ++round) {
    await engine.kvClear();
    const tokens = Array.from({ length: prompt }, (_, index) => 5 + ((index * 7919 + round * 104729) % 20000));
    const begin = performance.now();
    await engine.decode(tokens, {});
    const read = performance.now();
    for (let index = 0; index < decode; ++index) await engine.decode([100 + index], {});
    const end = performance.now();
    if (round > 0) runs.push({ prefill: (1000 * prompt) / (read - begin), decode: (1000 * decode) / (end - read) });
  }
  await engine.exit();
  return { load_ms, runs };
}

globalThis.measure = { hearth, roofline, wllama };
