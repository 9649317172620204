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
    name: "options that only JavaScript has, or can get wrong, by their names",
    run: async (platform) => {
      const wrong_load: [object, RegExp][] = [
        [{ useWorker: "no" }, /useWorker must be true or false, not 'no'/],
        [{ workerOptions: { timeOut: 5 } }, /no option 'timeOut'; the nearest is 'timeout'/],
      ];
      const wrong: [object, RegExp][] = [
        [{ temperature: Number.NaN }, /temperature .*not NaN/],
        [{ maxTokens: Infinity }, /maxTokens .*not Infinity/],
        [{ logitBias: new Map([[-1, 1]]) }, /logitBias: -1 is no token/],
        [{ logitBias: { 5: Infinity } }, /logitBias of token 5 .*not Infinity/],
      ];
      const refused = async (options: object, why: RegExp, work: () => Promise<unknown>) => {
        const { message } = await fails(platform, "INVALID_ARGUMENT", work);
        check(why.test(message), `"${message}" says what is wrong with ${JSON.stringify(options)}`);
      };
      for (const [options, why] of wrong_load) await refused(options, why, () => load(platform, options));
      await with_model(platform, async (model) => {
        for (const [options, why] of wrong) {
          await refused(options, why, () => platform.api.generateText({ model, prompt: "Hello", ...options }));
        }
        await fails(platform, "INVALID_ARGUMENT", () => model.tokenize("x", { special: true } as object));
        await fails(platform, "INVALID_ARGUMENT", () => model.tokenize(undefined as never));
        await fails(platform, "INVALID_ARGUMENT", () => platform.api.generateText(undefined as never));
      });
    },
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
