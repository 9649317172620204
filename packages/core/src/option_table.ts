/** The engine's options of loading and of generating: made from engine/runtime/options.cpp by options_test.cpp. */

import type { OptionTable } from "./option.js";

export const load_options = {
  contextSize: { type: "integer", least: 1, most: 16777216, special: 0, meaning: "what the model was trained for, within 512 and 4096" },
  cachePositions: { type: "integer", least: 1, most: 2147483647, special: 0, meaning: "as the context size" },
  maxSequences: { type: "integer", least: 1, most: 65536 },
  maxBatchRows: { type: "integer", least: 1, most: 65536, special: 0, meaning: "chosen for the model" },
  threads: { type: "integer", least: 1, most: 1024, special: 0, meaning: "one per physical core" },
  kvType: { type: "name", names: ["f16", "f32", "q8_0", "q4_0"] },
  instructionSet: { type: "text" },
  memoryLimit: { type: "integer", least: 1, most: 9007199254740991, special: 0, meaning: "no limit" },
} as const satisfies OptionTable;

export const generation_options = {
  maxTokens: { type: "integer", least: 1, most: 2147483647, special: -1, meaning: "until the context is full" },
  temperature: { type: "number", least: 0, most: 100, special: 0, meaning: "always the likeliest" },
  topK: { type: "integer", least: 0, most: 2147483647, special: 0, meaning: "all" },
  topP: { type: "number", least: 0, most: 1 },
  minP: { type: "number", least: 0, most: 1 },
  repetitionPenalty: { type: "number", least: 0.01, most: 100, special: 1, meaning: "none" },
  frequencyPenalty: { type: "number", least: -100, most: 100 },
  presencePenalty: { type: "number", least: -100, most: 100 },
  penaltyWindow: { type: "integer", least: 0, most: 2147483647, special: -1, meaning: "all" },
  seed: { type: "integer", least: 0, most: 9007199254740991, special: -1, meaning: "a new one" },
  stop: { type: "texts" },
  stopTokens: { type: "tokens" },
  logitBias: { type: "biases" },
  ignoreEnd: { type: "flag" },
} as const satisfies OptionTable;
