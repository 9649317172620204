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
import { AnswerReader, messages_of, run_call, tool_list } from "./tools.js";
import type { GenerateResult, Message, PromptOptions, SamplingOptions, Tool, ToolResult } from "./types.js";

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
  if (options && "n" in options) {
    throw invalid("streamText writes one answer: generateText takes n, and several streams of one prompt read it once");
  }
  return start(options, {});
}

function start(options: GenerateOptions, more: EngineGenerationOptions): StreamedText {
  check_options(options, generation_options, conversation_options, {
    model: { type: "object" },
    signal: { type: "object" },
  });
  const { model, signal, prompt, raw, messages, system, templateVariables, whenFull, ...others } = options;
  const { tools, toolChoice, keepReasoning, maxSteps = 1, ...sampling } = others;
  if (!model) throw invalid("streamText and generateText need a model: { model, prompt }");
  model.requireOpen();
  const chosen: EngineGenerationOptions = { ...plain_options(sampling), ...more };
  chosen.continuesText = raw === true && prompt !== undefined && prompt !== "";
  check_prompt({ prompt, raw, messages, system });

  const stream = new StreamedText();
  const abort = () => stream.abort();
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort, { once: true });
  const conversation: Conversation = {
    raw: raw ? (prompt ?? "") : undefined,
    messages: [
      ...(system === undefined ? [] : [{ role: "system", content: system }]),
      ...(messages ?? [{ role: "user", content: prompt ?? "" }]),
    ],
    tools: tool_list(tools),
    toolChoice,
    keepReasoning,
    templateVariables,
    whenFull,
  };
  void run(model, conversation, { ...chosen }, stream, maxSteps).finally(() =>
    signal?.removeEventListener("abort", abort),
  );
  return stream;
}

interface Conversation extends Omit<PromptOptions, "raw" | "prompt" | "system" | "maxSteps"> {
  /** A text to go on from, instead of the messages. */
  raw: string | undefined;
  messages: Message[];
  tools: Tool[] | undefined;
}

/** Answers, has tools run, and answers again, until the model calls none that can be run, or has done so often enough. */
async function run(
  model: AnsweringModel,
  conversation: Conversation,
  options: EngineGenerationOptions,
  stream: StreamedText,
  maxSteps: number,
) {
  try {
    let outcome = await answer(model, conversation, options, stream);
    let { messages } = conversation;
    for (let steps = 1; await run_calls(stream, conversation.tools ?? []); ++steps) {
      if (steps === maxSteps || stream.aborted) break;
      messages = [...messages, ...messages_of(stream.step)];
      stream.begin_step();
      // What had to be called has been.
      const next = await answer(model, { ...conversation, messages, toolChoice: "auto" }, options, stream);
      outcome = { ...next, usage: sum(outcome.usage, next.usage), timings: sum(outcome.timings, next.timings) };
    }
    stream.finish(outcome);
  } catch (error) {
    stream.fail(HearthError.from(error));
  }
}

/** Whether all calls of the step were run, and there were any. */
async function run_calls(stream: StreamedText, tools: Tool[]): Promise<boolean> {
  const { toolCalls } = stream.step;
  if (stream.aborted || toolCalls.length === 0) return false;
  const controller = new AbortController();
  const { signal } = controller;
  stream.onAbort(() => controller.abort());
  const aborted = new Promise<(ToolResult | undefined)[]>((resolve) =>
    signal.addEventListener("abort", () => resolve([]), { once: true }),
  );
  const results = await Promise.race([aborted, Promise.all(toolCalls.map((call) => run_call(tools, call, signal)))]);
  const given = results.filter((result) => result !== undefined);
  stream.write(...given.map((result) => ({ type: "toolResult" as const, ...result })));
  return given.length === toolCalls.length;
}

function sum<Figures extends object>(first: Figures, second: Figures): Figures {
  const added = Object.entries(first).map(([name, figure]) => [name, figure + second[name as keyof Figures]]);
  return Object.fromEntries(added);
}

async function answer(
  model: AnsweringModel,
  conversation: Conversation,
  options: EngineGenerationOptions,
  stream: StreamedText,
): Promise<Outcome> {
  const { tokens, turnsLeftOut, chat } = await prompt_or_nothing(model, conversation, stream);
  if (stream.aborted) {
    const nothing = { ...empty_result("cancelled"), promptTokens: tokens.length, seed: options.seed ?? -1 };
    return outcome_of(nothing, turnsLeftOut);
  }
  const reader = new AnswerReader();
  const outcome = await new Promise<EngineOutcome>((resolve) => {
    const asked = chat === undefined ? options : { ...options, chat };
    const cancel = model.engine.generate(tokens, asked, (text, last, { speculation, computedBy, ...extras } = {}) => {
      if (computedBy) Object.assign(model.engine.info, computedBy);
      stream.write(...reader.parts(text, extras));
      if (last) resolve({ ...last, ...speculation });
    });
    stream.onAbort(cancel);
  });
  return outcome_of(outcome, turnsLeftOut);
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

interface Prompt {
  tokens: Int32Array;
  turnsLeftOut: number;
  /** What was answered, as the engine takes it. */
  chat?: string;
}

/** The prompt, or an empty one where the stream was aborted before it was there. */
async function prompt_or_nothing(
  model: AnsweringModel,
  conversation: Conversation,
  stream: StreamedText,
): Promise<Prompt> {
  const waiting = new AbortController();
  stream.onAbort(() => waiting.abort());
  try {
    return await prompt_of(model, conversation, waiting.signal);
  } catch (error) {
    if (!stream.aborted) throw error;
    return { tokens: new Int32Array(), turnsLeftOut: 0 };
  }
}

async function prompt_of({ engine }: AnsweringModel, conversation: Conversation, signal: AbortSignal): Promise<Prompt> {
  if (conversation.raw !== undefined) {
    return { tokens: await engine.tokenize(conversation.raw, true, false, signal), turnsLeftOut: 0 };
  }
  const chat = chat_json(conversation);
  if (conversation.whenFull === "drop") {
    const { tokens, turnsLeftOut } = await engine.chatTokensThatFit(chat, signal);
    return { tokens: Int32Array.from(tokens), turnsLeftOut, chat };
  }
  return { tokens: await engine.chatTokens(chat, signal), turnsLeftOut: 0, chat };
}
