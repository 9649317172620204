export { Chat, type ChatOptions, type TurnOptions } from "./chat.js";
export type { AnsweringModel, Cancel, EngineGenerationOptions, EngineModel, EngineResult } from "./engine.js";
export { HearthError, type HearthErrorCode } from "./errors.js";
export { type GenerateOptions, type GenerateTextOptions, generateText, streamText } from "./generate.js";
export { Model } from "./model.js";
export type { EmbeddingOptions } from "./option_table.js";
export { type ModelEntry, ModelRegistry, type RegistryOptions, type RequestOptions } from "./registry.js";
export { StreamedText } from "./streamed_text.js";
export type * from "./types.js";
