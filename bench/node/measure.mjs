// Measures one thing about one model with @hearth/node, in a process of its own, and prints one JSON line:
//   node measure.mjs decode|load|limit|streams MODEL [--threads 2] [--tokens 64] [--memory-limit BYTES] [--streams 8]
import { parseArgs } from "node:util";
import { loadModel, streamText } from "@hearth/node";

const {
  positionals: [what, path],
  values,
} = parseArgs({
  allowPositionals: true,
  options: {
    threads: { type: "string", default: "2" },
    tokens: { type: "string", default: "64" },
    "memory-limit": { type: "string" },
    streams: { type: "string", default: "8" },
  },
});
const tokens = Number(values.tokens);
const peak_rss = () => process.resourceUsage().maxRSS * 1024;

const rss_before = process.memoryUsage.rss();
const begin = performance.now();
const model = await loadModel(path, {
  threads: Number(values.threads),
  contextSize: Math.max(64, tokens + 8),
  cachePositions: what === "streams" ? Number(values.streams) * Math.max(64, tokens + 8) : undefined,
  memoryLimit: values["memory-limit"] === undefined ? undefined : Number(values["memory-limit"]),
});
const load_ms = performance.now() - begin;
const rss_growth = process.memoryUsage.rss() - rss_before;

/// Tokens per second of `count` answers at once, each past any end, as `hearth bench` writes one.
async function rate(count) {
  const begin = performance.now();
  const results = Array.from(
    { length: count },
    (_, index) =>
      streamText({ model, raw: true, prompt: "", temperature: 0, seed: index, maxTokens: tokens, ignoreEnd: true })
        .result,
  );
  await Promise.all(results);
  return (count * tokens) / ((performance.now() - begin) / 1000);
}

const report = { load_ms, rss_growth };
if (what !== "load") {
  await rate(1); // the first run is to warm up
  report.decode = await rate(1);
}
if (what === "streams") report.together = await rate(Number(values.streams));
if (what === "limit") report.statistics = await model.statistics();
report.peak_rss = peak_rss();
await model.dispose();
console.log(JSON.stringify(report));
