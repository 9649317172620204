/** generateText and streamText: from options to tokens, from the engine's events to streams. */

import {
  type AnsweringModel,
  chat_json,
  type EngineExtras,
  type EngineGenerationOptions,
  type EngineResult,
  empty_result,
} from "./engine.js";
import { HearthError } from "./errors.js";
import { generation_options } from "./option_table.js";
import { check_options, check_value, conversation_options, plain_options } from "./options.js";
import { type Outcome, StreamedText } from "./streamed_text.js";
import type { GenerateResult, Message, PromptOptions, SamplingOptions } from "./types.js";

export interface GenerateOptions extends SamplingOptions, PromptOptions {
  model: AnsweringModel;
  signal?: AbortSignal;
}

export interface GenerateTextOptions extends GenerateOptions {
  /**
   * So many answers to the one prompt, which is read once: the result is the first, and all are its `choices`. Each draws
   * with a seed of its own: `seed`, `seed` + 1 and so on, where it is given. Default 1.
   */
  n?: number;
}

/** One answer, whole. Rejects with ABORTED or TIMEOUT when `signal` says so. */
export async function generateText(options: GenerateTextOptions): Promise<GenerateResult> {
  if (options?.n === undefined) return whole_answer(options).result;
  const { n, ...asked } = options;
  check_value("n", { type: "integer", least: 1, most: 1024 }, n);
  const { seed = -1 } = asked;
  const answers = Array.from({ length: n }, (_, index) =>
    whole_answer({ ...asked, seed: seed < 0 ? seed : seed + index }),
  );
  try {
    const choices = await Promise.all(answers.map(({ result }) => result));
    return { ...(choices[0] as GenerateResult), choices };
  } finally {
    for (const { abort } of answers) abort();
  }
}

function whole_answer(options: GenerateOptions): { result: Promise<GenerateResult>; abort: () => void } {
  const stream = start(options, { whole: true });
  const result = stream.result.then((ended) => {
    if (ended.finishReason === "cancelled") throw HearthError.aborted(options.signal);
    return ended;
  });
  return { result, abort: () => stream.abort() };
}

/**
 * One answer as it is written. An aborted stream ends where it is, and its `response` is what was given out; any other
 * failure is thrown to who reads it.
 */
export function streamText(options: GenerateOptions): StreamedText {
  return start(options, {});
}

function start(options: GenerateOptions, more: EngineGenerationOptions): StreamedText {
  check_options(options, generation_options, conversation_options, {
    model: { type: "object" },
    signal: { type: "object" },
  });
  const { model, signal, prompt, raw, messages, system, tools, templateVariables, whenFull, ...sampling } = options;
  if (!model) throw invalid("streamText and generateText need a model: { model, prompt }");
  model.requireOpen();
  const chosen: EngineGenerationOptions = { ...plain_options(sampling), ...more };
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

async function run(
  model: AnsweringModel,
  prompt: PromptOptions,
  options: EngineGenerationOptions,
  stream: StreamedText,
) {
  try {
    const { tokens, turnsLeftOut } = await prompt_tokens(model, prompt);
    if (stream.aborted) {
      const nothing = { ...empty_result("cancelled"), promptTokens: tokens.length, seed: options.seed ?? -1 };
      return stream.finish(outcome_of(nothing, turnsLeftOut));
    }
    const outcome = await new Promise<EngineOutcome>((resolve) => {
      const cancel = model.engine.generate(tokens, options, (text, last, { speculation, ...extras } = {}) => {
        if (text !== "" || extras.logprobs) stream.write({ type: "text", text, ...extras });
        if (last) resolve({ ...last, ...speculation });
      });
      stream.onAbort(cancel);
    });
    stream.finish(outcome_of(outcome, turnsLeftOut));
  } catch (error) {
    stream.fail(HearthError.from(error));
  }
}

type EngineOutcome = EngineResult & Partial<NonNullable<EngineExtras["speculation"]>>;

function outcome_of(result: EngineOutcome, turnsLeftOut: number): Outcome {
  const { finishReason, error, promptTokens, cachedTokens, completionTokens, queuedMs, prefillMs, decodeMs, seed } =
    result;
  const { draftedTokens = 0, acceptedTokens = 0 } = result;
  if (finishReason === "error") throw HearthError.from(error);
  return {
    finishReason,
    usage: { promptTokens, cachedTokens, completionTokens, draftedTokens, acceptedTokens },
    timings: { queuedMs, prefillMs, decodeMs },
    seed,
    turnsLeftOut,
  };
}

function check_prompt({ prompt, raw, messages, system }: PromptOptions): void {
  if ((prompt === undefined) === (messages === undefined)) throw invalid("give either a prompt or messages");
  if (raw && messages) throw invalid("raw goes with a prompt, not with messages");
  if (raw && system !== undefined) throw invalid("a raw prompt takes no system message: put it into the text");
}

function invalid(message: string): HearthError {
  return new HearthError("INVALID_ARGUMENT", message);
}

async function prompt_tokens(
  { engine }: AnsweringModel,
  prompt: PromptOptions,
): Promise<{ tokens: Int32Array; turnsLeftOut: number }> {
  if (prompt.raw) return { tokens: await engine.tokenize(prompt.prompt ?? "", true, false), turnsLeftOut: 0 };
  const messages: Message[] = prompt.messages ?? [{ role: "user", content: prompt.prompt ?? "" }];
  const system: Message[] = prompt.system === undefined ? [] : [{ role: "system", content: prompt.system }];
  const chat = chat_json({ ...prompt, messages: [...system, ...messages] });
  if (prompt.whenFull === "drop") {
    const { tokens, turnsLeftOut } = await engine.chatTokensThatFit(chat);
    return { tokens: Int32Array.from(tokens), turnsLeftOut };
  }
  return { tokens: await engine.chatTokens(chat), turnsLeftOut: 0 };
}
