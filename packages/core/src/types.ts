/** What users pass in and get back. */

import type { EngineLoadOptions } from "./option_table.js";

export type { AdapterChoice } from "./option.js";
export type { SamplingOptions } from "./option_table.js";

export type LoadStage = "check_cache" | "download" | "verify" | "store" | "read" | "parse" | "initialize" | "ready";

export interface LoadProgress {
  stage: LoadStage;
  /** Bytes, or 0 and 1 where a stage counts none. */
  loaded: number;
  total: number;
  file?: string;
  message?: string;
}

/** What every platform's loadModel takes; each adds its own. */
export interface CommonLoadOptions extends EngineLoadOptions {
  /** What to call the model in a registry; default: its file's name. */
  id?: string;
  onProgress?: (progress: LoadProgress) => void;
  signal?: AbortSignal;
  /** Has a GPU's kernels be timed, which makes it slower: see Model.profile. UNSUPPORTED where its driver has no clock. */
  profile?: boolean;
  /** Whether the model computes beside the page. In Node.js it always does. */
  useWorker?: boolean;
  /** Whether a model that finds no worker runs on the page's thread instead. */
  fallback?: boolean;
  workerOptions?: WorkerOptions;
}

/** What becomes of the worker that a model computes in. In Node.js there is none to care for, as with the addon. */
export interface WorkerOptions {
  /** Milliseconds that it may be silent while it owes an answer; then it is ended with TIMEOUT. Default: no limit. */
  timeout?: number;
  /** Milliseconds without a request after which it ends; the next request loads the model again. */
  terminateOnIdle?: number;
  /** Tabs of one origin that load the same address in the same way share one loaded model. */
  shared?: boolean;
}

/** What a model's chat template can do, found by trying it when the model is loaded. */
export interface TemplateCapabilities {
  /** Shows system messages. Where false, they go before what the user says first. */
  system: boolean;
  /** Shows tools. Where false, a request with tools is refused with INVALID_ARGUMENT. */
  tools: boolean;
  /** Takes a user's content as a list of parts. Where false, the parts' texts are joined. */
  parts: boolean;
  /** Shows the `reasoning_content` of an assistant's message, under this name or another. */
  reasoning: boolean;
  /** Shows several tool calls of one message. Where false, they are refused with INVALID_ARGUMENT. */
  parallelCalls: boolean;
}

/** Numbers of tokens with a part of their own; what a vocabulary has not is missing. */
export interface VocabularyTokens {
  /** Begins a text, */
  bos?: number;
  /** and ends one, */
  eos?: number;
  /** or a turn of a conversation. */
  eot?: number;
  /**
   * Fill-in-the-middle: these three go before what precedes the middle, before what follows it, and before the middle
   * itself. A vocabulary has all three of them or none, and the others only with them.
   */
  fimPrefix?: number;
  fimSuffix?: number;
  fimMiddle?: number;
  fimPad?: number;
  /** Goes before a repository's name, */
  fimRepository?: number;
  /** and before another file of it. */
  fimFileSeparator?: number;
}

export type ModelTask = "generate" | "embed" | "rerank";

export interface ModelInfo {
  name: string;
  architecture: string;
  quantization: string;
  /** "" where the file does not say, as are `license` and `creator`. */
  license: string;
  creator: string;
  fileName: string;
  fileSize: number;
  /** Bytes of it that are never in memory as a whole: large tables of which rows are read when they are needed. */
  leftInFile: number;
  ggufVersion: number;
  parameterCount: number;
  layerCount: number;
  embeddingLength: number;
  headCount: number;
  headCountKv: number;
  /** Positions that the model was trained for. */
  contextLength: number;
  /** Positions of one conversation, as loaded. */
  contextSize: number;
  /**
   * Requests that run at once; more wait. Fewer than `maxSequences` asked for where each takes a state of megabytes.
   */
  maxSequences: number;
  vocabSize: number;
  ropeFrequencyBase: number;
  ropeFrequencyScale: number;
  /** How texts become vectors where `embed` is not told otherwise. */
  pooling: "mean" | "cls" | "last" | "rank";
  /** What it can be asked for; what it was made for comes first. */
  tasks: ModelTask[];
  tokenizer: string;
  tokens: VocabularyTokens;
  hasChatTemplate: boolean;
  /** Of the template in use: the file's own, or the one that stands in for it. */
  templateCapabilities: TemplateCapabilities;
  /** Bytes that keys and values of all positions take. */
  cacheBytes: number;
  /** Bytes that the draft model takes beside it, its keys and values included; 0 where there is none. */
  draftBytes: number;
  /** What computes: "cpu (AVX2, 4 threads)". Another, where an answer has lost the one that there was. */
  device: string;
  /** Why it is not the GPU that was asked for, or not for all layers, or why layers are streamed to it; "": it is. */
  deviceReason: string;
}

