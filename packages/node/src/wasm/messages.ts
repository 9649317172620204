/** What the main thread and the engine's worker say to each other. Every request has an id, which its answers carry. */

import type {
  EngineGenerationOptions,
  EngineModel,
  EngineResult,
  HearthErrorCode,
  LoadProgress,
  ModuleName,
} from "@hearth/core";
import type { EngineLoadOptions } from "@hearth/core/platform";

/** The worker loads what it is started with; its first answers, of id 0, tell how that goes. */
export interface WorkerRequest {
  module: ModuleName;
  /** Either the model's files, or its parts in memory. */
  paths: string[];
  memory: Uint8Array[];
  options: EngineLoadOptions;
}

export type Method = Exclude<keyof EngineModel, "info" | "generate" | "dispose">;

export type Request =
  | { id: number; method: Method; args: unknown[] }
  | { id: number; tokens: Int32Array; options: EngineGenerationOptions }
  | { cancel: number }
  | { hold: number; held: boolean };

/** An error without its class, which does not cross. */
export interface WireError {
  code: HearthErrorCode;
  message: string;
  details?: Record<string, unknown>;
}

export type Answer = { id: number } & (
  | { progress: LoadProgress }
  | { value: unknown }
  | { text: string; result?: Omit<EngineResult, "error"> & { error?: WireError } }
  | { error: WireError }
);
