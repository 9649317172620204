/** React hooks for models that run where the page is. */

export type {
  AnswerStatus,
  ChatMessage,
  ChatState,
  ChatStoreOptions as UseChatOptions,
  CompletionStoreOptions as UseCompletionOptions,
  ModelState,
  ModelStatus,
  NewMessage,
} from "@hearth/stores";
export { type UseChat, useChat } from "./use_chat.js";
export { type UseCompletion, useCompletion } from "./use_completion.js";
export { type UseModel, type UseModelOptions, useModel } from "./use_model.js";
