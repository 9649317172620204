/** Tools and JSON, by `ai`. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { hearth } from "@hearth/ai-sdk";
import type { Model } from "@hearth/node";
import {
  DirectChatTransport,
  generateObject,
  generateText,
  isStepCount,
  Output,
  readUIMessageStream,
  streamObject,
  streamText,
  ToolLoopAgent,
  tool,
} from "ai";
import { z } from "zod";
import { load_spark } from "./models.js";

// They are looked at below.
globalThis.AI_SDK_LOG_WARNINGS = false;

let spark: Model;

before(async () => {
  spark = await load_spark();
});
after(() => spark.dispose());

const asked = (prompt: string) => ({ model: hearth(spark), temperature: 0, prompt });

function weather_tool() {
  const cities: string[] = [];
  const weather = tool({
    description: "Tells the weather",
    inputSchema: z.object({ city: z.string() }),
    execute: ({ city }) => {
      cities.push(city);
      return { sky: "clear" };
    },
  });
  return { cities, weather };
}

test("runs tools in several steps, and the model reads their results", async () => {
  const { cities, weather } = weather_tool();
  const options = { ...asked("What is the weather in Rome?"), tools: { weather }, stopWhen: isStepCount(2) };
  const { steps, response } = await generateText(options);
  assert.equal(steps.length, 2);
  assert.deepEqual(cities.slice(0, 1), ["Rome"]);
  assert.equal(steps[0]?.finishReason, "tool-calls");
  assert.deepEqual(steps[0]?.toolResults[0]?.output, { sky: "clear" });
  assert.equal(response.messages[0]?.role, "assistant");
  // The second prompt has the call and its result.
  assert.ok((steps[1]?.usage.inputTokens ?? 0) > (steps[0]?.usage.inputTokens ?? 0));
});

test("streams a call's arguments as they are written", async () => {
  const { cities, weather } = weather_tool();
  const result = streamText({ ...asked("What is the weather in Rome?"), tools: { weather } });
  let written = "";
  const types = new Set<string>();
  for await (const part of result.fullStream) {
    types.add(part.type);
    if (part.type === "tool-input-delta") written += part.delta;
  }
  assert.deepEqual(JSON.parse(written), { city: "Rome" });
  for (const type of ["tool-input-start", "tool-input-end", "tool-call", "tool-result"])
    assert.ok(types.has(type), type);
  assert.deepEqual(cities, ["Rome"]);
});

test("toolChoice: none, required, and a tool by its name", async () => {
  const { weather } = weather_tool();
  const time = tool({ description: "Tells the time", inputSchema: z.object({ zone: z.enum(["UTC", "CET"]) }) });
  const options = { ...asked("What is the weather in Rome?"), tools: { weather, time } };
  const none = await generateText({ ...options, toolChoice: "none" });
  assert.deepEqual(none.toolCalls, []);
  const named = await generateText({ ...options, toolChoice: { type: "tool", toolName: "time" } });
  assert.equal(named.toolCalls[0]?.toolName, "time");
  const required = await generateText({ ...options, prompt: "What is 2+2?", toolChoice: "required" });
  assert.equal(required.toolCalls.length > 0, true);
});

test("a tool that fails tells the model, which goes on", async () => {
  const weather = tool({
    description: "Tells the weather",
    inputSchema: z.object({ city: z.string() }),
    execute: (): string => {
      throw new Error("the sky is hidden");
    },
  });
  const options = { ...asked("What is the weather in Rome?"), tools: { weather }, stopWhen: isStepCount(2) };
  const { steps } = await generateText(options);
  assert.equal(steps.length, 2);
  assert.ok(steps[0]?.content.some(({ type }) => type === "tool-error"));
});

test("what Hearth cannot do with tools is a warning", async () => {
  const { weather } = weather_tool();
  const search = {
    type: "provider" as const,
    isProviderExecuted: true,
    id: "other.search" as const,
    args: {},
    inputSchema: z.object({}),
  };
  const output = Output.object({ schema: z.object({ city: z.enum(["Rome", "Oslo"]) }) });
  const options = { ...asked("Name a city"), tools: { weather, search: search as never }, output };
  const result = await generateText(options);
  const features = result.warnings?.map((warning) => ("feature" in warning ? warning.feature : warning.type));
  assert.deepEqual(features, ["the tool other.search", "tools beside JSON"]);
  assert.ok(["Rome", "Oslo"].includes(result.output.city));
});

const schema = z.object({ city: z.enum(["Rome", "Oslo"]), degrees: z.number().int().min(0).max(30) });

test("objects of a schema, whole", async () => {
  const { output } = await generateText({ ...asked("Name a city"), output: Output.object({ schema }) });
  assert.ok(schema.safeParse(output).success);
  const { object } = await generateObject({ ...asked("Name a city"), schema });
  assert.ok(schema.safeParse(object).success);
});

test("objects of a schema, as they grow", async () => {
  const result = streamText({ ...asked("Name a city"), output: Output.object({ schema }) });
  const partial: object[] = [];
  for await (const object of result.partialOutputStream) partial.push(object);
  assert.deepEqual(partial.at(-1), await result.output);
  const streamed = streamObject({ ...asked("Name a city"), schema });
  let last: unknown;
  for await (const object of streamed.partialObjectStream) last = object;
  assert.deepEqual(last, await streamed.object);
  assert.ok(schema.safeParse(last).success);
});

test("one of several choices, lists, and JSON without a schema", async () => {
  const choice = Output.choice({ options: ["sunny", "rainy"] });
  assert.match((await generateText({ ...asked("How is it?"), output: choice })).output, /^(sunny|rainy)$/);
  const list = Output.array({ element: z.enum(["a", "b"]) });
  const { output } = await generateText({
    ...asked("Letters"),
    output: list,
    maxOutputTokens: 200,
    temperature: 1,
    seed: 1,
  });
  assert.ok(output.every((letter) => letter === "a" || letter === "b"));
});

test("an agent answers the chats of ai's own interface, without a server", async () => {
  const { weather } = weather_tool();
  const agent = new ToolLoopAgent({
    model: hearth(spark),
    temperature: 0,
    tools: { weather },
    stopWhen: isStepCount(2),
  });
  const transport = new DirectChatTransport({ agent });
  const question = {
    id: "1",
    role: "user" as const,
    parts: [{ type: "text" as const, text: "What is the weather in Rome?" }],
  };
  const stream = await transport.sendMessages({
    trigger: "submit-message",
    chatId: "chat",
    messageId: undefined,
    messages: [question],
    abortSignal: undefined,
  });
  let last: { parts: { type: string }[] } = { parts: [] };
  for await (const message of readUIMessageStream({ stream })) last = message;
  const calls = last.parts.filter(({ type }) => type === "tool-weather");
  assert.ok(calls.length > 0);
  assert.deepEqual(calls[0], {
    ...calls[0],
    state: "output-available",
    input: { city: "Rome" },
    output: { sky: "clear" },
  });
});
