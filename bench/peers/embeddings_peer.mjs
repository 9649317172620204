// Embeds the texts of a file, one a line: node embeddings_peer.mjs llama|transformers MODEL TEXTS THREADS [DTYPE]
import { readFileSync } from "node:fs";
import { basename, dirname } from "node:path";

const [runtime, model, file, threads, dtype] = process.argv.slice(2);
const texts = readFileSync(file, "utf8").split("\n");

async function run_llama() {
  const { getLlama, LlamaLogLevel } = await import("node-llama-cpp");
  const options = { gpu: false, build: "never", skipDownload: true, progressLogs: false };
  const llama = await getLlama({ ...options, logLevel: LlamaLogLevel.error });
  const loaded = await llama.loadModel({ modelPath: model, gpuLayers: 0 });
  const size = { contextSize: 512, batchSize: 512, threads: Number(threads) };
  const context = await loaded.createEmbeddingContext(size);
  for (const text of texts) await context.getEmbeddingFor(text);
}

/// In batches of 32: it makes one batch of whatever it is given, and a thousand texts take it longer that way.
async function run_transformers() {
  const { env, pipeline } = await import("@huggingface/transformers");
  env.allowRemoteModels = false;
  env.localModelPath = dirname(model);
  const session_options = { intraOpNumThreads: Number(threads) };
  const extract = await pipeline("feature-extraction", basename(model), { dtype, session_options });
  for (let first = 0; first < texts.length; first += 32) {
    await extract(texts.slice(first, first + 32), { pooling: "cls", normalize: true });
  }
}

await (runtime === "llama" ? run_llama() : run_transformers());
process.exit(0); // their threads would go on
