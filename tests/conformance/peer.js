// llama.cpp through node-llama-cpp: logits, and tokenisation, of a GGUF file. One thread on the CPU.
import { getLlama, LlamaLogLevel } from "node-llama-cpp";

// It warns of every vocabulary that does not give back every text, and of every random model: errors only.
const llama = await getLlama({
  gpu: false,
  build: "never",
  skipDownload: true,
  progressLogs: false,
  logLevel: LlamaLogLevel.error,
});

/// A loaded model; `vocabularyOnly` for a file without tensors.
export async function openPeer(path, { vocabularyOnly = false } = {}) {
  const model = await llama.loadModel({ modelPath: path, vocabOnly: vocabularyOnly, gpuLayers: 0 });
  return new Peer(model);
}

class Peer {
  constructor(model) {
    this.model = model;
  }

  /// One row of logits per token. `contextSize` matters to models that choose their rope factors by it. `adapters` are
  /// added, each { file, scale }. `flashAttention` is its other way to compute attention.
  async logits(tokens, { contextSize, kvType = "F32", flashAttention = false, adapters = [] }) {
    const context = await this.model.createContext({
      contextSize,
      batchSize: contextSize,
      flashAttention: flashAttention || kvType.startsWith("Q"), // llama.cpp has quantised values only with it
      threads: 1,
      experimentalKvCacheKeyType: kvType,
      experimentalKvCacheValueType: kvType,
      swaFullCache: true,
      lora: { adapters: adapters.map(({ file, scale }) => ({ filePath: file, scale })) },
    });
    const wanted = { generateNext: { logits: true } };
    const outputs = await context.getSequence().controlledEvaluate(tokens.map((token) => [token, wanted]));
    await context.dispose();
    return outputs.map(({ next }) => {
      const row = new Float32Array(next.logits.size);
      for (const [token, logit] of next.logits) row[token] = logit;
      return row;
    });
  }

  /// A text's vector, pooled as the file says. `tokens` are all of its tokens.
  async embed(tokens) {
    this.embedder ??= await this.model.createEmbeddingContext({ contextSize: 512, batchSize: 512, threads: 1 });
    return Float32Array.from((await this.embedder.getEmbeddingFor(tokens)).vector);
  }

  /// What the classifier says of a text, from 0 to 1; of a query and a document that the peer joins itself.
  async score(tokens) {
    return (await this.openRanker())._evaluateRankingForInput(tokens);
  }
  async rank(query, document) {
    return (await this.openRanker()).rank(query, document);
  }
  async openRanker() {
    this.ranker ??= await this.model.createRankingContext({ contextSize: 512, batchSize: 512, threads: 1 });
    return this.ranker;
  }

  /// Ids without the vocabulary's own beginning and end tokens.
  tokenize(text, parseSpecial) {
    return text === "" ? [] : [...this.model.tokenize(text, parseSpecial)];
  }

  async close() {
    await this.model.dispose();
  }
}
