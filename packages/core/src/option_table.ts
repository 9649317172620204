/** The engine's options of loading, generating and embedding: made from engine/options by options_test.cpp. */

import type { AdapterChoice, OptionTable } from "./option.js";

export interface EngineLoadOptions {
  /** Positions of one conversation, 1 to 16777216; by default what the model was trained for, within 512 and 4096, or 2^20 where it takes no memory. */
  contextSize?: number;
  /** Positions of all conversations together, which share them as they need; by default as the context size, or for all that run where they take no memory. */
  cachePositions?: number;
  /** Requests that run at once; more wait, 1 to 65536; by default 32. */
  maxSequences?: number;
  /** Tokens computed together, 1 to 65536; by default chosen for the model. */
  maxBatchRows?: number;
  /** Threads that compute, 1 to 1024; by default one per physical core. */
  threads?: number;
  /** Type in which keys and values are kept: f16, f32, q8_0, q4_0; by default f16. */
  kvType?: "f16" | "f32" | "q8_0" | "q4_0";
  /** What computes: cpu, gpu, or auto, which is the one that is found to be faster; by default cpu. */
  device?: string;
  /** Bytes of a GPU's memory that may be used; by default what there is. */
  gpuMemory?: number;
  /** Layers that a GPU computes, the last ones; the CPU computes those before them, 1 to 16777216; by default as many as fit its memory. */
  gpuLayers?: number;
  /** Layers of the GPU's that do not fit its memory are copied to it in every step; without it, the CPU computes them. */
  gpuStreaming?: boolean;
  /** Of the CPU: portable, avx2, avx512_vnni, neon_dot or neon_i8mm; by default the best there is. */
  instructionSet?: string;
  /** Bytes of weights in memory at most; by default no limit. */
  memoryLimit?: number;
  /** GGUF file of a smaller model of the same vocabulary, which drafts answers; by default none. */
  draft?: string;
}

