/** Where the workers' code is: in files beside this one. */

import { HearthError } from "@hearth/core";
import { importing } from "@hearth/wasm";

/** Bundlers know a worker's file by exactly the expressions without a name in front. */
export function new_worker(): Worker {
  if (typeof Worker !== "function") throw not_supported();
  try {
    const elsewhere = importing("./worker.js", module_url);
    if (elsewhere) return new Worker(elsewhere, { type: "module" });
    return new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  } catch (error) {
    throw not_supported(error);
  }
}

export function new_read_ahead_worker(): Worker {
  const elsewhere = importing("./read_ahead_worker.js", module_url);
  if (elsewhere) return new Worker(elsewhere, { type: "module" });
  return new Worker(new URL("./read_ahead_worker.js", import.meta.url), { type: "module" });
}

/** A module that imports one of another origin would not be the same for any two tabs. */
export function can_share(): boolean {
  return typeof SharedWorker === "function" && importing("./shared_worker.js", module_url) === undefined;
}

export function new_shared_worker(name: string): SharedWorker {
  try {
    return new SharedWorker(new URL("./shared_worker.js", import.meta.url), { type: "module", name });
  } catch (error) {
    throw not_supported(error);
  }
}

const module_url = import.meta.url;

function not_supported(cause?: unknown): HearthError {
  return new HearthError(
    "WORKER_NOT_SUPPORTED",
    "this page cannot start workers; with fallback: true the model runs on the page's own thread",
    {
      cause,
    },
  );
}
