/** Workers for an engine's threads, started by a page: one that a worker starts does not always start, in Firefox. */

import type { ModuleName } from "@hearth/core";
import { importing } from "./importing.js";

export interface Pool {
  /** To hand over to the worker that the engine runs in (transferred, not copied), as OpenOptions.workers. */
  readonly ports: MessagePort[];
  /** Ends them. An engine that uses them must have ended before. */
  terminate(): void;
}

/** What a pool's worker is told first. */
export interface PoolMessage {
  module: ModuleName;
  port: MessagePort;
}

/**
 * Starts the workers that an engine with that many threads needs: one less, because the thread that calls it computes,
 * too. Resolves when all are ready; rejects with the first error of one.
 */
export async function start_pool(module: ModuleName, threads: number): Promise<Pool> {
  const workers: Worker[] = [];
  const ports: MessagePort[] = [];
  const ready: Promise<void>[] = [];
  const terminate = () => {
    for (const worker of workers) worker.terminate();
  };
  for (let count = 1; count < threads; ++count) {
    const worker = new_worker();
    const { port1, port2 } = new MessageChannel();
    ready.push(
      new Promise((resolve, reject) => {
        worker.onmessage = () => resolve();
        worker.onerror = (event) => reject(new Error(`a worker for the engine's threads failed: ${event.message}`));
      }),
    );
    worker.postMessage({ module, port: port2 } satisfies PoolMessage, [port2]);
    workers.push(worker);
    ports.push(port1);
  }
  try {
    await Promise.all(ready);
  } catch (error) {
    terminate();
    throw error;
  }
  return { ports, terminate };
}

/** The name tells the module's loader what it is in. Bundlers know a worker's file by exactly the last expression. */
function new_worker(): Worker {
  const elsewhere = importing("./pool_worker.js", module_url);
  if (elsewhere) return new Worker(elsewhere, { type: "module", name: "em-pthread" });
  return new Worker(new URL("./pool_worker.js", import.meta.url), { type: "module", name: "em-pthread" });
}

const module_url = import.meta.url;
