/** The engine as WebAssembly, in a worker of its own: for platforms without a native addon. The answers are the same. */

import { existsSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import {
  type EngineModel,
  type EngineResult,
  HearthError,
  type LoadProgress,
  type ModelInfo,
  type ModuleName,
} from "@hearth/core";
import { empty_result } from "@hearth/core/platform";
import { split_parts } from "@hearth/core/sources";
import { can_share_memory, open_in_module, wasm_features } from "@hearth/wasm/choice";
import type { Addon } from "../addon.js";
import type { Answer, Method, Request, WireError, WorkerRequest } from "./messages.js";

/** Loads a file, or parts in memory. Aborting ends the worker before it rejects. */
export async function open_wasm(
  options: Addon.ModelOptions,
  onProgress: (progress: LoadProgress) => void,
  signal: AbortSignal | undefined,
): Promise<EngineModel> {
  const { path, memory = [], memoryLimit } = options;
  const paths = path === undefined ? [] : part_paths(path);
  const bytes = [...paths.map((part) => statSync(part).size), ...memory.map(({ length }) => length)];
  const size = bytes.reduce((sum, part) => sum + part, 0);
  const features = { ...wasm_features(), sharedMemory: can_share_memory() };
  return open_in_module(features, Math.min(size, memoryLimit ?? Infinity), (module) =>
    open_in(module, paths, options, onProgress, signal),
  );
}

async function open_in(
  module: ModuleName,
  paths: string[],
  options: Addon.ModelOptions,
  onProgress: (progress: LoadProgress) => void,
  signal: AbortSignal | undefined,
): Promise<EngineModel> {
  if (signal?.aborted) throw HearthError.aborted(signal);
  const engine = new WorkerEngine(worker_request(module, paths, options));
  const abort = () => void engine.end(HearthError.aborted(signal));
  signal?.addEventListener("abort", abort, { once: true });
  try {
    await engine.load((progress) => onProgress({ ...progress, file: options.path }));
    return engine;
  } catch (error) {
    await engine.end(HearthError.from(error));
    throw error;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

function worker_request(
  module: ModuleName,
  paths: string[],
  { path: _, memory = [], threads, ...options }: Addon.ModelOptions,
): WorkerRequest {
  // Logical processors often share a core, where a second thread only gets in the way of the first.
  const chosen = module === "simd128" ? 1 : (threads ?? Math.ceil(availableParallelism() / 2));
  return { module, paths, memory, options: { ...options, threads: chosen } };
}

/** The file itself, or all parts of a split model. */
function part_paths(path: string): string[] {
  const paths = split_parts(pathToFileURL(path)).map((url) => fileURLToPath(url));
  const missing = paths.find((part) => !existsSync(part));
  if (missing !== undefined) throw new HearthError("NOT_FOUND", `${missing}: there is no such file`);
  return paths;
}

function error_of({ code, message, details }: WireError): HearthError {
  return new HearthError(code, message, details);
}

interface Pending {
  /** True when it was the last answer. */
  take: (answer: Answer) => boolean;
  fail: (error: HearthError) => void;
}

class WorkerEngine implements EngineModel {
  info!: ModelInfo;
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  /** Answers that are held: nobody may ever read on. */
  readonly #held = new Set<number>();
  #next_id = 1;
  #ended: HearthError | undefined;

  constructor(request: WorkerRequest) {
    // The program's own flags, such as --input-type, are not for this file.
    this.#worker = new Worker(new URL("./engine_worker.js", import.meta.url), { workerData: request, execArgv: [] });
    this.#worker.on("message", (answer: Answer) => this.#receive(answer));
    this.#worker.on("error", (error) => this.end(new HearthError("INTERNAL", `the engine's worker: ${error.message}`)));
    this.#worker.on("exit", () => this.end(new HearthError("INTERNAL", "the engine's worker has ended")));
  }

  async load(onProgress: (progress: LoadProgress) => void): Promise<void> {
    this.info = await new Promise<ModelInfo>((resolve, reject) => {
      const take = (answer: Answer) => {
        if ("value" in answer) resolve(answer.value as ModelInfo);
        if ("progress" in answer) {
          try {
            onProgress(answer.progress);
          } catch (error) {
            reject(error as Error); // a listener that throws ends loading, and hears of it
          }
        }
        return "value" in answer;
      };
      this.#add(0, { take, fail: reject });
    });
  }

  metadata = (mostElements: number) => this.#call("metadata", mostElements) as ReturnType<EngineModel["metadata"]>;
  statistics = () => this.#call("statistics") as ReturnType<EngineModel["statistics"]>;
  tokenize = (text: string, addSpecial: boolean, parseSpecial: boolean) =>
    this.#call("tokenize", text, addSpecial, parseSpecial) as Promise<Int32Array>;
  detokenize = (tokens: Int32Array, withSpecial: boolean) =>
    this.#call("detokenize", tokens, withSpecial) as Promise<string>;
  applyChatTemplate = (chat: string) => this.#call("applyChatTemplate", chat) as Promise<string>;
  chatTokens = (chat: string) => this.#call("chatTokens", chat) as Promise<Int32Array>;
  chatTokensThatFit = (chat: string) =>
    this.#call("chatTokensThatFit", chat) as ReturnType<EngineModel["chatTokensThatFit"]>;
  embed = (tokens: Int32Array, pooling: "mean" | "last") =>
    this.#call("embed", tokens, pooling) as Promise<Float32Array>;
  saveState = () => this.#call("saveState") as Promise<Uint8Array>;
  restoreState = (state: Uint8Array) => this.#call("restoreState", state) as Promise<void>;

  generate: EngineModel["generate"] = (tokens, options, onEvent) => {
    const id = this.#next_id++;
    const fail = (error: HearthError) => onEvent("", empty_result("error", error));
    const take = (answer: Answer) => {
      if (!("text" in answer)) return false;
      const { text, result } = answer;
      onEvent(text, result && ({ ...result, error: result.error && error_of(result.error) } as EngineResult));
      return result !== undefined;
    };
    this.#add(id, { take, fail }, { id, tokens, options });
    return Object.assign(() => this.#post({ cancel: id }), {
      hold: (held: boolean) => {
        this.#held[held ? "add" : "delete"](id);
        this.#post({ hold: id, held });
        this.#mind();
      },
    });
  };

  dispose(): Promise<void> {
    return this.end(new HearthError("DISPOSED", "the model was closed"));
  }

  /** Everything that is pending, and that is asked for later, fails with `reason`. */
  async end(reason: HearthError): Promise<void> {
    if (!this.#ended) {
      this.#ended = reason;
      const pending = [...this.#pending.values()];
      this.#pending.clear();
      for (const { fail } of pending) fail(reason);
    }
    await this.#worker.terminate();
  }

  #call(method: Method, ...args: unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const id = this.#next_id++;
      const take = (answer: Answer) => {
        if ("value" in answer) resolve(answer.value);
        return true;
      };
      this.#add(id, { take, fail: reject }, { id, method, args });
    });
  }

  #add(id: number, pending: Pending, request?: Request): void {
    const ended = this.#ended;
    if (ended) {
      queueMicrotask(() => pending.fail(ended));
      return;
    }
    this.#pending.set(id, pending);
    this.#mind();
    if (request) this.#post(request);
  }

  #post(request: Request): void {
    if (!this.#ended) this.#worker.postMessage(request);
  }

  #receive(answer: Answer): void {
    const pending = this.#pending.get(answer.id);
    if (!pending) return;
    if ("error" in answer) {
      this.#pending.delete(answer.id);
      pending.fail(error_of(answer.error));
    } else if (pending.take(answer)) {
      this.#pending.delete(answer.id);
    }
    if (!this.#pending.has(answer.id)) this.#held.delete(answer.id);
    this.#mind();
  }

  /** The worker keeps the process alive as long as it owes an answer that is not held. */
  #mind(): void {
    if (this.#pending.size > this.#held.size) this.#worker.ref();
    else this.#worker.unref();
  }
}
