import { type ChatState, ChatStore, type ChatStoreOptions } from "@hearth/stores";
import { useState } from "react";
import { useAnswerStore } from "./use_store.js";

export interface UseChat
  extends ChatState,
    Pick<ChatStore, "sendMessage" | "regenerate" | "stop" | "clear" | "setMessages" | "clearError"> {}

/** A conversation with a model. Its functions stay the same from render to render. */
export function useChat(options: ChatStoreOptions = {}): UseChat {
  const [chat] = useState(() => new ChatStore(options));
  const state = useAnswerStore(chat, options);
  const { sendMessage, regenerate, stop, clear, setMessages, clearError } = chat;
  return { ...state, sendMessage, regenerate, stop, clear, setMessages, clearError };
}
