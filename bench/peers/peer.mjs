// Measures node-llama-cpp in a process of its own and prints one JSON line:
//   node peer.mjs MODEL PROMPT_TOKENS DECODE_TOKENS THREADS
// Prefill and decode are timed on a warmed-up context; peak_rss_bytes is the process's.
import { getLlama, LlamaLogLevel } from "node-llama-cpp";

const [model_path, prompt_count, decode_count, threads] = [process.argv[2], ...process.argv.slice(3, 6).map(Number)];

const now = () => performance.now();
const llama = await getLlama({ gpu: false, build: "never", maxThreads: threads, logLevel: LlamaLogLevel.error });
const load_begin = now();
const model = await llama.loadModel({ modelPath: model_path, gpuLayers: 0, useMmap: true });
const load_ms = now() - load_begin;
const context = await model.createContext({
  contextSize: prompt_count + decode_count + 16,
  batchSize: 512,
  threads: { ideal: threads, min: threads },
});
const sequence = context.getSequence();

// Any ids do: speed does not depend on them. Ids below 3 are control tokens in most vocabularies.
const prompt = Array.from({ length: prompt_count }, (_, i) => 3 + ((i * 37) % 250));

const warm_up = prompt.slice(0, 8);
await sequence.evaluateWithoutGeneratingNewTokens(warm_up);
await sequence.clearHistory();

const prefill_begin = now();
await sequence.controlledEvaluate(
  prompt.map((token, i) => (i === prompt_count - 1 ? [token, { generateNext: { token: true } }] : token)),
);
const prefill_seconds = (now() - prefill_begin) / 1000;

let decoded = 0;
const decode_begin = now();
for await (const token of sequence.evaluate([prompt[0]], { temperature: 0, yieldEogToken: true })) {
  void token;
  decoded += 1;
  if (decoded === decode_count) break;
}
const decode_seconds = (now() - decode_begin) / 1000;

console.log(
  JSON.stringify({
    load_ms,
    prefill_tokens_per_second: prompt_count / prefill_seconds,
    decode_tokens_per_second: decoded / decode_seconds,
    peak_rss_bytes: process.resourceUsage().maxRSS * 1024,
  }),
);
process.exit(0);
