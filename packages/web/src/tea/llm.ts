/** One model for the page: loaded, asked, disposed. */

import { type GenerateResult, HearthError, type LoadProgress, type Model, streamText } from "@hearth/core";
import { loadModel } from "../load_model.js";
import { fetchManifest, file_of } from "./model_files.js";

export interface InitLlmConfig {
  /** The address of a GGUF file, or another source of loadModel's, */
  modelUrl?: string;
  /** or the folder of one with its manifest. */
  modelBasePath?: string;
  /** In bytes. */
  onProgress?: (loaded: number, total: number) => void;
  onReady?: () => void;
  /** Whether the model is kept for the next visit; default true. */
  useCache?: boolean;
  singleThread?: boolean;
  /** Default: as many as are good. */
  nThreads?: number;
  /** Nothing here computes on GPUs. */
  nGpuLayers?: number;
  /** Default 2048. */
  nCtx?: number;
  verbose?: boolean;
  /** The engine's files lie beside the package: nothing says where else. */
  assetPaths?: Record<string, string>;
  useCdn?: boolean;
}

export interface ChatOptions {
  /** Default 100. */
  maxTokens?: number;
  /** Default 0.7. */
  temperature?: number;
  /** Default 0.9. */
  topP?: number;
  /** Default 0: all. */
  topK?: number;
  stop?: string[];
  system?: string;
}

export interface ChatResponse {
  content: string;
  usage: { promptTokens: number; completionTokens: number; totalTokens: number };
}

export interface EmbedResponse {
  vector: Float32Array;
  dimension: number;
}

export type TokenCallback = (token: string) => void;

let model: Model | undefined;

/** Loads the model, in place of the one before. Without modelUrl and modelBasePath, none. */
export async function initLlm(config: InitLlmConfig = {}): Promise<void> {
  const { modelUrl, modelBasePath, onProgress, onReady, useCache = true, nCtx = 2048, verbose } = config;
  const { url, integrity } =
    modelBasePath === undefined
      ? { url: modelUrl, integrity: undefined }
      : file_of(modelBasePath, await fetchManifest(modelBasePath), false);
  if (url !== undefined) {
    const loaded = await loadModel(url, {
      integrity,
      contextSize: nCtx,
      threads: config.singleThread ? 1 : config.nThreads,
      cache: useCache,
      onProgress: ({ stage, loaded, total }: LoadProgress) => {
        if (stage === "download") onProgress?.(loaded, total);
      },
    });
    await disposeLlm();
    model = loaded;
    if (verbose) console.log(`TEA: ${model.info.name} is loaded, on ${model.info.device}`);
  }
  onReady?.();
}

export function isLlmReady(): boolean {
  return model !== undefined;
}

export async function disposeLlm(): Promise<void> {
  const disposed = model;
  model = undefined;
  await disposed?.dispose();
}

export async function chat(prompt: string, options: ChatOptions = {}): Promise<ChatResponse> {
  return chatStream(prompt, () => {}, options);
}

/** `onToken` gets the answer piece by piece. */
export async function chatStream(
  prompt: string,
  onToken: TokenCallback,
  options: ChatOptions = {},
): Promise<ChatResponse> {
  const { maxTokens = 100, temperature = 0.7, topP = 0.9, topK = 0, stop, system } = options;
  const sampling = { maxTokens, temperature, topP, topK, ...(stop && stop.length > 0 && { stop }) };
  const stream = streamText({ model: the_model(), prompt, system, ...sampling });
  for await (const text of stream) onToken(text);
  return response_of(await stream.result);
}

export async function embed(text: string): Promise<EmbedResponse> {
  const vector = await the_model().embed(text);
  return { vector, dimension: vector.length };
}

export function hasSharedArrayBuffer(): boolean {
  return typeof SharedArrayBuffer !== "undefined";
}

/** Whether the page is cross-origin isolated, as threads need it. */
export function hasCoopCoep(): boolean {
  return hasSharedArrayBuffer() && globalThis.crossOriginIsolated === true;
}

/** @internal */
export function the_model(): Model {
  if (model) return model;
  throw new HearthError("INVALID_ARGUMENT", "there is no model: call initLlm({ modelUrl }) first, or set_llm_handler");
}

function response_of({ text, usage: { promptTokens, completionTokens } }: GenerateResult): ChatResponse {
  const totalTokens = promptTokens + completionTokens;
  return { content: text, usage: { promptTokens, completionTokens, totalTokens } };
}
