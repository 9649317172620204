/**
 * What a page and a worker say to each other. Every request has an id, which all its answers carry.
 *
 *   load       -> progress..., helpers?, loaded
 *   generate   -> generated
 *   stream     -> stream..., the last one with a result
 *   call       -> returned
 *   helpers    brings the workers that the answer of that name asks for; not answered
 *   hold       has the stream `target` wait, or go on; not answered
 *   terminate  ends the request `target`, or the model -> terminated
 *
 * Each may be answered by `error` instead.
 */

import {
  type EngineGenerationOptions,
  type EngineModel,
  type EngineResult,
  HearthError,
  type HearthErrorCode,
  type LoadProgress,
  type ModelInfo,
  type ModuleName,
} from "@hearth/core";
import type { EngineLoadOptions } from "@hearth/core/platform";
import type { SourceOptions } from "../sources/resolve.js";
import type { PartSource } from "../sources/source.js";

export interface LoadRequest {
  sources: PartSource[];
  options: SourceOptions;
  engine: EngineLoadOptions;
  /** Whether the page can start workers for the engine. */
  threads: boolean;
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

type Calls = Required<Omit<EngineModel, "info" | "generate" | "dispose">>;
export type Method = keyof Calls;
export type Arguments<M extends Method> = Parameters<Calls[M]>;
export type Returned<M extends Method> = Awaited<ReturnType<Calls[M]>>;

export type Request = { id: number } & (
  | { type: "load"; load: LoadRequest }
  | { type: "generate" | "stream"; tokens: Int32Array; options: EngineGenerationOptions }
  | { type: "call"; method: Method; args: unknown[] }
  | { type: "helpers"; helpers: Helpers }
  | { type: "hold"; target: number; held: boolean }
  | { type: "terminate"; target?: number }
);

/** The error of a result crosses as a WireError. */
export type WireResult = Omit<EngineResult, "error"> & { error?: WireError };

export type Answer = { id: number } & (
  | { type: "progress"; progress: LoadProgress }
  | { type: "helpers"; module: Exclude<ModuleName, "simd128">; threads: number; readsAhead: boolean }
  | { type: "loaded"; info: ModelInfo; name: string }
  | { type: "generated"; text: string; result: WireResult }
  | { type: "stream"; text: string; result?: WireResult }
  | { type: "returned"; value: unknown }
  | { type: "terminated" }
  | { type: "error"; error: WireError }
);

/** HearthError as it crosses: classes do not. */
export interface WireError {
  code: HearthErrorCode;
  message: string;
  details: Record<string, unknown>;
}

export function to_wire(error: unknown): WireError {
  const { code, message, details } = HearthError.from(error);
  return { code, message, details: JSON.parse(JSON.stringify(details)) as Record<string, unknown> };
}

export function from_wire({ code, message, details }: WireError): HearthError {
  return new HearthError(code, message, details);
}

export function result_to_wire({ error, ...result }: EngineResult): WireResult {
  return error ? { ...result, error: to_wire(error) } : result;
}

export function result_from_wire({ error, ...result }: WireResult): EngineResult {
  return error ? { ...result, error: from_wire(error) } : result;
}