export interface SamplingOptions {
  /** Longest answer, in tokens; by default until the context is full. */
  maxTokens?: number;
  /** How freely tokens are drawn, 0 to 100 (0: always the likeliest); by default 0.8. */
  temperature?: number;
  /** Choose among the k likeliest (0: all); by default 40. */
  topK?: number;
  /** Choose among the likeliest that make up p of the probability, 0 to 1; by default 0.95. */
  topP?: number;
  /** Choose among those at least so probable, relative to the likeliest, 0 to 1; by default 0.05. */
  minP?: number;
  /** Choose among those whose surprise is typical, until they make up p of the probability, 0 to 1 (1: all); by default 1. */
  typicalP?: number;
  /** Choose among logits at most n standard deviations below the highest, 0 to 100 (0: all); by default 0. */
  topNSigma?: number;
  /** How often all but the least of the likely tokens are excluded, 0 to 1; by default 0. */
  xtcProbability?: number;
  /** Probability from which on xtcProbability calls a token likely, 0 to 1; by default 0.1. */
  xtcThreshold?: number;
  /** Vary the temperature by so much up and down, by how sure the model is, 0 to 100; by default 0. */
  dynatempRange?: number;
  /** How the temperature follows the entropy, 0 to 100; by default 1. */
  dynatempExponent?: number;
  /** Divide the logits of recent tokens, 0.01 to 100 (1: none); by default 1. */
  repetitionPenalty?: number;
  /** Lower logits for each recent occurrence, -100 to 100; by default 0. */
  frequencyPenalty?: number;
  /** Lower the logits of recent tokens once, -100 to 100; by default 0. */
  presencePenalty?: number;
  /** Tokens that penalties look back at (-1: all); by default 64. */
  penaltyWindow?: number;
  /** Lower the logits of what would go on with a repetition, 0 to 100 (0: none); by default 0. */
  dryMultiplier?: number;
  /** Growth of dryMultiplier with each token that is repeated, 1 to 100; by default 1.75. */
  dryBase?: number;
  /** Tokens that may be repeated freely; by default 2. */
  dryAllowedLength?: number;
  /** Tokens in which repetitions are looked for; by default all. */
  dryPenaltyWindow?: number;
  /** Texts that end a repetition; by default a line's end, colon, quote and asterisk. */
  drySequenceBreakers?: string | string[];
  /** Version of mirostat, which chooses by a surprise that it keeps, in place of the samplers that leave fewer tokens, 0 to 2 (0: none); by default 0. */
  mirostat?: number;
  /** Surprise that mirostat keeps, in bits, 0 to 100; by default 5. */
  mirostatTau?: number;
  /** How fast mirostat follows, 0 to 1; by default 0.1. */
  mirostatEta?: number;
  /** Which samplers there are, in the order in which they work; by default penalties, dry, topNSigma, topK, typicalP, topP, minP, xtc, temperature. */
  samplers?: ("penalties" | "dry" | "topNSigma" | "topK" | "typicalP" | "topP" | "minP" | "xtc" | "temperature")[];
  /** The same seed gives the same text; by default a new one. */
  seed?: number;
  /** End the answer before this text. */
  stop?: string | string[];
  /** End the answer at these tokens, too. */
  stopTokens?: number[];
  /** Added to the logits of tokens; minus infinity bans one. */
  logitBias?: Map<number, number> | Record<number, number>;
  /** The answer follows this GBNF grammar. */
  grammar?: string;
  /** The answer is matched by this regular expression. */
  regex?: string;
  /** The answer is this text, or one of several. */
  choices?: string | string[];
  /** The answer is JSON that this JSON schema allows. */
  jsonSchema?: object | boolean | string;
  /** Tokens that a conversation's answer may think; then its reasoning is ended; by default as many as it likes. */
  reasoningBudget?: number;
  /** Where the context is full, go on without the older half of what follows so many tokens; by default the answer ends there. */
  keepTokens?: number;
  /** Requests of a higher one are served first, -1000 to 1000; by default 0. */
  priority?: number;
  /** What was read for the request is found again in the cache only by those with the same salt. */
  cacheSalt?: string;
  /** Adapters (LoRA) that are added to the model, by the ids that loading gave them. */
  adapters?: AdapterChoice[];
  /** Tell how likely each token was to the model, before sampling, and so many of the likeliest in its place, 0 to 20; by default none are told. */
  logprobs?: number;
  /** Draft ahead what then comes true or not, for the same text sooner: from the text itself (lookup), by the model's draft model (draft), not at all (off), or by a draft model where there is one (auto): auto, off, lookup, draft; by default auto. */
  speculation?: "auto" | "off" | "lookup" | "draft";
  /** Tokens drafted ahead at most, 1 to 31; by default 16. */
  draftTokens?: number;
  /** Steps in which a model that writes by diffusion writes the answer: fewer are sooner done, and worse (0: one for each token); by default 0. */
  diffusionSteps?: number;
  /** Tokens that such a model writes before those that follow them (0: as the model was published); by default 0. */
  diffusionBlockLength?: number;
  /** Which tokens such a model writes first: those that it holds the likeliest (confidence), where it wavers least among all (entropy) or between the best two (margin), any (random), or as it was published (auto): auto, confidence, entropy, margin, random; by default auto. */
  diffusionAlgorithm?: "auto" | "confidence" | "entropy" | "margin" | "random";
  /** Go on past the model's own end tokens. */
  ignoreEnd?: boolean;
}

/** What this package tells the engine; users have no part in it. */
export interface InternalOptions {
  /** The answer goes on in the prompt's text: keep a space at its beginning. */
  continuesText?: boolean;
  /** The conversation that is answered, as JSON: what the answer thinks and which tools it calls comes apart from its text. */
  chat?: string;
}

export interface EmbeddingOptions {
  /** What is made of the hidden states of a text's tokens: their mean, the first, the last, or what the classifier says of it; model: what the file asks for, or else the mean: model, mean, cls, last, rank; by default model. */
  pooling?: "model" | "mean" | "cls" | "last" | "rank";
  /** Scale vectors to length 1 (not scores). */
  normalize?: boolean;
  /** Only the first so many, for models that were trained to be cut (Matryoshka); by default all. */
  dimensions?: number;
}

