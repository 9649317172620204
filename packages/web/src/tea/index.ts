/** The names of The Edge Agent's module for browsers (tea-wasm-llm), on Hearth: docs/tea.md. */

export { execute_yaml, executeLlmYaml, initTeaLlm, initYamlEngine, type TeaLlmConfig } from "./execute.js";
export {
  callLlm,
  clear_llm_handler,
  embedText,
  has_llm_handler,
  type LlmHandler,
  type LlmParams,
  type LlmResponse,
  llm_call_async,
  llm_embed_async,
  set_llm_handler,
} from "./handler.js";
export {
  type ChatOptions,
  type ChatResponse,
  chat,
  chatStream,
  disposeLlm,
  type EmbedResponse,
  embed,
  hasCoopCoep,
  hasSharedArrayBuffer,
  type InitLlmConfig,
  initLlm,
  isLlmReady,
  type TokenCallback,
} from "./llm.js";
export {
  type BundledModelConfig,
  type CacheStats,
  clearLlmCache,
  fetchManifest,
  getLlmCacheStats,
  loadBundledModel,
  type ModelManifest,
  type ProgressCallback,
} from "./model_files.js";
