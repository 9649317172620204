// node-llama-cpp behind a small HTTP server: POST {"tokens", "options": {"maxTokens"}} is answered by events, one for each
// token, as `hearth serve` answers /v1/hearth/generate. Prints its address.
//   node peer.mjs MODEL SEQUENCES
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";

const { getLlama, LlamaLogLevel } = await import(
  createRequire(new URL("../peers/package.json", import.meta.url)).resolve("node-llama-cpp")
);
const [model_path, sequences] = [process.argv[2], Number(process.argv[3])];

const threads = availableParallelism();

const llama = await getLlama({ gpu: false, build: "never", maxThreads: threads, logLevel: LlamaLogLevel.error });
const model = await llama.loadModel({ modelPath: model_path, gpuLayers: 0, useMmap: true });
const context = await model.createContext({
  contextSize: 256,
  sequences,
  batchSize: 512,
  threads: { ideal: threads, min: threads },
});
const free = Array.from({ length: sequences }, () => context.getSequence());

const server = createServer(async (request, response) => {
  let body = "";
  for await (const piece of request) body += piece;
  const { tokens, options } = JSON.parse(body);
  const sequence = free.pop();
  await sequence.clearHistory();
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  let count = 0;
  for await (const token of sequence.evaluate(tokens, { temperature: 0, yieldEogToken: true })) {
    response.write(`data: ${JSON.stringify({ text: model.detokenize([token]) })}\n\n`);
    if (++count === options.maxTokens) break;
  }
  free.push(sequence);
  response.end();
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
