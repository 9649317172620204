// How long node-llama-cpp takes to load a model, and by how much the process grows: node load.mjs MODEL
import { getLlama, LlamaLogLevel } from "node-llama-cpp";

const llama = await getLlama({ gpu: false, build: "never", logLevel: LlamaLogLevel.error });
const rss_before = process.memoryUsage.rss();
const begin = performance.now();
await llama.loadModel({ modelPath: process.argv[2], gpuLayers: 0, useMmap: true });
const load_ms = performance.now() - begin;
console.log(JSON.stringify({ load_ms, rss_growth: process.memoryUsage.rss() - rss_before }));
process.exit(0);
