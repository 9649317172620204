export { Chat, type ChatOptions, type TurnOptions } from "./chat.js";
export type { EmbedOptions } from "./embed.js";
export type { AnsweringModel, Cancel, EngineGenerationOptions, EngineModel, EngineResult } from "./engine.js";
export { HearthError, type HearthErrorCode } from "./errors.js";
export { type GenerateOptions, type GenerateTextOptions, generateText, streamText } from "./generate.js";
export { Hearth, type HearthOptions } from "./hearth.js";
export { Model } from "./model.js";
export type { EmbeddingOptions } from "./option_table.js";
export { type ModelEntry, ModelRegistry, type RegistryOptions, type RequestOptions } from "./registry.js";
export type { ServerModel } from "./server/server.js";
export type { ServerOptions } from "./server/server_options.js";
export { StreamedText } from "./streamed_text.js";
export type * from "./types.js";
export type {
  ChooseModel,
  ReadWorkflowFile,
  ValidateOptions,
  WorkflowErrorInfo,
  WorkflowEvent,
  WorkflowFault,
  WorkflowFunction,
  WorkflowOptions,
  WorkflowResult,
  WorkflowRun,
  WorkflowSource,
  WorkflowState,
  WorkflowStore,
  WorkflowTask,
  WorkflowUsage,
} from "./workflow/index.js";
