/** What there is for a model here: memory that the engine can have, and storage that the site may take. */

import type { Room } from "@hearth/core/sources";
import { has_shared_memory, memory32_limit, memory64_limit, wasm_features } from "@hearth/wasm/choice";
import type { LoadRequest } from "../worker/load_request.js";

/** Where browsers tell no more of the machine's memory: it may be any above. */
const most_told = 8;

export async function room_of({ engine, options }: Pick<LoadRequest, "engine" | "options">): Promise<Room> {
  const memory = engine.memoryLimit ? undefined : memory_here();
  return { memory, storage: options.cache === false ? undefined : await storage_of(options.cache?.maxBytes) };
}

function memory_here(): number {
  const { simd: _, relaxedSimd, threads: shared, memory64 } = wasm_features();
  const wide = memory64 && relaxedSimd && shared && has_shared_memory();
  const { deviceMemory = most_told } = navigator as { deviceMemory?: number };
  const machine = deviceMemory < most_told ? deviceMemory * 2 ** 30 : Infinity;
  return Math.min(wide ? memory64_limit : memory32_limit, machine);
}

/** The cache makes room for a new file, so that what is in it counts for nothing. */
async function storage_of(most = Infinity): Promise<number | undefined> {
  const { quota = Infinity } = (await navigator.storage?.estimate?.().catch(() => undefined)) ?? {};
  const bytes = Math.min(most, quota);
  return Number.isFinite(bytes) ? bytes : undefined;
}
