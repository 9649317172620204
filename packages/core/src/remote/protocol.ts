/**
 * What a program and the worker that computes for it say to each other. Every request has an id, which all its answers
 * carry.
 *
 *   load       -> progress..., help..., loaded
 *   generate   -> generated
 *   stream     -> stream..., the last one with a result
 *   call       -> returned
 *   help       brings what the answer of that name wants; not answered
 *   hold       has the stream `target` wait, or go on; not answered
 *   terminate  ends the request `target`, or the model -> terminated
 *
 * Each may be answered by `error` instead. What a model is loaded from (Load), and what only the program can give while
 * it is (Wanted, Help), is each platform's own.
 */

import type { EngineCalls, EngineExtras, EngineGenerationOptions, EngineResult } from "../engine.js";
import { HearthError, type HearthErrorCode } from "../errors.js";
import type { LoadProgress, ModelInfo } from "../types.js";

export type Method = keyof EngineCalls;

export type Request<Load = unknown, Help = unknown> = { id: number } & (
  | { type: "load"; load: Load }
  | { type: "generate" | "stream"; tokens: Int32Array; options: EngineGenerationOptions }
  | { type: "call"; method: Method; args: unknown[] }
  | { type: "help"; help: Help }
  | { type: "hold"; target: number; held: boolean }
  | { type: "terminate"; target?: number }
);

/** The error of a result crosses as a WireError. */
export type WireResult = Omit<EngineResult, "error"> & { error?: WireError };

export type Answer<Wanted = unknown> = { id: number } & (
  | { type: "progress"; progress: LoadProgress }
  | { type: "help"; wanted: Wanted }
  | { type: "loaded"; info: ModelInfo; name: string }
  | { type: "generated"; text: string; result: WireResult; extras?: EngineExtras }
  | { type: "stream"; text: string; result?: WireResult; extras?: EngineExtras }
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
