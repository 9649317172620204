/**
 * What hearth.node exports. Private to @hearth/node, which checks what users pass in before it comes here.
 *
 * Every model computes on a thread of its own; nothing here waits for it. Promises are rejected with an Error whose
 * `code` is one of the public codes (INVALID_MODEL, ...).
 */

import type { GpuRunner } from "@hearth/gpu";

export declare const version: string;

/**
 * Opens this machine's GPU by libhearth_gpu, which models use from then on; a promise of its name. UNSUPPORTED where the
 * library does not load or is of another version, or finds no GPU.
 */
export declare function openGpuLibrary(path: string, by: "cuda" | "vulkan"): Promise<string>;

export interface ModelSource {
  /** The (first) file. */
  path?: string;
  /** Instead of a file: its parts, in memory. They must not change while the model is open. */
  memory?: Uint8Array[];
}

export interface GenerationResult {
  finishReason: "stop" | "tool-calls" | "length" | "cancelled" | "error";
  error?: Error & { code: string };
  promptTokens: number;
  cachedTokens: number;
  completionTokens: number;
  queuedMs: number;
  prefillMs: number;
  decodeMs: number;
  seed: number;
}

export declare class Model {
  /** Begins to load, with options as JSON. `dispose` cancels it. */
  constructor(
    source: ModelSource,
    options: string,
    onProgress: (stage: "parse" | "read" | "initialize" | "ready", done: number, total: number) => void,
    /** Of the device "gpu". Its methods are called until `dispose` has settled. */
    gpu: GpuRunner | undefined,
  );
  readonly ready: Promise<void>;
  /** hearth_call of engine/hearth.h: takes JSON and a typed array, which must not change meanwhile. */
  call(
    name: string,
    json: string,
    data: Int32Array | Uint8Array | undefined,
  ): Promise<{ type: number; data: Uint8Array<ArrayBuffer> }>;
  /** `options` is JSON. Pieces of the answer come to `onEvent`, the last one with a result; `json` is what else they carry. */
  generate(
    tokens: Int32Array,
    options: string,
    onEvent: (text: string, result: GenerationResult | undefined, json: string | undefined) => void,
  ): {
    cancel: () => void;
    /** While held, nothing is computed for it, and it does not keep the process alive. */
    hold: (held: boolean) => void;
  };
  /** What still runs fails with DISPOSED; settled when memory and threads have been given back. */
  dispose(): Promise<void>;
}
