/** What workflows ask of models. */

import { HearthError } from "../errors.js";
import { streamText } from "../generate.js";
import type { Model } from "../model.js";
import { generation_options } from "../option_table.js";
import { check_options } from "../options.js";
import type { Message, SamplingOptions, Tool } from "../types.js";
import type { WorkflowEvent } from "./events.js";
import type { WorkflowOptions, WorkflowTask } from "./types.js";

/** Has `work` done with the model that a file calls `name`. */
export async function with_model<T>(
  models: WorkflowOptions["model"],
  name: string,
  task: WorkflowTask,
  work: (model: Model) => Promise<T>,
): Promise<T> {
  if (models === undefined) {
    throw new HearthError("INVALID_ARGUMENT", "the workflow asks a model, and none was given: give the option model");
  }
  if (typeof models === "function") {
    const model = await models(name, task);
    if (model) return work(model);
    throw new HearthError("NOT_FOUND", `the option model has no model for '${name}'`);
  }
  return "engine" in models ? work(models) : models.use(name || undefined, (model) => ({ done: work(model) })).done;
}

export interface GenerateRequest {
  model: string;
  messages: Message[];
  options: SamplingOptions;
  tools?: Tool[];
  /** Also as OpenAI's API has it. */
  toolChoice?: string | { function?: { name?: string } };
}

export interface CallContext {
  node: string;
  task: number;
  signal: AbortSignal;
  tell: (event: WorkflowEvent) => void | Promise<void>;
}

export async function generate(model: Model, request: GenerateRequest, { node, task, signal, tell }: CallContext) {
  const { messages, options, tools, toolChoice } = request;
  // Files have the engine's options alone, on every host.
  check_options(options, generation_options);
  const choice = typeof toolChoice === "object" ? toolChoice.function?.name : toolChoice;
  const stream = streamText({ ...options, model, messages, tools, toolChoice: choice, signal });
  for await (const text of stream) await tell({ event: "token", node, task, text });
  const { text, reasoning, toolCalls, finishReason, usage } = await stream.result;
  if (signal.aborted) throw HearthError.aborted(signal);
  const { promptTokens, cachedTokens, completionTokens } = usage;
  return {
    text,
    reasoning,
    toolCalls,
    finishReason,
    model: model.info.name,
    usage: { promptTokens, cachedTokens, completionTokens },
  };
}

/** The texts' tokens are what is embedded, so that they are counted. */
export async function embed(model: Model, { texts }: { texts: string[] }, { signal }: CallContext) {
  const tokens = await Promise.all(texts.map((text) => model.tokenize(text, { addSpecial: true })));
  const vectors = await model.embed(tokens, { signal });
  const promptTokens = tokens.reduce((sum, { length }) => sum + length, 0);
  return {
    embeddings: vectors.map((vector) => Array.from(vector)),
    model: model.info.name,
    usage: { promptTokens, completionTokens: 0 },
  };
}

/** The scores in the order of the documents. */
export async function rerank(model: Model, { query, documents }: { query: string; documents: string[] }) {
  const ranked = await model.rerank(query, documents);
  const scores = new Array<number>(documents.length).fill(0);
  for (const { index, score } of ranked) scores[index] = score;
  return { scores, model: model.info.name };
}

export async function tokenize(model: Model, { text }: { text: string }) {
  return { tokens: await model.tokenize(text, { addSpecial: true }) };
}
