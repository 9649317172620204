// Embeds the texts of a file, one a line: node embeddings_peer.mjs llama|onnx MODEL TEXTS THREADS
// onnxruntime gets the tokens that Hearth makes of them, in batches of 32: transformers.js does so, and tokenises, too.
import { readFileSync } from "node:fs";

const [runtime, model, texts, threads] = process.argv.slice(2);

async function run_llama() {
  const { getLlama, LlamaLogLevel } = await import("node-llama-cpp");
  const options = { gpu: false, build: "never", skipDownload: true, progressLogs: false };
  const llama = await getLlama({ ...options, logLevel: LlamaLogLevel.error });
  const loaded = await llama.loadModel({ modelPath: model, gpuLayers: 0 });
  const size = { contextSize: 512, batchSize: 512, threads: Number(threads) };
  const context = await loaded.createEmbeddingContext(size);
  for (const text of readFileSync(texts, "utf8").split("\n")) await context.getEmbeddingFor(text);
}

async function run_onnx() {
  const { InferenceSession, Tensor } = await import("onnxruntime-node");
  const session = await InferenceSession.create(model, {
    intraOpNumThreads: Number(threads),
    graphOptimizationLevel: "all",
  });
  const rows = JSON.parse(readFileSync(texts, "utf8"));
  for (let first = 0; first < rows.length; first += 32) {
    const batch = rows.slice(first, first + 32);
    const ids = BigInt64Array.from(batch.flat(), BigInt);
    await session.run({ input_ids: new Tensor("int64", ids, [batch.length, batch[0].length]) });
  }
}

await (runtime === "llama" ? run_llama() : run_onnx());
process.exit(0); // their threads would go on