export const load_options = {
  contextSize: { type: "integer", least: 1, most: 16777216, special: 0, meaning: "what the model was trained for, within 512 and 4096, or 2^20 where it takes no memory" },
  cachePositions: { type: "integer", least: 1, most: 2147483647, special: 0, meaning: "as the context size, or for all that run where they take no memory" },
  maxSequences: { type: "integer", least: 1, most: 65536 },
  maxBatchRows: { type: "integer", least: 1, most: 65536, special: 0, meaning: "chosen for the model" },
  threads: { type: "integer", least: 1, most: 1024, special: 0, meaning: "one per physical core" },
  kvType: { type: "name", names: ["f16", "f32", "q8_0", "q4_0"] },
  device: { type: "text" },
  gpuMemory: { type: "integer", least: 1, most: 9007199254740991, special: 0, meaning: "what there is" },
  gpuLayers: { type: "integer", least: 1, most: 16777216, special: -1, meaning: "as many as fit its memory" },
  gpuStreaming: { type: "flag" },
  instructionSet: { type: "text" },
  memoryLimit: { type: "integer", least: 1, most: 9007199254740991, special: 0, meaning: "no limit" },
  draft: { type: "text" },
} as const satisfies OptionTable;

export const generation_options = {
  maxTokens: { type: "integer", least: 1, most: 2147483647, special: -1, meaning: "until the context is full" },
  temperature: { type: "number", least: 0, most: 100, special: 0, meaning: "always the likeliest" },
  topK: { type: "integer", least: 0, most: 2147483647, special: 0, meaning: "all" },
  topP: { type: "number", least: 0, most: 1 },
  minP: { type: "number", least: 0, most: 1 },
  typicalP: { type: "number", least: 0, most: 1, special: 1, meaning: "all" },
  topNSigma: { type: "number", least: 0, most: 100, special: 0, meaning: "all" },
  xtcProbability: { type: "number", least: 0, most: 1 },
  xtcThreshold: { type: "number", least: 0, most: 1 },
  dynatempRange: { type: "number", least: 0, most: 100 },
  dynatempExponent: { type: "number", least: 0, most: 100 },
  repetitionPenalty: { type: "number", least: 0.01, most: 100, special: 1, meaning: "none" },
  frequencyPenalty: { type: "number", least: -100, most: 100 },
  presencePenalty: { type: "number", least: -100, most: 100 },
  penaltyWindow: { type: "integer", least: 0, most: 2147483647, special: -1, meaning: "all" },
  dryMultiplier: { type: "number", least: 0, most: 100, special: 0, meaning: "none" },
  dryBase: { type: "number", least: 1, most: 100 },
  dryAllowedLength: { type: "integer", least: 1, most: 2147483647 },
  dryPenaltyWindow: { type: "integer", least: 0, most: 2147483647, special: -1, meaning: "all" },
  drySequenceBreakers: { type: "texts" },
  mirostat: { type: "integer", least: 0, most: 2, special: 0, meaning: "none" },
  mirostatTau: { type: "number", least: 0, most: 100 },
  mirostatEta: { type: "number", least: 0, most: 1 },
  samplers: { type: "names", names: ["penalties", "dry", "topNSigma", "topK", "typicalP", "topP", "minP", "xtc", "temperature"] },
  seed: { type: "integer", least: 0, most: 9007199254740991, special: -1, meaning: "a new one" },
  stop: { type: "texts" },
  stopTokens: { type: "tokens" },
  logitBias: { type: "biases" },
  grammar: { type: "some text" },
  regex: { type: "some text" },
  choices: { type: "texts" },
  jsonSchema: { type: "json" },
  reasoningBudget: { type: "integer", least: 0, most: 2147483647, special: -1, meaning: "as many as it likes" },
  keepTokens: { type: "integer", least: 0, most: 2147483647, special: -1, meaning: "the answer ends there" },
  priority: { type: "integer", least: -1000, most: 1000 },
  cacheSalt: { type: "text" },
  adapters: { type: "adapters" },
  logprobs: { type: "integer", least: 0, most: 20, special: -1, meaning: "none are told" },
  speculation: { type: "name", names: ["auto", "off", "lookup", "draft"] },
  draftTokens: { type: "integer", least: 1, most: 31 },
  diffusionSteps: { type: "integer", least: 0, most: 2147483647, special: 0, meaning: "one for each token" },
  diffusionBlockLength: { type: "integer", least: 0, most: 2147483647, special: 0, meaning: "as the model was published" },
  diffusionAlgorithm: { type: "name", names: ["auto", "confidence", "entropy", "margin", "random"] },
  ignoreEnd: { type: "flag" },
} as const satisfies OptionTable;

export const embedding_options = {
  pooling: { type: "name", names: ["model", "mean", "cls", "last", "rank"] },
  normalize: { type: "flag" },
  dimensions: { type: "integer", least: 1, most: 2147483647, special: 0, meaning: "all" },
} as const satisfies OptionTable;
