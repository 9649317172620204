/** Svelte stores for models that run where the page is: `$model.status`, `$chat.messages`. */

import {
  type AnsweringModel,
  type AnswerOptions,
  type AnswerState,
  type AnswerStore,
  type ChatState,
  ChatStore,
  type ChatStoreOptions,
  type CompletionState,
  CompletionStore,
  type CompletionStoreOptions,
  type LoadingOptions,
  loading_of,
  type ModelState,
  ModelStore,
  type Store,
} from "@hearth/stores";
import { type LoadOptions, loadModel, type Source } from "@hearth/web";

/** Svelte's contract of stores. */
export interface Readable<State> {
  subscribe(run: (state: State) => void): () => void;
}

/** What createModel gave, or a loaded model. What is asked before it is there waits for it. */
export type AskedModel = { model: Readable<ModelState> | AnsweringModel };

export type ModelReadable = Readable<ModelState> & Pick<ModelStore, "reload" | "stop">;

/** A model that is loaded while somebody subscribes, as `$model` in a component does. */
export function createModel(source: Source, options: LoadingOptions<Source, LoadOptions> = {}): ModelReadable {
  const store = new ModelStore(loading_of(source, () => options, loadModel));
  const { reload, stop } = store;
  return { ...readable(store, store.retain), reload, stop };
}

export type Chat = Readable<ChatState> &
  Pick<ChatStore, "sendMessage" | "regenerate" | "stop" | "clear" | "setMessages" | "clearError">;

/** A conversation. It is stopped when nobody subscribes any more. */
export function createChat({ model, ...options }: Omit<ChatStoreOptions, "model"> & AskedModel): Chat {
  const store = new ChatStore(options);
  const { sendMessage, regenerate, stop, clear, setMessages, clearError } = store;
  return { ...answers(store, model, options), sendMessage, regenerate, stop, clear, setMessages, clearError };
}

export type Completion = Readable<CompletionState> &
  Pick<CompletionStore, "complete" | "setCompletion" | "stop" | "clear" | "clearError">;

/** What a model makes of one prompt. */
export function createCompletion({
  model,
  ...options
}: Omit<CompletionStoreOptions, "model"> & AskedModel): Completion {
  const store = new CompletionStore(options);
  const { complete, setCompletion, stop, clear, clearError } = store;
  return { ...answers(store, model, options), complete, setCompletion, stop, clear, clearError };
}

function answers<State extends AnswerState, Options extends AnswerOptions>(
  store: AnswerStore<State, Options>,
  model: AskedModel["model"],
  options: Options,
): Readable<State> {
  return readable(store, () => {
    let leave = () => {};
    if ("subscribe" in model) leave = model.subscribe((state) => store.configure({ ...options, model: state }));
    else store.configure({ ...options, model });
    return () => {
      store.stop();
      leave();
    };
  });
}

/** `begin` is called with the first subscription, and what it gives with the end of the last. */
function readable<State extends object>(store: Store<State>, begin: () => () => void): Readable<State> {
  let subscriptions = 0;
  let end = () => {};
  return {
    subscribe(run) {
      const leave = store.subscribe(() => run(store.getSnapshot()));
      if (subscriptions++ === 0) end = begin();
      run(store.getSnapshot());
      return () => {
        leave();
        if (--subscriptions === 0) end();
      };
    },
  };
}
