/** generateText and streamText: from options to tokens, from the engine's events to streams. */

import type { EngineGenerationOptions, EngineResult } from "./engine.js";
import { HearthError } from "./errors.js";
import { chat_json, type Model } from "./model.js";
import { StreamedText } from "./streamed_text.js";
import type { GenerateOptions, GenerateResult, Message, PromptOptions, SamplingOptions } from "./types.js";

/** One answer, whole. Rejects with ABORTED or TIMEOUT when `signal` says so. */
export async function generateText(options: GenerateOptions): Promise<GenerateResult> {
  const result = await start(options, { whole: true }).result;
  if (result.finishReason === "cancelled") throw HearthError.aborted(options.signal);
  return result;
}

/**
 * One answer as it is written. An aborted stream ends where it is, and its `response` is what was written; any other
 * failure is thrown to who reads it.
 */
export function streamText(options: GenerateOptions): StreamedText {
  return start(options, {});
}

function start(options: GenerateOptions, more: EngineGenerationOptions): StreamedText {
  const { model, signal, prompt, raw, messages, system, tools, templateVariables, whenFull, ...sampling } = options;
  if (!model) throw new HearthError("INVALID_ARGUMENT", "streamText and generateText need a model: { model, prompt }");
  model.requireOpen();
  const chosen: EngineGenerationOptions = { ...engine_options(sampling), ...more };
  chosen.continuesText = raw === true && prompt !== undefined && prompt !== "";
  const conversation = { prompt, raw, messages, system, tools, templateVariables, whenFull };
  check_prompt(conversation);

  const stream = new StreamedText();
  const abort = () => stream.abort();
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort, { once: true });
  void run(model, conversation, chosen, stream).finally(() => signal?.removeEventListener("abort", abort));
  return stream;
}

async function run(model: Model, prompt: PromptOptions, options: EngineGenerationOptions, stream: StreamedText) {
  try {
    const { tokens, turnsLeftOut } = await prompt_tokens(model, prompt);
    if (stream.aborted) return stream.finish("cancelled", { ...no_result, promptTokens: tokens.length, turnsLeftOut });
    const result = await new Promise<EngineResult>((resolve) => {
      const cancel = model.engine.generate(tokens, options, (text, last) => {
        if (text !== "") stream.write(text);
        if (last) resolve(last);
      });
      stream.onAbort(cancel);
    });
    if (result.finishReason === "error") throw HearthError.from(result.error);
    stream.finish(result.finishReason, { ...result, turnsLeftOut });
  } catch (error) {
    stream.fail(HearthError.from(error));
  }
}

const no_result = { promptTokens: 0, cachedTokens: 0, completionTokens: 0, queuedMs: 0, prefillMs: 0, decodeMs: 0 };

function check_prompt({ prompt, raw, messages, system, whenFull }: PromptOptions): void {
  const invalid = (message: string) => new HearthError("INVALID_ARGUMENT", message);
  if ((prompt === undefined) === (messages === undefined)) throw invalid("give either a prompt or messages");
  if (prompt !== undefined && typeof prompt !== "string") throw invalid("prompt must be a string");
  if (messages !== undefined && !Array.isArray(messages)) throw invalid("messages must be an array");
  if (raw && messages) throw invalid("raw goes with a prompt, not with messages");
  if (raw && system !== undefined) throw invalid("a raw prompt takes no system message: put it into the text");
  if (![undefined, "drop", "error"].includes(whenFull)) {
    throw invalid(`whenFull must be "drop" or "error", not ${String(whenFull)}`);
  }
}

async function prompt_tokens(
  { engine }: Model,
  prompt: PromptOptions,
): Promise<{ tokens: Int32Array; turnsLeftOut: number }> {
  if (prompt.raw) return { tokens: await engine.tokenize(prompt.prompt ?? "", true, false), turnsLeftOut: 0 };
  const messages: Message[] = prompt.messages ?? [{ role: "user", content: prompt.prompt ?? "" }];
  const system: Message[] = prompt.system === undefined ? [] : [{ role: "system", content: prompt.system }];
  const chat = chat_json({ ...prompt, messages: [...system, ...messages] });
  if (prompt.whenFull === "drop") return engine.chatTokensThatFit(chat);
  return { tokens: await engine.chatTokens(chat), turnsLeftOut: 0 };
}

/** Of the design, and not there yet: who asks for them must not get an answer that pays no heed. */
const missing_options = ["grammar", "jsonSchema"];

const number_options = [
  "maxTokens",
  "temperature",
  "topK",
  "topP",
  "minP",
  "repetitionPenalty",
  "frequencyPenalty",
  "presencePenalty",
  "penaltyWindow",
  "seed",
] as const;

/** Options in the engine's form. It checks their ranges; names and types are checked here. */
export function engine_options(options: SamplingOptions): EngineGenerationOptions {
  const { stop, stopTokens, logitBias, ignoreEnd, ...numbers } = options;
  const chosen: EngineGenerationOptions = {};
  for (const [name, value] of Object.entries(numbers)) {
    if (value === undefined) continue;
    if (missing_options.includes(name)) {
      throw new HearthError("UNSUPPORTED", `${name}: this version cannot hold an answer to a grammar or a schema`);
    }
    const known = number_options.find((option) => option === name);
    if (!known) {
      const all = [...number_options, "stop", "stopTokens", "logitBias", "ignoreEnd"].join(", ");
      throw new HearthError("INVALID_ARGUMENT", `unknown option '${name}'; there are ${all}`);
    }
    if (typeof value !== "number" || Number.isNaN(value)) {
      throw new HearthError("INVALID_ARGUMENT", `${name} must be a number, not ${String(value)}`);
    }
    chosen[known] = value;
  }
  if (stop !== undefined) chosen.stop = check_texts("stop", typeof stop === "string" ? [stop] : stop);
  if (stopTokens !== undefined) chosen.stopTokens = Int32Array.from(stopTokens);
  if (logitBias !== undefined) {
    const pairs = logitBias instanceof Map ? [...logitBias] : Object.entries(logitBias);
    chosen.logitBias = pairs.map(([token, bias]) => [Number(token), bias]);
  }
  if (ignoreEnd !== undefined) chosen.ignoreEnd = ignoreEnd;
  return chosen;
}

function check_texts(name: string, texts: string[]): string[] {
  if (Array.isArray(texts) && texts.every((text) => typeof text === "string")) return texts;
  throw new HearthError("INVALID_ARGUMENT", `${name} must be a string or an array of strings`);
}
