/** The engine as WebAssembly, in a worker of its own: for platforms without a native addon. The answers are the same. */

import { existsSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { type EngineModel, HearthError, type LoadProgress, type ModuleName } from "@hearth/core";
import type { EngineLoadOptions } from "@hearth/core/platform";
import { type Answer, Connection, load_over, type Opened, RemoteEngine } from "@hearth/core/remote";
import { split_parts } from "@hearth/core/sources";
import { has_shared_memory, open_in_module, wasm_features } from "@hearth/wasm/choice";
import type { Addon } from "../addon.js";
import type { WorkerLoad } from "./worker_load.js";

/** Loads a file, or parts in memory. Aborting ends the worker before it rejects. */
export async function open_wasm(
  source: Addon.ModelSource,
  options: EngineLoadOptions,
  onProgress: (progress: LoadProgress) => void,
  signal: AbortSignal | undefined,
): Promise<EngineModel> {
  const { path, memory = [] } = source;
  const paths = path === undefined ? [] : part_paths(path);
  const bytes = [...paths.map((part) => statSync(part).size), ...memory.map(({ length }) => length)];
  const size = bytes.reduce((sum, part) => sum + part, 0);
  const features = { ...wasm_features(), sharedMemory: has_shared_memory() };
  const report = (progress: LoadProgress) => onProgress({ ...progress, file: path });
  return open_in_module(features, Math.min(size, options.memoryLimit ?? Infinity), async (module) => {
    const load = { module, paths, memory, options: { ...options, threads: threads_for(module, options) } };
    return (await RemoteEngine.open(() => start_worker(load, report, signal), {})).engine;
  });
}

function threads_for(module: ModuleName, { threads }: EngineLoadOptions): number {
  // Logical processors often share a core, where a second thread only gets in the way of the first.
  return module === "simd128" ? 1 : (threads ?? Math.ceil(availableParallelism() / 2));
}

/** The file itself, or all parts of a split model. */
function part_paths(path: string): string[] {
  const paths = split_parts(pathToFileURL(path)).map((url) => fileURLToPath(url));
  const missing = paths.find((part) => !existsSync(part));
  if (missing !== undefined) throw new HearthError("NOT_FOUND", `${missing}: there is no such file`);
  return paths;
}

/** A worker that keeps the process alive as long as it owes an answer that is not held. */
async function start_worker(
  load: WorkerLoad,
  onProgress: (progress: LoadProgress) => void,
  signal: AbortSignal | undefined,
): Promise<Opened> {
  // The program's own flags, such as --input-type, are not for this file.
  const worker = new Worker(new URL("./engine_worker.js", import.meta.url), { execArgv: [] });
  const close = async () => void (await worker.terminate());
  const connection = new Connection(
    {
      postMessage: (message) => worker.postMessage(message),
      addEventListener: (_, listener) => worker.on("message", (data: Answer) => listener({ data })),
    },
    { onDebt: (owes) => (owes ? worker.ref() : worker.unref()), onFailure: close },
  );
  worker.on("error", ({ message }) => connection.fail(new HearthError("INTERNAL", `the engine's worker: ${message}`)));
  worker.on("exit", () => connection.fail(new HearthError("INTERNAL", "the engine's worker has ended")));
  try {
    return { connection, ...(await load_over(connection, load, { onProgress, signal, patience: 0 })), close };
  } catch (error) {
    await close();
    throw error;
  }
}
