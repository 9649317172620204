/** What the page and its workers say beside the protocol of every remote engine (@hearth/core/remote). */

import type { ModuleName } from "@hearth/core";
import type { EngineLoadOptions } from "@hearth/core/platform";
import type { SourceOptions } from "../sources/resolve.js";
import type { PartSource } from "../sources/source.js";

export interface LoadRequest {
  sources: PartSource[];
  options: SourceOptions;
  engine: EngineLoadOptions;
  /** Whether a GPU's times are taken. */
  profile?: boolean;
  /** Whether the page can start workers for the engine. */
  threads: boolean;
  /** Whether there is no other build of the engine than that with plain SIMD. */
  plainSimd?: boolean;
  /** A Web Lock that the worker holds as long as it lives, for the page to see when it dies. */
  alive?: string;
  /** The same of the page, for a shared worker to see when that goes. */
  page?: string;
}

/** Workers that a page has started for an engine, which could not do so reliably (packages/wasm/src/pool.ts). */
export interface Helpers {
  /** For the engine's threads. */
  workers?: MessagePort[];
  /** For reading ahead (read_ahead.ts). */
  ahead?: MessagePort;
}

/** What the engine asks the page for, while it is loaded into such a module. */
export interface WantedHelpers {
  module: Exclude<ModuleName, "simd128">;
  threads: number;
  readsAhead: boolean;
}
