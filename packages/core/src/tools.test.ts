/** The loop of tools, with an engine whose answers are written down. */

import { expect, test } from "vitest";
import type { AnsweringModel, EngineExtras, EngineModel, EngineResult } from "./engine.js";
import { generateText, streamText } from "./generate.js";

const figures = { promptTokens: 1, cachedTokens: 0, completionTokens: 1, queuedMs: 0, prefillMs: 0, decodeMs: 0 };

interface Answer {
  text?: string;
  extras?: EngineExtras;
}

/** Gives one answer after another, and keeps what it was asked. */
function model_that_says(...answers: Answer[]) {
  const chats: { messages: Record<string, unknown>[]; toolChoice?: string }[] = [];
  const engine = {
    chatTokens: async () => Int32Array.of(1),
    generate: (_tokens, { chat }, onEvent) => {
      chats.push(JSON.parse(chat ?? "{}"));
      const { text = "", extras } = answers[chats.length - 1] as Answer;
      const finishReason: EngineResult["finishReason"] = extras?.toolCalls ? "tool-calls" : "stop";
      queueMicrotask(() => onEvent(text, { finishReason, ...figures, seed: 7 }, extras));
      return () => {};
    },
  } as Partial<EngineModel> as EngineModel;
  return { model: { engine, requireOpen: () => {} } as unknown as AnsweringModel, chats };
}

const call = (name: string, args: string, index = 0): Answer => ({
  extras: { toolCalls: [{ index, id: `call${index}`, name, arguments: args, whole: true }] },
});

const asked = { prompt: "What time is it?", maxSteps: 3 };

test("a tool that is not there is an error that the model is told", async () => {
  const { model, chats } = model_that_says(call("sing", "{}"), { text: "I cannot sing." });
  const result = await generateText({ model, ...asked, tools: { clock: { execute: () => "noon" } } });
  const error = 'there is no tool "sing"';
  expect(result.steps[0]?.toolResults).toEqual([{ id: "call0", name: "sing", error }]);
  expect(chats[1]?.messages.at(-1)).toMatchObject({ role: "tool", content: `Error: ${error}`, tool_call_id: "call0" });
  expect([result.text, result.finishReason]).toEqual(["I cannot sing.", "stop"]);
});

test("what a tool throws, and arguments that are no object, are errors that the model is told", async () => {
  const { model } = model_that_says(call("clock", "{}"), call("clock", '{"zone": '), { text: "I do not know." });
  const clock = {
    execute: () => {
      throw new Error("it stands still");
    },
  };
  const { steps } = await generateText({ model, ...asked, tools: { clock } });
  expect(steps.map(({ toolResults }) => toolResults[0]?.error)).toEqual([
    "it stands still",
    "the arguments are no JSON object",
    undefined,
  ]);
});

test("the loop ends with tool-calls after maxSteps, or before a tool that cannot be run here", async () => {
  const clock = { execute: () => "noon" };
  const often = model_that_says(call("clock", "{}"), call("clock", "{}"), call("clock", "{}"));
  const ended = await generateText({ model: often.model, ...asked, tools: { clock }, toolChoice: "clock" });
  expect([ended.steps.length, ended.finishReason]).toEqual([3, "tool-calls"]);
  expect(often.chats.map(({ toolChoice }) => toolChoice)).toEqual(["clock", "auto", "auto"]);
  const elsewhere = model_that_says(call("clock", "{}"));
  const result = await generateText({ model: elsewhere.model, ...asked, tools: { clock: {} } });
  expect([result.steps.length, result.finishReason]).toEqual([1, "tool-calls"]);
  expect([result.toolCalls.length, result.toolResults]).toEqual([1, []]);
});

test("an answer that is aborted waits for no tool, and tells it", async () => {
  const { model } = model_that_says(call("clock", "{}"));
  let tell: (signal: AbortSignal) => void = () => {};
  const begun = new Promise<AbortSignal>((resolve) => {
    tell = resolve;
  });
  const clock = {
    execute: (_args: unknown, { signal }: { signal: AbortSignal }) => {
      tell(signal);
      return new Promise(() => {});
    },
  };
  const stream = streamText({ model, ...asked, tools: { clock } });
  const { result } = stream;
  const signal = await begun;
  expect(signal.aborted).toBe(false);
  stream.abort();
  expect(await result).toMatchObject({ finishReason: "cancelled", toolResults: [] });
  expect(signal.aborted).toBe(true);
});

test("warnings are told once, whatever number of steps they hold for", async () => {
  const warnings = ['the tool "clock": its schema holds nothing'];
  const first = call("clock", "{}");
  const { model } = model_that_says({ extras: { ...first.extras, warnings } }, { text: "noon", extras: { warnings } });
  const result = await generateText({ model, ...asked, tools: { clock: { execute: () => "noon" } } });
  expect([result.text, result.warnings]).toEqual(["noon", warnings]);
});

test("a model whose device was lost tells what computes it now", async () => {
  const computedBy = { device: "cpu (slow)", deviceReason: "the GPU went away" };
  const { model } = model_that_says({ text: "noon", extras: { computedBy } });
  Object.assign(model.engine, { info: { name: "clock", device: "gpu (quick)", deviceReason: "" } });
  await generateText({ model, prompt: "What time is it?" });
  expect(model.engine.info).toEqual({ name: "clock", ...computedBy });
});

test("streamText takes no n", () => {
  const { model } = model_that_says();
  expect(() => streamText({ model, prompt: "", n: 2 } as Parameters<typeof streamText>[0])).toThrow(
    /generateText takes n/,
  );
});
