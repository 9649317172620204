/** One model in a worker: reads prompts and writes answers, without a page in between. */

import { WasmEngine } from "/repository/packages/wasm/dist/src/index.js";

self.onmessage = async ({ data }) => {
  try {
    postMessage(await measure(data));
  } catch (error) {
    postMessage({ error: error.stack ?? String(error) });
  }
};

async function measure({ module, threads, ports, url, prompt, decode, rounds, options }) {
  const blob = await (await fetch(url)).blob();
  const reader = new FileReaderSync();
  const started = performance.now();
  const source = {
    name: url,
    size: blob.size,
    read(offset, into) {
      const end = offset + Math.min(into.length, 16 * 2 ** 20);
      const bytes = new Uint8Array(reader.readAsArrayBuffer(blob.slice(offset, end)));
      into.set(bytes);
      return bytes.length;
    },
  };
  const workers = module === "simd128" ? undefined : ports;
  const engine = await WasmEngine.load(module, [source], { threads, workers, contextSize: 512, ...options });
  const load_ms = performance.now() - started;
  const { vocabSize } = engine.info();
  const runs = [];
  for (let round = 0; round <= rounds; ++round) {
    const tokens = Int32Array.from({ length: prompt }, (_, i) => 5 + ((i * 7919 + round * 104729) % (vocabSize - 10)));
    const { prefillMs, decodeMs, completionTokens } = answer(engine, tokens, decode);
    const run = { prefill: (1000 * prompt) / prefillMs, decode: (1000 * (completionTokens - 1)) / decodeMs };
    if (round > 0) runs.push(run); // the first warms up
  }
  return { load_ms, runs };
}

function answer(engine, tokens, maxTokens) {
  const generation = engine.generate(tokens, { temperature: 0, maxTokens, ignoreEnd: true });
  let result;
  while (!result) {
    engine.step();
    for (let event = engine.next(generation); event; event = engine.next(generation)) result = event.result;
  }
  engine.end(generation);
  return result;
}