/** How a model is doing; tokens, steps and bytes are those since loading. */
export interface ModelStatistics {
  /** Layers in memory: all, unless weights are streamed, within a memoryLimit or to a GPU. */
  layersResident: number;
  /** Bytes of layers that were read, where they are streamed. */
  bytesRead: number;
  /** Milliseconds that computing has waited for them. */
  waitMs: number;
  /** Answers in the batch, */
  running: number;
  /** those that wait for a place in it, */
  waiting: number;
  /** and those that are held, since their readers do not keep up. */
  held: number;
  /** Positions of keys and values in all, */
  cachePositions: number;
  /** and those in use: by answers, or kept for later ones until they need room. */
  cachePositionsUsed: number;
  /** Batches that were computed for answers. */
  steps: number;
  /** Tokens of prompts that were computed, those of embeddings included. */
  promptTokens: number;
  /** Tokens of prompts that were found in the cache instead. */
  cachedTokens: number;
  /** Tokens of answers. */
  completionTokens: number;
}

/** What one of a GPU's kernels took, by its own clock. */
export interface KernelTime {
  kernel: string;
  calls: number;
  ms: number;
}

/** What `rerank` says of a document. */
export interface RankedDocument {
  /** Its place among those that were given. */
  index: number;
  /** How well it answers the query, from 0 to 1. */
  score: number;
}

/** A value of the file's metadata; of an array, its first elements. */
export type MetadataValue = string | number | boolean | { arrayOf: string; count: number; first: (string | number)[] };

/** A part of a message's content. Parts of other types than text are refused with INVALID_ARGUMENT. */
export interface ContentPart {
  type: "text";
  text: string;
}

export interface Message {
  role: "system" | "user" | "assistant" | "tool" | (string & {});
  /** A template that takes no parts gets their texts, joined as they are; null is no text. */
  content: string | ContentPart[] | null;
  [name: string]: unknown;
}

/**
 * What a tool does with a call's arguments. Its result goes back to the model: a string as it is, all else as JSON.
 * `signal` is aborted with the answer, which waits no longer then.
 */
// biome-ignore lint/suspicious/noExplicitAny: a tool knows the type of its own arguments
export type Execute = (args: any, call: { id: string; signal: AbortSignal }) => unknown;

/** A function that the model may call, as OpenAI's API describes it. */
export interface Tool {
  type: "function";
  function: { name: string; description?: string; parameters?: Record<string, unknown>; strict?: boolean };
  execute?: Execute;
}

/** The same in a record of tools by name. */
export interface NamedTool {
  description?: string;
  /** JSON schema of the arguments. */
  parameters?: Record<string, unknown>;
  /** Refuses the request with UNSUPPORTED where arguments cannot be held to the schema, instead of a warning. */
  strict?: boolean;
  execute?: Execute;
}

export interface ToolCall {
  /** The model's own, or one that is unique in the conversation. */
  id: string;
  name: string;
  /** An object, as a rule; a string where the model wrote no JSON. */
  arguments: unknown;
}

export interface ToolResult {
  id: string;
  name: string;
  /** What `execute` gave. */
  result?: unknown;
  /** Or why it failed, which the model is told, too. */
  error?: string;
}

/** By which a call grows. */
export interface ToolCallDelta {
  /** Which call of the answer, from 0. */
  index: number;
  /** With the name; where the model writes it last, with the end. */
  id?: string;
  /** With the first delta. */
  name?: string;
  /** JSON text that is added to the arguments. */
  arguments?: string;
  /** With the last one. */
  whole?: true;
}

export interface PromptOptions {
  /** What a user says. With `raw`, a text to go on from instead, without any template. */
  prompt?: string;
  raw?: boolean;
  /** Or a whole conversation. */
  messages?: Message[];
  /** Goes before the prompt or messages. */
  system?: string;
  /** What the model may call; see docs/tools.md. Those with `execute` are run, and their results given back. */
  tools?: Tool[] | Record<string, NamedTool>;
  /** "auto" (default), "none", "required" (any of the tools), or the name of the one that must be called. */
  toolChoice?: "auto" | "none" | "required" | (string & {});
  /** How many answers may follow one another where each calls tools that are run. Default 1. */
  maxSteps?: number;
  /** Leaves what the model thinks in the text, with the marks around it. */
  keepReasoning?: boolean;
  /** Further names for the model's chat template, such as { enable_thinking: false }. */
  templateVariables?: Record<string, unknown>;
  /**
   * What becomes of messages that leave less than a quarter of the context for the answer. "drop": the oldest turns are
   * left out until they leave it, each what a user said with all that followed; system messages at the beginning stay,
   * and so does the last turn. "error": CONTEXT_OVERFLOW where they do not fit at all. Default "error", in a Chat "drop".
   */
  whenFull?: "drop" | "error";
}

