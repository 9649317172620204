/** One instance of a module and its model: each call runs at once, on the calling thread. */

import {
  type EngineGenerationOptions,
  type EngineResult,
  HearthError,
  type LoadProgress,
  type ModelInfo,
  type ModuleName,
} from "@hearth/core";
import {
  call_arguments,
  type EngineExtras,
  type EngineLoadOptions,
  generation_json,
  reply_value,
} from "@hearth/core/platform";
import type { GpuRunner } from "@hearth/gpu";
import { check_need, type MemoryNeed } from "./choice/index.js";
import { bytes_at, Exchange, out_of_memory } from "./exchange.js";
import { InstanceGpu } from "./gpu.js";
import { find_factory, type Host, type Instance } from "./module.js";

/** One file of a model: read when it is needed, or in memory already. */
export type Source =
  | {
      name: string;
      size: number;
      /** Fills `into` from byte `offset` and returns how many bytes it got. `into` may be a view of shared memory. */
      read(offset: number, into: Uint8Array): number;
      /**
       * With a memoryLimit: has another thread fill `into`, a view of shared memory. A `read` of the same bytes into the
       * same place follows, and waits for it.
       */
      readAhead?(offset: number, into: Uint8Array): void;
    }
  | { name: string; bytes: Uint8Array };

export interface EngineOptions extends EngineLoadOptions {
  /** Threads that compute, the calling one among them. Always 1 in "simd128"; otherwise default 1. */
  threads?: number;
  onProgress?: (progress: LoadProgress) => void;
  /** Ends loading between two of its pieces: only `onProgress` is heard in between. */
  signal?: AbortSignal;
  /** Workers that a page has started for the threads: Pool.ports. By default they are started from here. */
  workers?: MessagePort[];
  /** What computes with the device "gpu" (openGpu of @hearth/gpu). It is the engine's from then on, which closes it. */
  gpu?: GpuRunner;
}

/** A piece of an answer; the last one has a result. */
export interface EngineEvent {
  text: string;
  result?: EngineResult;
  extras?: EngineExtras;
}

const stages = ["parse", "read", "initialize", "ready"] as const;

export class WasmEngine {
  readonly #instance: Instance;
  readonly #exchange: Exchange;
  readonly #gpu: InstanceGpu | undefined;

  private constructor(instance: Instance, gpu: InstanceGpu | undefined) {
    this.#instance = instance;
    this.#gpu = gpu;
    this.#exchange = new Exchange(instance, "the engine stopped; load the model again");
  }

