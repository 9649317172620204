/** The browser's Prompt API on any GGUF model: where a browser has no LanguageModel, or another model is wanted. */

export {
  createLanguageModel,
  type InstallOptions,
  installPromptApi,
  type LanguageModelClass,
  type PromptApiOptions,
} from "./install.js";
export type { LanguageModel } from "./language_model.js";
export type { ModelSource } from "./model_host.js";
export type * from "./types.js";
