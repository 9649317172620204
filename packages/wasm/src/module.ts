/** How to get at a module, and what an instance of one offers. */

import type { ModuleName } from "@hearth/core";
import type { ExchangeInstance } from "./exchange.js";
import type { GpuHost } from "./gpu.js";

/** Of the modules that hold a model. */
export interface Instance extends ExchangeInstance {
  /** Takes what _hearth_wasm_load does; reads the header from the host. The result is JSON: a MemoryNeed. */
  _hearth_wasm_memory_need(json: number, size: number): number;
  /** Takes JSON: {parts: [{name, size, address?, readsAhead?}], options, gpu?}, the last GpuProperties. A part without an address is read from the host. */
  _hearth_wasm_load(json: number, size: number): number;
  _hearth_wasm_unload(): void;
  /** hearth_call: takes its name, its arguments as JSON and data; returns the reply's type. */
  _hearth_wasm_call(name: number, nameSize: number, json: number, size: number, data: number, dataSize: number): number;
  /** Returns the generation's handle, or -1. `json` holds its options. */
  _hearth_wasm_generate(tokens: number, count: number, json: number, size: number): number;
  /** Runs one batch for all generations; 1 while there is more to run. */
  _hearth_wasm_step(): number;
  /** 1 when none is going on: ends one that is done. */
  _hearth_wasm_end_step(): number;
  /** 1 if the generation had an event, {text, result?}, which is then the result. */
  _hearth_wasm_next(generation: number): number;
  _hearth_wasm_cancel(generation: number): void;
  /** While `held` is 1, nothing is computed for it. */
  _hearth_wasm_hold(generation: number, held: number): void;
  /** Frees the generation. */
  _hearth_wasm_end(generation: number): void;
}

/** What an instance calls. */
export interface Host {
  /** Fills `size` bytes of the instance's memory at `address` from byte `offset` of a part; 0 on success. */
  read(part: number, offset: number, address: number, size: number): number;
  /** Begins to fill as `read` does, which follows; only of parts that have readsAhead. */
  read_ahead(part: number, offset: number, address: number, size: number): void;
  /** `stage` counts as hearth_load_stage does. Anything but 0 cancels loading. */
  progress(stage: number, done: number, total: number): number;
  /** Called where an allocation has failed. It must not return. */
  out_of_memory(): never;
  /** Of models that are loaded with a GPU. */
  gpu?: GpuHost;
}

export interface InstanceOptions {
  host: Host;
  /** Of the threaded modules: how many workers they start, and wait for, before they are there. */
  workerCount: number;
  /** Where those come from; by default each is started from here. */
  createWorker?: () => Worker;
}

export type Factory = (options: InstanceOptions) => Promise<Instance>;

/** Bundlers find the modules by these literal paths. */
export async function find_factory(name: ModuleName): Promise<Factory> {
  const loaded: { default: Factory } =
    name === "simd128"
      ? await import(/* @vite-ignore */ "../../modules/hearth-simd128.mjs")
      : name === "threads"
        ? await import("../../modules/hearth-threads.mjs")
        : await import("../../modules/hearth-threads64.mjs");
  return loaded.default;
}
