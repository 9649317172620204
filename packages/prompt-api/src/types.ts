/** What users pass in, as the Prompt API's specification names it. */

export type Availability = "unavailable" | "downloadable" | "downloading" | "available";

export type LanguageModelSamplingMode = "most-predictable" | "predictable" | "balanced" | "creative" | "most-creative";

export type LanguageModelMessageRole = "system" | "user" | "assistant";

export type LanguageModelMessageType = "text" | "image" | "audio" | "tool-call" | "tool-response";

export interface LanguageModelMessageContent {
  type: LanguageModelMessageType;
  /** Of "text" a string. */
  value: unknown;
}

export interface LanguageModelMessage {
  role: LanguageModelMessageRole;
  content: string | LanguageModelMessageContent[];
  /** Of the last message, the assistant's: the answer goes on with it. */
  prefix?: boolean;
}

export type LanguageModelPrompt = string | LanguageModelMessage[];

export interface LanguageModelExpected {
  type: LanguageModelMessageType;
  languages?: string[];
}

export interface LanguageModelTool {
  name: string;
  description: string;
  /** JSON schema of the arguments, which are an object. */
  inputSchema: object;
  // biome-ignore lint/suspicious/noExplicitAny: a tool knows the type of its own arguments
  execute: (args: any) => Promise<string> | string;
}

/** Dispatches "downloadprogress", a ProgressEvent whose `loaded` is a fraction of 1. */
export interface CreateMonitor extends EventTarget {
  ondownloadprogress: ((event: ProgressEvent) => void) | null;
}

export interface LanguageModelCreateCoreOptions {
  samplingMode?: LanguageModelSamplingMode;
  /** Heeded where the polyfill's `samplingParameters` is set, as browsers heed them in extensions only. */
  topK?: number;
  temperature?: number;
  expectedInputs?: LanguageModelExpected[];
  expectedOutputs?: LanguageModelExpected[];
  tools?: LanguageModelTool[];
}

export interface LanguageModelCreateOptions extends LanguageModelCreateCoreOptions {
  signal?: AbortSignal;
  monitor?: (monitor: CreateMonitor) => void;
  initialPrompts?: LanguageModelMessage[];
}

export interface LanguageModelPromptOptions {
  /** A JSON schema, or a RegExp that matches the whole answer. */
  responseConstraint?: object;
  /** The model is not told of the constraint, only held to it. */
  omitResponseConstraintInput?: boolean;
  signal?: AbortSignal;
}

export interface LanguageModelAppendOptions {
  signal?: AbortSignal;
}

export interface LanguageModelCloneOptions {
  signal?: AbortSignal;
}

export interface LanguageModelParams {
  readonly defaultTopK: number;
  readonly maxTopK: number;
  readonly defaultTemperature: number;
  readonly maxTemperature: number;
}
