/** The worker in which the engine runs as WebAssembly: one model, for the program that started it. */

import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { basename } from "node:path";
import { parentPort } from "node:worker_threads";
import { Hosted, type OpenContext, type OpenedModel, type Request, Session } from "@hearth/core/remote";
import { open_model, type Source } from "@hearth/wasm";
import type { WorkerLoad } from "./worker_load.js";

const port = parentPort;
if (!port) throw new Error("engine_worker.js runs in a worker");

function file_source(path: string): Source & { close: () => void } {
  const file = openSync(path, "r");
  const { size } = fstatSync(file);
  const read = (offset: number, into: Uint8Array) => readSync(file, into, 0, into.length, offset);
  return { name: basename(path), size, read, close: () => closeSync(file) };
}

async function open(load: WorkerLoad, { report }: OpenContext): Promise<OpenedModel> {
  const { module, paths, memory, options } = load;
  const files = paths.map(file_source);
  const sources = memory.length > 0 ? memory.map((bytes) => ({ name: "memory", bytes })) : files;
  const engine = await open_model(module, sources, { ...options, onProgress: report });
  // Only a model that is streamed, or whose tables stay in the file, is read from later on.
  if (options.memoryLimit === undefined && engine.info.leftInFile === 0) for (const file of files) file.close();
  return { engine, name: sources[0]?.name ?? "model" };
}

const session = new Session({ postMessage: (message) => port.postMessage(message) }, new Hosted(open));
port.on("message", (request: Request<WorkerLoad>) => session.receive(request));
