/** What this browser and this page offer, and what would offer more. */

import type { ModuleName, WasmFeatures } from "@hearth/core";
import { nameOf, requestAdapter } from "@hearth/gpu/adapter";
import {
  can_share_memory,
  has_shared_memory,
  memory32_limit,
  memory64_limit,
  wasm_features,
} from "@hearth/wasm/choice";

export interface MissingFeature {
  feature: string;
  /** What goes without it. */
  effect: string;
  /** The header, flag or browser that would help. */
  remedy: string;
}

export interface Capabilities {
  wasm: WasmFeatures;
  /** Whether the page was served with the headers that threads need. */
  crossOriginIsolated: boolean;
  workers: boolean;
  sharedWorkers: boolean;
  /** Logical processors, and how many threads an engine may use here. */
  processors: number;
  threads: number;
  /** Which build of the engine a model gets that fits into 4 GiB; undefined where none runs. */
  module: ModuleName | undefined;
  /** Bytes of the largest model that fits into memory; larger ones run with a memoryLimit. */
  largestModel: number;
  /** Where downloads are kept. */
  opfs: boolean;
  indexedDb: boolean;
  /** What the browser grants the site, in bytes, and what of it is used; undefined where it does not say. */
  storage: { quota: number; usage: number; persisted: boolean } | undefined;
  /** Bytes of the machine's memory, as far as the browser tells (rounded, at most 8 GiB in Chromium). */
  deviceMemory: number | undefined;
  /** Whether models can compute on a GPU, and if not, why. */
  gpu: { available: true } | { available: false; reason: string };
  /** That GPU. */
  webgpu: { description: string; features: string[]; limits: Record<string, number> } | undefined;
  missing: MissingFeature[];
}

/** Tested, not guessed from the browser's name. Never rejects. */
export async function getCapabilities(): Promise<Capabilities> {
  const wasm = wasm_features();
  const isolated = globalThis.crossOriginIsolated ?? false;
  const relaxed = wasm.threads && wasm.relaxedSimd && has_shared_memory();
  const processors = navigator.hardwareConcurrency || 1;
  const [opfs, storage, webgpu] = await Promise.all([has_opfs(), storage_of(), webgpu_of()]);
  const found: Omit<Capabilities, "missing"> = {
    wasm,
    crossOriginIsolated: isolated,
    workers: typeof Worker === "function",
    sharedWorkers: typeof SharedWorker === "function",
    processors,
    threads: relaxed && can_share_memory() ? processors : 1,
    module: !wasm.simd ? undefined : relaxed ? "threads" : "simd128",
    largestModel: !wasm.simd ? 0 : relaxed && wasm.memory64 ? memory64_limit : memory32_limit,
    opfs,
    indexedDb: typeof indexedDB === "object",
    storage,
    deviceMemory: (navigator as { deviceMemory?: number }).deviceMemory,
    gpu: typeof webgpu === "string" ? { available: false, reason: webgpu } : { available: true },
    webgpu: typeof webgpu === "string" ? undefined : webgpu,
  };
  if (found.deviceMemory !== undefined) found.deviceMemory *= 2 ** 30;
  return { ...found, missing: missing_of(found) };
}

let said = false;

/** Says on the console, once in a page's life, what makes its models slower, and what would help. */
export function say_what_is_missing(): void {
  if (said) return;
  said = true;
  const missing = missing_for_speed(wasm_features(), globalThis.crossOriginIsolated ?? false);
  const lines = missing.map(({ feature, effect, remedy }) => `${effect} without ${feature}: ${remedy}`);
  if (lines.length > 0) console.info(["Hearth:", ...lines].join("\n"));
}

type Row = [absent: boolean, feature: string, effect: string, remedy: string];

const current = "a current Chromium, Firefox or Safari";

function missing_for_speed(wasm: WasmFeatures, isolated: boolean): MissingFeature[] {
  const headers =
    "serve the page with Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp";
  return absent([
    [!isolated, "cross-origin isolation", "one thread instead of many", headers],
    [!wasm.threads, "WebAssembly threads", "one thread instead of many", current],
    [!wasm.relaxedSimd, "relaxed SIMD", "slower arithmetic, one thread", current],
  ]);
}

function missing_of(found: Omit<Capabilities, "missing">): MissingFeature[] {
  const { wasm, opfs, indexedDb, workers, gpu } = found;
  return [
    ...absent([[!wasm.simd, "WebAssembly SIMD", "no model runs", current]]),
    ...missing_for_speed(wasm, found.crossOriginIsolated),
    ...absent([
      [!wasm.memory64, "Memory64", "models above 4 GiB need a memoryLimit", "Chromium 133, Firefox 134, or later"],
      [!workers, "workers", "the page stands still while a model computes", current],
      [
        !opfs,
        "the private file system (OPFS)",
        indexedDb ? "models are kept in IndexedDB, which is slower" : "no model is kept",
        "a window that is not private",
      ],
      [!gpu.available, "WebGPU", "the GPU is not used", gpu.available ? "" : gpu.reason],
    ]),
  ];
}

function absent(rows: Row[]): MissingFeature[] {
  return rows.filter(([is_absent]) => is_absent).map(([, feature, effect, remedy]) => ({ feature, effect, remedy }));
}

async function has_opfs(): Promise<boolean> {
  try {
    await navigator.storage.getDirectory();
    return true;
  } catch {
    return false;
  }
}

async function storage_of(): Promise<Capabilities["storage"]> {
  try {
    const [{ quota = 0, usage = 0 }, persisted] = await Promise.all([
      navigator.storage.estimate(),
      navigator.storage.persisted(),
    ]);
    return { quota, usage, persisted };
  } catch {
    return undefined;
  }
}

/** What the GPU has, or why it is not used. */
async function webgpu_of(): Promise<Capabilities["webgpu"] | string> {
  try {
    const adapter = await requestAdapter(navigator.gpu);
    const { maxBufferSize, maxStorageBufferBindingSize, maxStorageBuffersPerShaderStage } = adapter.limits;
    return {
      description: nameOf(adapter),
      features: [...adapter.features].sort(),
      limits: { maxBufferSize, maxStorageBufferBindingSize, maxStorageBuffersPerShaderStage },
    };
  } catch (error) {
    return (error as Error).message;
  }
}
