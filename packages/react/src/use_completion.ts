import { type CompletionState, CompletionStore, type CompletionStoreOptions } from "@hearth/stores";
import { type ChangeEvent, useState } from "react";
import { useAnswerStore } from "./use_store.js";

export interface UseCompletion
  extends CompletionState,
    Pick<CompletionStore, "complete" | "setCompletion" | "stop" | "clear" | "clearError"> {
  /** Whether a completion was asked for and has not ended. */
  isLoading: boolean;
  /** For a form: what is typed, and what its field and it do with that. */
  input: string;
  setInput: (input: string) => void;
  handleInputChange: (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) => void;
  handleSubmit: (event?: { preventDefault?: () => void }) => void;
}

/** What a model makes of one prompt. */
export function useCompletion(options: CompletionStoreOptions = {}): UseCompletion {
  const [store] = useState(() => new CompletionStore(options));
  const [input, setInput] = useState("");
  const state = useAnswerStore(store, options);
  const { complete, setCompletion, stop, clear, clearError } = store;
  return {
    ...state,
    ...{ complete, setCompletion, stop, clear, clearError },
    isLoading: state.status === "submitted" || state.status === "streaming",
    input,
    setInput,
    handleInputChange: ({ target }) => setInput(target.value),
    handleSubmit: (event) => {
      event?.preventDefault?.();
      if (input !== "") void complete(input);
    },
  };
}
