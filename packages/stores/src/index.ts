/** A model, a chat and a completion as state to subscribe to, for whatever framework shows it. */

export type { AnsweringModel } from "@hearth/core";
export { type AnswerOptions, type AnswerState, type AnswerStatus, AnswerStore } from "./answer_store.js";
export { type ChatMessage, type ChatState, ChatStore, type ChatStoreOptions, type NewMessage } from "./chat_store.js";
export { type CompletionState, CompletionStore, type CompletionStoreOptions } from "./completion_store.js";
export { type Loading, type LoadingOptions, loading_of } from "./loading.js";
export { type ModelState, type ModelStatus, ModelStore } from "./model_store.js";
export { Store } from "./store.js";
