/** The worker in which the engine runs as WebAssembly: loads one model and answers requests about it. */

import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { basename } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { type Cancel, type EngineModel, HearthError } from "@hearth/core";
import { open_model, type Source } from "@hearth/wasm";
import type { Answer, Request, WireError, WorkerRequest } from "./messages.js";

const port = parentPort;
if (!port) throw new Error("engine_worker.js runs in a worker");
const say = (answer: Answer) => port.postMessage(answer);

function wire({ code, message, details }: HearthError): WireError {
  return { code, message, details };
}

function file_source(path: string): Source & { close: () => void } {
  const file = openSync(path, "r");
  const { size } = fstatSync(file);
  const read = (offset: number, into: Uint8Array) => readSync(file, into, 0, into.length, offset);
  return { name: basename(path), size, read, close: () => closeSync(file) };
}

async function load({ module, paths, memory, options }: WorkerRequest): Promise<EngineModel> {
  const files = paths.map(file_source);
  const sources = memory.length > 0 ? memory.map((bytes) => ({ name: "memory", bytes })) : files;
  const onProgress = (progress: Extract<Answer, { progress: unknown }>["progress"]) => say({ id: 0, progress });
  const model = await open_model(module, sources, { ...options, onProgress });
  // Only a model that is streamed is read from later on.
  if (options.memoryLimit === undefined) for (const file of files) file.close();
  return model;
}

const running = new Map<number, Cancel>();

async function answer(model: EngineModel, request: Request): Promise<void> {
  if ("cancel" in request) return running.get(request.cancel)?.();
  if ("hold" in request) return running.get(request.hold)?.hold?.(request.held);
  const { id } = request;
  if ("method" in request) {
    const call = model[request.method] as (...args: unknown[]) => Promise<unknown>;
    return say({ id, value: await call.apply(model, request.args) });
  }
  const cancel = model.generate(request.tokens, request.options, (text, result) => {
    if (result) running.delete(id);
    say({ id, text, result: result && { ...result, error: result.error && wire(result.error) } });
  });
  running.set(id, cancel);
}

try {
  const model = await load(workerData as WorkerRequest);
  port.on("message", (request: Request) => {
    answer(model, request).catch((error: unknown) => {
      if ("id" in request) say({ id: request.id, error: wire(HearthError.from(error)) });
    });
  });
  say({ id: 0, value: model.info });
} catch (error) {
  say({ id: 0, error: wire(HearthError.from(error)) });
}
