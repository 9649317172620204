/** Loads a model where this runs: finds its files, picks the engine's build, reads the weights into its memory. */

import type { ModuleName } from "@hearth/core";
import type { OpenContext, OpenedModel } from "@hearth/core/remote";
import { open_resolved } from "@hearth/core/sources";
import { open_model, type Source } from "@hearth/wasm";
import { can_share_memory, has_shared_memory, open_in_module, wasm_features } from "@hearth/wasm/choice";
import type { Part } from "../sources/part_resolver.js";
import { resolve_parts } from "../sources/resolve.js";
import { room_of } from "../sources/room.js";
import { type ByteReader, open_reader } from "./byte_reader.js";
import { choose_device } from "./gpu.js";
import type { Helpers, LoadRequest, WantedHelpers } from "./load_request.js";
import { ReadAhead } from "./read_ahead.js";

export function open_engine(load: LoadRequest, context: OpenContext<WantedHelpers, Helpers>): Promise<OpenedModel> {
  return open_resolved(
    (broken) => resolve_parts(load.sources, load.options, { ...context, room: () => room_of(load) }, broken),
    (parts) => open_from(parts, load, context),
  );
}

async function open_from(
  parts: Part[],
  load: LoadRequest,
  context: OpenContext<WantedHelpers, Helpers>,
): Promise<OpenedModel> {
  const { device, gpu, reason } = await choose_device(load.engine.device, { profile: load.profile });
  const options = { ...load.engine, device };
  const opened = await open_parts(parts);
  const size = parts.reduce((sum, { blob }) => sum + blob.size, 0);
  const streamed = !gpu && size > (options.memoryLimit ?? Infinity);
  const cpu_computes = !gpu || leaves_layers(options);
  const has_workers = load.threads && can_share_memory();
  const open_in = async (module: ModuleName) => {
    const alone = module === "simd128" || !has_workers;
    const threads = alone ? 1 : (options.threads ?? (cpu_computes ? default_threads() : 1));
    const { workers, ahead } =
      alone || (threads === 1 && !streamed) ? {} : await context.help({ module, threads, readsAhead: streamed });
    const sources = await opened.sources(ahead);
    const { signal, report: onProgress } = context;
    return open_model(module, sources, { ...options, threads, workers, gpu, signal, onProgress });
  };
  try {
    const features = { ...wasm_features(), sharedMemory: !load.plainSimd && has_shared_memory() };
    const beside_gpu = Math.max(0, size - (options.gpuMemory ?? 0));
    const in_memory = cpu_computes ? Math.min(gpu ? beside_gpu : size, options.memoryLimit ?? Infinity) : 0;
    const engine = await open_in_module(features, in_memory, open_in);
    // Only a model that is streamed, whose tables stay in the file, or whose GPU may go, is read from later on.
    if (!gpu && !streamed && engine.info.leftInFile === 0) opened.close();
    if (reason) engine.info.deviceReason = reason;
    if (load.profile) await engine.beginProfile();
    const dispose = engine.dispose.bind(engine);
    engine.dispose = async () => {
      await dispose();
      opened.close();
    };
    if (reason) context.report({ stage: "ready", loaded: 1, total: 1, message: reason });
    return { engine, name: parts[0]?.name ?? "model" };
  } catch (error) {
    gpu?.close();
    opened.close();
    throw error;
  }
}

/** Whether a GPU may leave layers to the CPU: WebGPU does not say how much memory there is, so that only options do. */
function leaves_layers({ gpuLayers, gpuMemory, gpuStreaming }: LoadRequest["engine"]): boolean {
  return gpuLayers !== undefined || (gpuMemory !== undefined && !gpuStreaming);
}

interface OpenedParts {
  /** `ahead` leads to a worker that can read ahead. */
  sources: (ahead: MessagePort | undefined) => Promise<Source[]>;
  close: () => void;
}

async function open_parts(parts: Part[]): Promise<OpenedParts> {
  const closing: (() => void)[] = parts.flatMap(({ release }) => (release ? [release] : []));
  const readers: (ByteReader | undefined)[] = [];
  for (const part of parts) {
    const reader = await open_reader(part);
    if (reader) closing.push(() => reader.close());
    readers.push(reader);
  }
  const in_memory = async ({ name, blob }: Part) => ({ name, bytes: new Uint8Array(await blob.arrayBuffer()) });
  const sources = async (port: MessagePort | undefined) => {
    const ahead = port && (await ReadAhead.open(port, parts));
    return Promise.all(
      parts.map((part, index) => {
        const reader = readers[index];
        if (!reader) return in_memory(part);
        return ahead ? ahead.source(reader, index) : reader;
      }),
    );
  };
  const close = () => {
    for (const close_one of closing.splice(0)) close_one();
  };
  return { sources, close };
}

/**
 * Browsers count logical processors. Above four, two of them usually share a core, and a second thread on a core only
 * gets in the way of the first.
 */
function default_threads(): number {
  const logical = navigator.hardwareConcurrency || 1;
  return logical <= 4 ? logical : Math.min(16, Math.ceil(logical / 2));
}
