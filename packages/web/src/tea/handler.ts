/** Calls of models in JSON strings, by a handler of the page's own, or else the model of initLlm. */

import { HearthError } from "@hearth/core";
import { chat, embed } from "./llm.js";

export interface LlmParams {
  prompt: string;
  system?: string;
  /** Default 100. */
  max_tokens?: number;
  /** Default 0.7. */
  temperature?: number;
  /** Default 0.9. */
  top_p?: number;
  /** Default 0: all. */
  top_k?: number;
  model?: string;
  stop?: string[];
}

export interface LlmResponse {
  content: string;
  model?: string;
  usage?: { prompt_tokens: number; completion_tokens: number; total_tokens: number };
}

/**
 * Gets LlmParams as JSON and gives an LlmResponse as JSON; for a vector it gets { "action": "embed", "text" } and gives a list of
 * numbers, or an object with one as its `embedding`.
 */
export type LlmHandler = (paramsJson: string) => Promise<string>;

type State = Record<string, unknown>;

let handler: LlmHandler | undefined;

export function set_llm_handler(given: LlmHandler): void {
  handler = given;
}

export function clear_llm_handler(): void {
  handler = undefined;
}

export function has_llm_handler(): boolean {
  return handler !== undefined;
}

/** The state, as JSON, with the answer as its `llm_response`. */
export async function llm_call_async(paramsJson: string, stateJson: string): Promise<string> {
  const state = read<State>(stateJson, "the state");
  const params = read<LlmParams>(paramsJson, "the parameters");
  return JSON.stringify({ ...state, llm_response: await answer(params) });
}

/** The state, as JSON, with the vector as its `embedding`. */
export async function llm_embed_async(text: string, stateJson: string): Promise<string> {
  const state = read<State>(stateJson, "the state");
  const embedding = handler ? await ask(handler, { action: "embed", text }) : Array.from((await embed(text)).vector);
  return JSON.stringify({ ...state, embedding });
}

/** llm_call_async without JSON. */
export async function callLlm(params: LlmParams, state: State = {}): Promise<State> {
  return JSON.parse(await llm_call_async(JSON.stringify(params), JSON.stringify(state)));
}

/** llm_embed_async without JSON. */
export async function embedText(text: string, state: State = {}): Promise<State> {
  return JSON.parse(await llm_embed_async(text, JSON.stringify(state)));
}

async function answer(params: LlmParams): Promise<LlmResponse> {
  if (handler) return ask(handler, params);
  const { prompt, system, max_tokens: maxTokens, temperature, top_p: topP, top_k: topK, stop, model } = params;
  const { content, usage } = await chat(prompt, { maxTokens, temperature, topP, topK, stop, system });
  const { promptTokens: prompt_tokens, completionTokens: completion_tokens, totalTokens: total_tokens } = usage;
  return { content, model, usage: { prompt_tokens, completion_tokens, total_tokens } };
}

/** What workflows ask of the handler; undefined where there is none. */
export function by_handler(kind: string, request: unknown): Promise<unknown> | undefined {
  if (!handler) return undefined;
  if (kind === "generate") return generate(handler, request as GenerateRequest);
  if (kind === "embed") return embed_all(handler, request as { texts: string[] });
  return undefined;
}

interface GenerateRequest {
  model: string;
  messages: { role: string; content: string }[];
  options: { maxTokens?: number; temperature?: number; topP?: number; topK?: number; stop?: string[] };
}

async function generate(handler: LlmHandler, { model, messages, options }: GenerateRequest) {
  const last = (role: string) => messages.findLast((message) => message.role === role)?.content;
  const { maxTokens: max_tokens, temperature, topP: top_p, topK: top_k, stop } = options;
  const params = { prompt: last("user") ?? "", system: last("system"), messages };
  const sampling = { max_tokens, temperature, top_p, top_k, stop, model: model || undefined };
  const { content, usage, model: answered = model }: LlmResponse = await ask(handler, { ...params, ...sampling });
  const { prompt_tokens: promptTokens = 0, completion_tokens: completionTokens = 0 } = usage ?? {};
  return { text: content, finishReason: "stop", model: answered, usage: { promptTokens, completionTokens } };
}

async function embed_all(handler: LlmHandler, { texts }: { texts: string[] }) {
  const vectors = texts.map(async (text) => {
    const given: number[] | { embedding: number[] } = await ask(handler, { action: "embed", text });
    return Array.isArray(given) ? given : given.embedding;
  });
  return { embeddings: await Promise.all(vectors) };
}

async function ask<T>(handler: LlmHandler, params: object): Promise<T> {
  return read<T>(await handler(JSON.stringify(params)), "what the handler gave");
}

function read<T>(json: string, what: string): T {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new HearthError("INVALID_ARGUMENT", `${what}: no JSON: ${(error as Error).message}`, { cause: error });
  }
}
