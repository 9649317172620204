/** Vue composables for models that run where the page is. What they give are refs, and functions. */

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
import {
  type ComputedRef,
  computed,
  type MaybeRefOrGetter,
  onMounted,
  onScopeDispose,
  type ShallowRef,
  shallowRef,
  toRaw,
  toValue,
  watch,
  watchEffect,
} from "vue";

type Refs<State> = { [Name in keyof State]: ComputedRef<State[Name]> };

export type UseModel = Refs<ModelState> & Pick<ModelStore, "reload" | "stop">;

/** What useModel gave, or a loaded model (in a shallowRef where it is in any). */
export type AskedModel = { model?: UseModel | AnsweringModel };

/**
 * A model for as long as the component is there. Another source takes the place of the one before; undefined stands for
 * none yet. Options count when loading begins.
 */
export function useModel(
  source: MaybeRefOrGetter<Source | undefined>,
  options: LoadingOptions<Source, LoadOptions> = {},
): UseModel {
  const make = (now: Source | undefined) => new ModelStore(loading_of(now as Source, () => options, loadModel));
  const store = shallowRef(make(undefined));
  const state = shallowRef(store.value.getSnapshot());
  // On a server, where nothing is mounted, nothing is loaded.
  onMounted(() => {
    const begin = (now: Source | undefined, _: unknown, onCleanup: (clean: () => void) => void) => {
      store.value = make(now);
      const leave = follow(store.value, state);
      const release = now === undefined ? () => {} : store.value.retain();
      onCleanup(() => {
        leave();
        release();
      });
    };
    watch(() => toValue(source), begin, { immediate: true });
  });
  return { ...refs_of(state), reload: () => store.value.reload(), stop: () => store.value.stop() };
}

export type UseChat = Refs<ChatState> &
  Pick<ChatStore, "sendMessage" | "regenerate" | "stop" | "clear" | "setMessages" | "clearError">;
export type UseChatOptions = Omit<ChatStoreOptions, "model"> & AskedModel;

/** A conversation with a model. */
export function useChat(options: MaybeRefOrGetter<UseChatOptions> = {}): UseChat {
  const store = new ChatStore(plain(options));
  const { sendMessage, regenerate, stop, clear, setMessages, clearError } = store;
  return { ...answers(store, options), sendMessage, regenerate, stop, clear, setMessages, clearError };
}

export type UseCompletion = Refs<CompletionState> &
  Pick<CompletionStore, "complete" | "setCompletion" | "stop" | "clear" | "clearError">;
export type UseCompletionOptions = Omit<CompletionStoreOptions, "model"> & AskedModel;

/** What a model makes of one prompt. */
export function useCompletion(options: MaybeRefOrGetter<UseCompletionOptions> = {}): UseCompletion {
  const store = new CompletionStore(plain(options));
  const { complete, setCompletion, stop, clear, clearError } = store;
  return { ...answers(store, options), complete, setCompletion, stop, clear, clearError };
}

/** With the options as they are, and stopped when the component goes. */
function answers<State extends AnswerState, Options extends AnswerOptions>(
  store: AnswerStore<State, Options>,
  options: MaybeRefOrGetter<Omit<Options, "model"> & AskedModel>,
): Refs<State> {
  const state = shallowRef(store.getSnapshot());
  const leave = follow(store, state);
  watchEffect(() => store.configure(plain(options)));
  onScopeDispose(() => {
    store.stop();
    leave();
  });
  return refs_of(state);
}

/** The options without refs. Of a model, Vue's proxies are taken off, behind which it would not work. */
function plain<Options extends AnswerOptions>(options: MaybeRefOrGetter<Omit<Options, "model"> & AskedModel>): Options {
  const { model: given, ...others } = toValue(options);
  const model = toRaw(given);
  if (!model || !("status" in model)) return { ...others, model } as unknown as Options;
  const state = { status: model.status.value, model: model.model.value, error: model.error.value };
  return { ...others, model: state } as unknown as Options;
}

/** Keeps `state` as the store has it, until the function that this gives is called. */
function follow<State extends object>(store: Store<State>, state: ShallowRef<State>): () => void {
  const take = () => {
    state.value = store.getSnapshot();
  };
  take();
  return store.subscribe(take);
}

function refs_of<State extends object>(state: ShallowRef<State>): Refs<State> {
  const names = Object.keys(state.value) as (keyof State)[];
  return Object.fromEntries(names.map((name) => [name, computed(() => state.value[name])])) as Refs<State>;
}
