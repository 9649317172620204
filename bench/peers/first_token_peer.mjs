// Loads a model with node-llama-cpp, reads a prompt, and ends with the first token: node first_token_peer.mjs MODEL PROMPT
// THREADS
import { getLlama, LlamaLogLevel } from "node-llama-cpp";

const [model_path, prompt, threads] = [process.argv[2], process.argv[3], Number(process.argv[4])];
const llama = await getLlama({ gpu: false, build: "never", maxThreads: threads, logLevel: LlamaLogLevel.error });
const model = await llama.loadModel({ modelPath: model_path, gpuLayers: 0, useMmap: true });
const context = await model.createContext({ contextSize: 512, threads: { ideal: threads, min: threads } });
for await (const token of context.getSequence().evaluate(model.tokenize(prompt), { temperature: 0 })) {
  void token;
  break;
}
process.exit(0);
