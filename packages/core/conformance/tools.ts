/** Tools that the bundled model calls, and what comes of it. */

import type { StreamPart } from "../src/index.js";
import { type Case, check, equal, with_model } from "./platform.js";

const parameters = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const described = { description: "Tells the weather", parameters };
const question = { prompt: "What is the weather in Rome?", temperature: 0, maxTokens: 60 };
const listed = [{ type: "function" as const, function: { name: "weather", ...described } }];

export const tools: Case[] = [
  {
    name: "tool calls come as data, and grow while they are written",
    run: (platform) =>
      with_model(platform, async (model) => {
        const stream = platform.api.streamText({ model, ...question, tools: listed });
        const parts: StreamPart[] = [];
        for await (const part of stream.fullStream as unknown as AsyncIterable<StreamPart>) parts.push(part);
        const deltas = parts.filter((part) => part.type === "toolCallDelta");
        equal(deltas[0]?.name, "weather", "the first delta's name");
        const written = deltas.map((delta) => delta.arguments ?? "").join("");
        equal(JSON.parse(written), { city: "Rome" }, "the arguments as they grew");
        const { text, toolCalls, toolResults, finishReason } = await stream.result;
        equal([text, finishReason], ["", "tool-calls"], "what was said");
        equal(toolCalls, [{ id: "call00000", name: "weather", arguments: { city: "Rome" } }], "toolCalls");
        equal(toolResults, [], "toolResults of a tool that cannot be run");
      }),
  },
  {
    name: "tools with execute are run, and the model answers to their results, up to maxSteps",
    run: (platform) =>
      with_model(platform, async (model) => {
        const asked: unknown[] = [];
        const weather = {
          ...described,
          execute: (args: unknown, { id }: { id: string }) => {
            asked.push([args, id]);
            if (asked.length === 2) throw new Error("the sky is hidden");
            return { sky: "clear" };
          },
        };
        const result = await platform.api.generateText({ model, ...question, tools: { weather }, maxSteps: 2 });
        equal(result.steps.length, 2, "steps");
        equal(asked[0], [{ city: "Rome" }, "call00000"], "what the tool was given");
        const told = result.messages[1];
        equal(
          [told?.role, told?.content, told?.tool_call_id],
          ["tool", '{"sky":"clear"}', "call00000"],
          "the message of its result",
        );
        check(
          result.steps[1]?.toolResults.every(({ error }) => error === "the sky is hidden"),
          "what a tool throws becomes its result's error",
        );
        equal((await platform.api.generateText({ model, ...question, tools: { weather } })).steps.length, 1, "steps");
      }),
  },
  {
    name: "n answers each run the tools that they call",
    run: (platform) =>
      with_model(platform, async (model) => {
        const ids: string[] = [];
        const weather = {
          ...described,
          execute: (_args: unknown, { id }: { id: string }) => {
            ids.push(id);
            return "sunny";
          },
        };
        const options = { model, ...question, tools: { weather }, maxSteps: 2, n: 2 };
        const { choices = [] } = await platform.api.generateText(options);
        equal(choices.length, 2, "choices");
        for (const { steps } of choices) {
          equal([steps.length, steps[0]?.toolResults[0]?.result], [2, "sunny"], "what a choice was told");
        }
        check(ids.length >= 2, "each choice runs its own calls");
      }),
  },
];
