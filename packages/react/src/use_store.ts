/** A store of @hearth/stores as a component sees it. */

import type { AnswerOptions, AnswerState, AnswerStore, Store } from "@hearth/stores";
import { useEffect, useSyncExternalStore } from "react";

export function useStore<State extends object>({ subscribe, getSnapshot }: Store<State>): State {
  return useSyncExternalStore(subscribe, getSnapshot, getSnapshot);
}

/** One that answers: with the options of the last render, and stopped when the component goes. */
export function useAnswerStore<State extends AnswerState, Options extends AnswerOptions>(
  store: AnswerStore<State, Options>,
  options: Options,
): State {
  useEffect(() => store.configure(options));
  useEffect(() => store.stop, [store]);
  return useStore(store);
}
