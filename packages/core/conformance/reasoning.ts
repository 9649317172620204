/** What a model thinks before it answers. */

import type { GenerateOptions } from "../src/index.js";
import { type Case, check, equal, type Platform, with_model } from "./platform.js";

const asked = { prompt: "What is 3 plus 4?", temperature: 0, maxTokens: 40, ignoreEnd: true };

/** Answers of a model that thinks and never ends that by itself. */
async function with_thinking(
  platform: Platform,
  work: (ask: (options: Partial<GenerateOptions>) => ReturnType<Platform["api"]["generateText"]>) => Promise<void>,
): Promise<void> {
  const model = await platform.thinking();
  await with_model({ ...platform, model }, (thinking) =>
    work((options) => platform.api.generateText({ model: thinking, ...asked, ...options })),
  );
}

export const reasoning: Case[] = [
  {
    name: "reasoning comes apart from the text, until reasoningBudget ends it",
    run: (platform) =>
      with_thinking(platform, async (ask) => {
        const free = await ask({});
        check(free.reasoning.length > 10, `"${free.reasoning}" is thought`);
        equal([free.text, free.finishReason], ["", "length"], "what is said");
        const short = await ask({ reasoningBudget: 3 });
        check(
          short.reasoning !== "" && free.reasoning.startsWith(short.reasoning),
          "as much as was allowed is thought",
        );
        check(short.text.length > 10, `"${short.text}" is said`);
        equal((await ask({ reasoningBudget: -1 })).reasoning, free.reasoning, "without a budget");
        const none = await ask({ reasoningBudget: 0 });
        check(none.reasoning === "" && none.text.length > 10, "nothing is thought");
        check((await ask({ keepReasoning: true })).text.includes(free.reasoning), "reasoning that is kept in the text");
      }),
  },
  {
    name: "what an answer is held to begins behind the reasoning",
    run: (platform) =>
      with_thinking(platform, async (ask) => {
        const { text, reasoning, finishReason } = await ask({ choices: ["seven", "eight"], reasoningBudget: 3 });
        check(reasoning !== "", "something is thought");
        check(text === "seven" || text === "eight", `"${text}" is one of the choices`);
        equal(finishReason, "stop", "finishReason");
      }),
  },
];
