// Has node-llama-cpp write several answers together in a process of its own and prints one JSON line:
//   node batch_peer.mjs MODEL SEQUENCES TOKENS THREADS
import { getLlama, LlamaLogLevel } from "node-llama-cpp";

const [model_path, sequences, tokens, threads] = [process.argv[2], ...process.argv.slice(3, 6).map(Number)];

const llama = await getLlama({ gpu: false, build: "never", maxThreads: threads, logLevel: LlamaLogLevel.error });
const model = await llama.loadModel({ modelPath: model_path, gpuLayers: 0, useMmap: true });
const context = await model.createContext({
  contextSize: 256,
  sequences,
  batchSize: 512,
  threads: { ideal: threads, min: threads },
});

const prompt = (index) => Array.from({ length: 16 }, (_, i) => 3 + ((i * 37 + index * 11) % 250));
let begun = 0;
let begin;
const write = async (index) => {
  let count = 0;
  for await (const token of context.getSequence().evaluate(prompt(index), { temperature: 0, yieldEogToken: true })) {
    void token;
    count += 1;
    // From the first tokens of all to the last ones.
    if (count === 1 && ++begun === sequences) begin = { wall: performance.now(), processor: process.cpuUsage() };
    if (count === tokens) break;
  }
  return count;
};
const counts = await Promise.all(Array.from({ length: sequences }, (_, index) => write(index)));
const end = performance.now();
const { user, system } = process.cpuUsage(begin.processor);
const written = counts.reduce((sum, count) => sum + count - 1, 0);
console.log(
  JSON.stringify({
    processor: (written / (user + system)) * 1e6,
    wall: (written / (end - begin.wall)) * 1e3,
  }),
);
process.exit(0);
