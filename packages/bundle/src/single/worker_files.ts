/** In place of @hearth/web's own: the worker's code and the engine are in the page. A page from a file has one thread. */

import { HearthError } from "@hearth/core";
import { carried_bytes, carried_text } from "./carried.js";

let code: string | undefined;
let engine: Blob | undefined;

export function new_worker(): Worker {
  code ??= URL.createObjectURL(new Blob([carried_text("hearth-worker")]));
  engine ??= new Blob([carried_bytes("hearth-engine")], { type: "application/wasm" });
  const worker = new Worker(code);
  worker.postMessage({ engine });
  return worker;
}

export function new_read_ahead_worker(): Worker {
  throw new HearthError("WORKER_NOT_SUPPORTED", "a page that is one file has no threads to read ahead with");
}

export function can_share(): boolean {
  return false;
}

export function new_shared_worker(): SharedWorker {
  throw new HearthError("WORKER_NOT_SUPPORTED", "a page that is one file shares no worker");
}
