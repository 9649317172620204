/** What a platform provides: a loaded model, wherever it computes. Everything users see is built on this. */

import type { HearthError } from "./errors.js";
import { json_text } from "./json.js";
import type { AdapterChoice } from "./option.js";
import type { EmbeddingOptions, InternalOptions, SamplingOptions } from "./option_table.js";
import type {
  ChosenLogprob,
  KernelTime,
  MetadataValue,
  ModelInfo,
  ModelStatistics,
  PromptOptions,
  RankedDocument,
  Tool,
  ToolCallDelta,
} from "./types.js";

/** SamplingOptions that JSON can hold: without Maps and typed arrays. */
export interface EngineGenerationOptions extends SamplingOptions, InternalOptions {
  /** Nobody reads before the end: one piece with everything will do. */
  whole?: boolean;
}

export interface EngineResult {
  finishReason: "stop" | "tool-calls" | "length" | "cancelled" | "error";
  /** Of "error". */
  error?: HearthError;
  promptTokens: number;
  cachedTokens: number;
  completionTokens: number;
  queuedMs: number;
  prefillMs: number;
  decodeMs: number;
  /** -1 where none was drawn. */
  seed: number;
}

/** What a piece of an answer carries besides its text: the `json` of a hearth_event. */
export interface EngineExtras {
  logprobs?: ChosenLogprob[];
  reasoning?: string;
  toolCalls?: ToolCallDelta[];
  /** Of the first piece, and when a device was lost; */
  warnings?: string[];
  /** what computes since then. */
  computedBy?: Pick<ModelInfo, "device" | "deviceReason">;
  /** Of the last piece: the stop text that ended the answer. */
  stop?: string;
  /** Of the last piece, where something was drafted. */
  speculation?: { draftedTokens: number; acceptedTokens: number };
}

/** Those of two pieces, one after the other. */
export function joined_extras(first: EngineExtras | undefined, second: EngineExtras | undefined) {
  if (!first || !second) return first ?? second;
  const joined = { ...first, ...second };
  if (first.logprobs && second.logprobs) joined.logprobs = [...first.logprobs, ...second.logprobs];
  if (first.toolCalls && second.toolCalls) joined.toolCalls = [...first.toolCalls, ...second.toolCalls];
  if (first.reasoning && second.reasoning) joined.reasoning = first.reasoning + second.reasoning;
  return joined;
}

/** Gets the pieces of an answer, the last one with a result. */
export type OnEvent = (text: string, result: EngineResult | undefined, extras?: EngineExtras) => void;

/** Of an answer for which nothing was computed. */
export function empty_result(finishReason: EngineResult["finishReason"], error?: HearthError): EngineResult {
  const numbers = { promptTokens: 0, cachedTokens: 0, completionTokens: 0, queuedMs: 0, prefillMs: 0, decodeMs: 0 };
  return { finishReason, error, ...numbers, seed: -1 };
}

/** Ends an answer where it is. */
export interface Cancel {
  (): void;
  /** While held, nothing is computed for the answer: its reader does not keep up. Missing where there is none yet. */
  hold?: (held: boolean) => void;
}

/**
 * The engine's calls by name: hearth_call (engine/hearth.h) describes them. They reject with HearthError. `chat` is JSON
 * as hearth_apply_chat_template takes it. `signal` ends waiting for an engine that is far away; others are done at once.
 */
export interface EngineCalls {
  metadata(mostElements: number): Promise<Record<string, MetadataValue>>;
  statistics(): Promise<ModelStatistics>;
  beginProfile(): Promise<void>;
  profile(): Promise<KernelTime[]>;
  tokenize(text: string, addSpecial: boolean, parseSpecial: boolean, signal?: AbortSignal): Promise<Int32Array>;
  detokenize(tokens: Int32Array, withSpecial: boolean): Promise<string>;
  applyChatTemplate(chat: string): Promise<string>;
  chatTokens(chat: string, signal?: AbortSignal): Promise<Int32Array>;
  /** The same, without the oldest turns where the context does not hold all. */
  chatTokensThatFit(chat: string, signal?: AbortSignal): Promise<{ tokens: number[]; turnsLeftOut: number }>;
  /** Vectors one after the other, of the same size each. Errors call a text by its number: the first is `first` of `all`. */
  embed(
    texts: (string | number[])[],
    options: EmbeddingOptions,
    first?: number,
    all?: number,
    signal?: AbortSignal,
  ): Promise<Float32Array>;
  /** The documents of a part, sorted, by their numbers among all. */
  rerank(query: string, documents: string[], first?: number, all?: number): Promise<RankedDocument[]>;
  /** What finished answers have read, as bytes. */
  saveState(): Promise<Uint8Array>;
  restoreState(state: Uint8Array): Promise<void>;
  /** From a path, or with "" from bytes. */
  loadAdapter(path: string, bytes: Uint8Array): Promise<number>;
  unloadAdapter(id: number): Promise<void>;
  /** Those of requests that name none. */
  useAdapters(adapters: AdapterChoice[]): Promise<void>;
}

const call_names: Record<keyof EngineCalls, true> = {
  metadata: true,
  statistics: true,
  beginProfile: true,
  profile: true,
  tokenize: true,
  detokenize: true,
  applyChatTemplate: true,
  chatTokens: true,
  chatTokensThatFit: true,
  embed: true,
  rerank: true,
  saveState: true,
  restoreState: true,
  loadAdapter: true,
  unloadAdapter: true,
  useAdapters: true,
};

/** Passes a call on. */
export type CallEngine = (name: keyof EngineCalls, args: unknown[], signal?: AbortSignal) => Promise<unknown>;

/** All of them, by a function that passes any of them on. */
export function engine_calls(call: CallEngine): EngineCalls {
  const named = Object.keys(call_names).map((name) => [
    name,
    (...given: unknown[]) => {
      const signal = given.find((arg) => arg instanceof AbortSignal);
      const args = given.filter((arg) => arg !== undefined && arg !== signal);
      return call(name as keyof EngineCalls, args, signal);
    },
  ]);
  return Object.fromEntries(named);
}

export interface EngineModel extends EngineCalls {
  readonly info: ModelInfo;
  generate(tokens: Int32Array, options: EngineGenerationOptions, onEvent: OnEvent): Cancel;
  dispose(): Promise<void>;
}

/** A model as those see it who have it answer: `Model` is one. */
export interface AnsweringModel {
  readonly id: string;
  readonly engine: EngineModel;
  /** Throws DISPOSED once it has been disposed. */
  requireOpen(): void;
}

/** Options of an answer as the engine takes them: JSON, in which null stands for minus infinity. */
export function generation_json({ whole: _, ...options }: EngineGenerationOptions): string {
  return json_text(options);
}

/** @internal A conversation as the engine takes it. */
export function chat_json(
  chat: Pick<PromptOptions, "messages" | "toolChoice" | "keepReasoning" | "templateVariables"> & {
    tools?: Tool[];
    addGenerationPrompt?: boolean;
  },
): string {
  const { messages, tools, toolChoice, keepReasoning, templateVariables: variables, addGenerationPrompt } = chat;
  return json_text({ messages, tools, toolChoice, keepReasoning, variables, addGenerationPrompt });
}
