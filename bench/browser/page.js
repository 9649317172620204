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
  const engine = new Wllama({ default: wasm });
  const blob = await (await fetch(url)).blob();
  const started = performance.now();
  await engine.loadModel([blob], { n_threads: threads, n_ctx: 512, n_batch: 512 });
  const load_ms = performance.now() - started;
  const runs = [];
  for (let round = 0; round <= rounds; ++round) {
    // One token begins every text. Each round has letters of its own, so that nothing is kept from the one before.
    const letters = Array.from({ length: prompt - 1 }, (_, index) => "abcdefghijklmno"[(index + round) % 15]);
    const options = { prompt: letters.join(" "), max_tokens: decode + 1, temperature: 0 };
    const { timings } = await engine.createCompletion(options);
    if (timings.prompt_n < prompt - 1) throw new Error(`a prompt of ${timings.prompt_n} tokens, not ${prompt}`);
    if (round > 0) runs.push({ prefill: timings.prompt_per_second, decode: timings.predicted_per_second });
  }
  await engine.exit();
  return { load_ms, runs };
}

globalThis.measure = { hearth, roofline, wllama };