  /** Instantiates the module and loads a model into it. Rejects with HearthError: MODEL_TOO_LARGE before any weight is read. */
  static async load(name: ModuleName, sources: Source[], options: EngineOptions = {}): Promise<WasmEngine> {
    if (options.signal?.aborted) throw HearthError.aborted(options.signal);
    if (options.draft)
      throw new HearthError("UNSUPPORTED", "draft: this engine takes no second model beside the first");
    const threads = name === "simd128" ? 1 : (options.threads ?? 1);
    const ports = [...(options.workers ?? [])];
    const gpu = options.gpu && new InstanceGpu(options.gpu, (address, size) => bytes_at(instance, address, size));
    const host: Host = {
      read: (part, offset, address, size) => read_part(sources[part], offset, bytes_at(instance, address, size)),
      read_ahead: (part, offset, address, size) =>
        read_part_ahead(sources[part], offset, bytes_at(instance, address, size)),
      progress: (stage, loaded, total) => {
        options.onProgress?.({ stage: stages[stage] ?? "ready", loaded, total });
        return options.signal?.aborted ? 1 : 0;
      },
      out_of_memory,
      gpu: gpu?.host,
    };
    const factory = await find_factory(name);
    const instance: Instance = await factory({
      host,
      workerCount: threads - 1,
      createWorker: options.workers && (() => worker_behind(ports.pop())),
    });
    const { onProgress: _, signal: __, workers: ___, gpu: ____, ...loading } = options;
    const engine = new WasmEngine(instance, gpu);
    // Of what a GPU holds, pieces pass through this memory at most.
    if (!gpu) check_need(name, engine.#memory_need(sources, loading));
    try {
      engine.#load(sources, { ...loading, threads });
      await gpu?.settled();
    } catch (error) {
      engine.unload();
      throw error;
    }
    return engine;
  }

  #memory_need(sources: Source[], options: EngineLoadOptions): MemoryNeed {
    const parts = sources.map((source) => ({ name: source.name, size: size_of(source) }));
    const need = this.#exchange.with_json({ parts, options }, (json, size) => {
      this.#exchange.run(() => this.#instance._hearth_wasm_memory_need(json, size));
      return JSON.parse(this.#exchange.text()) as MemoryNeed;
    });
    const in_memory = sources.reduce((sum, source) => sum + ("read" in source ? 0 : source.bytes.length), 0);
    return { ...need, weights: Math.max(need.weights, in_memory) };
  }

  #load(sources: Source[], options: EngineLoadOptions): void {
    const parts = sources.map((source) => {
      if ("read" in source) {
        return { name: source.name, size: source.size, readsAhead: source.readAhead !== undefined };
      }
      if (this.#gpu) return { name: source.name, size: source.bytes.length };
      const address = this.#exchange.put(source.bytes); // stays: the model is used where it lies
      return { name: source.name, size: source.bytes.length, address };
    });
    this.#exchange.with_json({ parts, options, gpu: this.#gpu?.properties }, (json, size) =>
      this.#exchange.run(() => this.#instance._hearth_wasm_load(json, size)),
    );
  }

  /** Frees the model. The instance, whose memory cannot shrink, should be forgotten too. */
  unload(): void {
    this.#exchange.close(new HearthError("DISPOSED", "the model was closed"));
    try {
      this.#instance._hearth_wasm_unload();
    } catch {
      // An engine that has stopped for good has nothing to free.
    }
    this.#gpu?.close();
  }

  info(): ModelInfo {
    return this.call("info") as ModelInfo;
  }

  /** [tokens.length - first, vocabSize]: the logits after each token from `first` on. */
  logits(tokens: Int32Array, first: number): Float32Array {
    return this.call("logits", tokens, first) as Float32Array;
  }

  /** One of the engine's calls by name. */
  call(name: string, ...args: unknown[]): unknown {
    const { json, data } = call_arguments(args);
    return this.#exchange.with_text(name, (name_address, name_size) =>
      this.#exchange.with_text(json, (address, size) =>
        this.#with_values(data ?? new Uint8Array(), (data_address, data_size) => {
          const { _hearth_wasm_call: call } = this.#instance;
          const type = this.#exchange.run(() => call(name_address, name_size, address, size, data_address, data_size));
          return reply_value(type, this.#exchange.bytes());
        }),
      ),
    );
  }

  /** The same, of one that may compute on a GPU. */
  async call_on_device(name: string, ...args: unknown[]): Promise<unknown> {
    const make = () => this.call(name, ...args);
    const step_is_over = () => this.#exchange.run(() => this.#instance._hearth_wasm_end_step()) === 1;
    return this.#gpu ? this.#gpu.call(make, step_is_over) : make();
  }

  /** Begins an answer, which advances with step(). Returns its handle. */
  generate(tokens: Int32Array, options: EngineGenerationOptions): number {
    return this.#with_values(tokens, (address) =>
      this.#exchange.with_text(generation_json(options), (json, size) =>
        this.#exchange.run(() => this.#instance._hearth_wasm_generate(address, tokens.length, json, size)),
      ),
    );
  }

  /**
   * Runs one batch for all answers: some rows of a prompt, or the next token of each. True while there is more, besides
   * what is held.
   */
  step(): boolean {
    return this.#exchange.run(() => this.#instance._hearth_wasm_step()) === 1;
  }

  /** Until the GPU is done, if there is one: until then step() has nothing new. */
  async device_is_done(): Promise<void> {
    // What went wrong with it, the next step tells.
    await this.#gpu?.settled().catch(() => {});
  }

  /** The oldest event of an answer that was not read yet. */
  next(generation: number): EngineEvent | undefined {
    if (this.#exchange.run(() => this.#instance._hearth_wasm_next(generation)) === 0) return undefined;
    const { text, result, more } = JSON.parse(this.#exchange.text()) as {
      text: string;
      result?: EngineResult;
      more?: string;
    };
    if (result?.error) result.error = new HearthError(result.error.code, result.error.message);
    return { text, result, extras: more === undefined ? undefined : (JSON.parse(more) as EngineExtras) };
  }

  /** The answer ends before the next batch; its last event says so. */
  cancel(generation: number): void {
    if (this.#exchange.works) this.#instance._hearth_wasm_cancel(generation);
  }

  /** While held, nothing is computed for the answer. */
  hold(generation: number, held: boolean): void {
    if (this.#exchange.works) this.#instance._hearth_wasm_hold(generation, Number(held));
  }

  /** Frees an answer. */
  end(generation: number): void {
    if (this.#exchange.works) this.#instance._hearth_wasm_end(generation);
  }

  #with_values<T>(values: Int32Array | Uint8Array, use: (address: number, size: number) => T): T {
    return this.#exchange.with_bytes(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), use);
  }
}

/** 0 if all of `into` was filled. */
function read_part(source: Source | undefined, offset: number, into: Uint8Array): number {
  if (source === undefined) return 1;
  if ("bytes" in source) {
    into.set(source.bytes.subarray(offset, offset + into.length));
    return 0;
  }
  try {
    for (let done = 0; done < into.length; ) {
      const count = source.read(offset + done, into.subarray(done));
      if (count <= 0) return 1;
      done += count;
    }
  } catch {
    return 1; // an exception would leave the engine in the middle of what it does
  }
  return 0;
}

function read_part_ahead(source: Source | undefined, offset: number, into: Uint8Array): void {
  try {
    if (source && "read" in source) source.readAhead?.(offset, into);
  } catch {
    // Reading it, which follows, says what is wrong.
  }
}

function size_of(source: Source): number {
  return "bytes" in source ? source.bytes.length : source.size;
}

/** A worker that a page started, as if it had been started here. */
function worker_behind(port: MessagePort | undefined): Worker {
  if (!port) throw new HearthError("INVALID_ARGUMENT", "the pool has fewer workers than the engine needs threads");
  return Object.assign(port, { terminate: () => port.close() }) as unknown as Worker;
}