/** "tool-calls": as "stop", behind calls; `maxSteps` were enough for no answer to them, or a tool cannot be run here. */
export type FinishReason = "stop" | "tool-calls" | "length" | "cancelled";

export interface Usage {
  promptTokens: number;
  /** Of the prompt, taken over from an earlier request. */
  cachedTokens: number;
  completionTokens: number;
  /** By speculation, which makes an answer no other, only sooner. */
  draftedTokens: number;
  /** Of the drafted ones, those that came true. */
  acceptedTokens: number;
}

export interface Timings {
  queuedMs: number;
  prefillMs: number;
  decodeMs: number;
}

/** A token with the logarithm of its probability to the model, before anything that sampling changes. */
export interface TokenLogprob {
  id: number;
  /** A control token's name; U+FFFD for what is part of a character only. */
  text: string;
  /** The same as UTF-8, exact for parts of characters, too. */
  bytes: number[];
  /** The natural logarithm; -9999 stands for minus infinity. */
  logprob: number;
}

/** Of a token of the answer. */
export interface ChosenLogprob extends TokenLogprob {
  /** The likeliest in its place, best first: as many as `logprobs` asks for. */
  topLogprobs: TokenLogprob[];
}

/** One answer of several that follow one another by way of tools. */
export interface Step {
  text: string;
  /** What the model thought before, without the marks around it; "" for nothing. */
  reasoning: string;
  /** Calls that are whole. */
  toolCalls: ToolCall[];
  /** Of the calls whose tools have an `execute`. */
  toolResults: ToolResult[];
}

/** The text, reasoning, calls and results are those of the last step. */
export interface GenerateResult extends Step {
  /** All of them, the last one too. */
  steps: Step[];
  /** What the answer adds to the conversation. */
  messages: Message[];
  /** Of the answer's tokens, where `logprobs` asks for them. */
  logprobs?: ChosenLogprob[];
  finishReason: FinishReason;
  /** Of all steps together, as are the timings. */
  usage: Usage;
  timings: Timings;
  /** What its tokens were drawn with: the same again gives the same text. -1 where it was aborted before. */
  seed: number;
  /** Of the conversation, to fit the context: see whenFull. */
  turnsLeftOut: number;
  /** What is not kept as it was asked for: a tool's schema that holds nothing, since no grammar keeps it. */
  warnings: string[];
  /** Where `n` asks for several answers: all of them. */
  choices?: GenerateResult[];
}

/** A piece of an answer. */
export interface TextPart {
  type: "text";
  /** "" where a piece carries something else. */
  text: string;
  /** Of the tokens that have come since the last piece, where `logprobs` asks for them. */
  logprobs?: ChosenLogprob[];
}

/** Of what the model thinks before it answers. */
export interface ReasoningPart {
  type: "reasoning";
  text: string;
}

/** See GenerateResult.warnings. */
export interface WarningPart {
  type: "warning";
  message: string;
}

export type AnswerPart =
  | TextPart
  | ReasoningPart
  | WarningPart
  | ({ type: "toolCallDelta" } & ToolCallDelta)
  | ({ type: "toolCall" } & ToolCall)
  | ({ type: "toolResult" } & ToolResult);

export type StreamPart = AnswerPart | ({ type: "finish" } & GenerateResult);

/** What a platform's WebAssembly can do. */
export interface WasmFeatures {
  /** Needed by everything. */
  simd: boolean;
  relaxedSimd: boolean;
  /** The instructions; memory shared with other threads takes a page that is cross-origin isolated, too. */
  threads: boolean;
  memory64: boolean;
}

/**
 * The builds of the engine as WebAssembly.
 * "simd128": one thread, in every browser. "threads": relaxed SIMD and, on a cross-origin isolated page, threads.
 * "threads64": the same with a memory beyond 4 GiB, somewhat slower.
 */
export type ModuleName = "simd128" | "threads" | "threads64";
