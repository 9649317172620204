import { type LoadingOptions, loading_of, type ModelState, ModelStore } from "@hearth/stores";
import { type LoadOptions, loadModel, type Source } from "@hearth/web";
import { useEffect, useRef, useState } from "react";
import { useStore } from "./use_store.js";

export type UseModelOptions = LoadingOptions<Source, LoadOptions>;

export interface UseModel extends ModelState, Pick<ModelStore, "reload" | "stop"> {}

/**
 * A model for as long as the component is there: loaded when it appears, given back when it goes. Another source takes
 * the place of the one before; undefined stands for none yet. Options count when loading begins.
 */
export function useModel(source: Source | undefined, options: UseModelOptions = {}): UseModel {
  const latest = useRef(options);
  useEffect(() => {
    latest.current = options;
  });
  const make = () => ({ source, store: new ModelStore(loading_of(source as Source, () => latest.current, loadModel)) });
  const [held, hold] = useState(make);
  let current = held;
  if (!is_same(held.source, source)) {
    current = make();
    hold(current);
  }
  const { store } = current;
  const wanted = current.source !== undefined;
  useEffect(() => (wanted ? store.retain() : undefined), [store, wanted]);
  const { reload, stop } = store;
  return { ...useStore(store), reload, stop };
}

/** Addresses that say the same are the same, wherever they were made. */
function is_same(one: Source | undefined, other: Source | undefined): boolean {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((part, index) => is_same(part, other[index]));
  }
  return one instanceof URL && other instanceof URL ? one.href === other.href : one === other;
}
