/** What goes wrong, and under which code. */

import { type Case, check, fails, load, with_model } from "./platform.js";

export const errors: Case[] = [
  {
    name: "a file that is missing, and one that is no model",
    run: async (platform) => {
      await fails(platform, "NOT_FOUND", () => platform.api.loadModel(platform.missing as never));
      await fails(platform, "INVALID_MODEL", () => platform.api.loadModel(platform.broken as never));
    },
  },
  {
    name: "loading can be aborted, before and while",
    run: async (platform) => {
      await fails(platform, "ABORTED", () => load(platform, { signal: AbortSignal.abort() }));
      const controller = new AbortController();
      const onProgress = () => controller.abort();
      // It may be too late for a small model; nothing is left open either way.
      await load(platform, { signal: controller.signal, onProgress }).then(
        (model) => model.dispose(),
        (error: { code?: string }) => check(error.code === "ABORTED", `ABORTED, not ${String(error)}`),
      );
    },
  },
  {
    name: "options that make no sense",
    run: async (platform) => {
      await fails(platform, "INVALID_ARGUMENT", () => load(platform, { contextSize: -5 }));
      await fails(platform, "INVALID_ARGUMENT", () => load(platform, { kvType: "q9" as never }));
      await with_model(platform, async (model) => {
        const ask = (options: object) => () => platform.api.generateText({ model, prompt: "Hello", ...options });
        await fails(platform, "INVALID_ARGUMENT", ask({ temperature: -1 }));
        await fails(platform, "INVALID_ARGUMENT", ask({ temperature: "hot" }));
        await fails(platform, "INVALID_ARGUMENT", ask({ maxTokens: 0 }));
        await fails(platform, "INVALID_ARGUMENT", ask({ messages: [] }));
        await fails(platform, "INVALID_ARGUMENT", ask({ max_tokens: 5 }));
        await fails(platform, "INVALID_ARGUMENT", ask({ stop: [""] }));
        await fails(platform, "INVALID_ARGUMENT", ask({ stop: 5 }));
        await fails(platform, "UNSUPPORTED", ask({ grammar: 'root ::= "yes" | "no"' }));
        await fails(platform, "UNSUPPORTED", ask({ jsonSchema: { type: "object" } }));
      });
    },
  },
  {
    name: "a prompt longer than the context",
    run: (platform) =>
      with_model(
        platform,
        async (model) => {
          const prompt = "one two three ".repeat(200);
          await fails(platform, "CONTEXT_OVERFLOW", () => platform.api.generateText({ model, prompt }));
        },
        { contextSize: 64 },
      ),
  },
  {
    name: "a disposed model, while it writes and afterwards",
    run: async (platform) => {
      const model = await load(platform);
      const stream = platform.api.streamText({ model, prompt: "Hello", maxTokens: -1, ignoreEnd: true });
      const reader = stream.textStream.getReader();
      await reader.read();
      await model.dispose();
      await fails(platform, "DISPOSED", async () => {
        while (!(await reader.read()).done);
        await stream.response;
      });
      await fails(platform, "DISPOSED", () => model.tokenize("x"));
      await fails(platform, "DISPOSED", () => platform.api.generateText({ model, prompt: "Hello" }));
    },
  },
];
