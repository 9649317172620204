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
    name: "options of loading that make no sense, by their names",
    run: async (platform) => {
      const wrong: [object, RegExp][] = [
        [{ contextSize: -5 }, /contextSize must be a whole number from 1 to .*, not -5/],
        [{ contextSize: 1.5 }, /contextSize .*not 1.5/],
        [{ threads: 1e9 }, /threads .*1024/],
        [{ threads: "2" }, /threads .*not '2'/],
        [{ memoryLimit: -1 }, /memoryLimit .*not -1/],
        [{ maxSequences: 0 }, /maxSequences .*not 0/],
        [{ kvType: "q9" }, /kvType must be one of f16, f32, q8_0, q4_0, not 'q9'/],
        [{ useWorker: "no" }, /useWorker must be true or false, not 'no'/],
        [{ context_size: 512 }, /no option 'context_size'; the nearest is 'contextSize'/],
        [{ workerOptions: { timeOut: 5 } }, /no option 'timeOut'; the nearest is 'timeout'/],
      ];
      for (const [options, why] of wrong) {
        const { message } = await fails(platform, "INVALID_ARGUMENT", () => load(platform, options));
        check(why.test(message), `"${message}" says what is wrong with ${JSON.stringify(options)}`);
      }
    },
  },
  {
    name: "options of generating that make no sense, by their names",
    run: (platform) =>
      with_model(platform, async (model) => {
        const wrong: [object, RegExp][] = [
          [{ temperature: -1 }, /temperature must be a number from 0 to 100 .*, not -1/],
          [{ temperature: "hot" }, /temperature .*not 'hot'/],
          [{ temperature: Number.NaN }, /temperature .*not NaN/],
          [{ maxTokens: 0 }, /maxTokens .*\(-1: until the context is full\), not 0/],
          [{ maxTokens: Infinity }, /maxTokens .*not Infinity/],
          [{ topK: 1e12 }, /topK .*not 1000000000000/],
          [{ topK: 1.5 }, /topK must be a whole number .*not 1.5/],
          [{ seed: 2 ** 53 }, /seed .*9007199254740991/],
          [{ seed: 1.5 }, /seed .*not 1.5/],
          [{ ignoreEnd: 1 }, /ignoreEnd must be true or false/],
          [{ stop: [""] }, /stop .*none of them empty/],
          [{ stop: 5 }, /stop .*not 5/],
          [{ samplers: ["topK", "top_p"] }, /samplers must be .*different names among penalties, dry, /],
          [{ samplers: ["topK", "topK"] }, /samplers must be .*different names/],
          [{ mirostat: 3 }, /mirostat must be a whole number from 0 to 2/],
          [{ stopTokens: [1.5] }, /stopTokens .*whole numbers from 0/],
          [{ stopTokens: [99999999] }, /99999999/],
          [{ logitBias: { foo: 100 } }, /logitBias: 'foo' is no token/],
          [{ logitBias: { "": 1 } }, /logitBias: '' is no token/],
          [{ logitBias: { "875x": 1 } }, /logitBias: '875x' is no token/],
          [{ logitBias: { "1.5": 1 } }, /logitBias: '1.5' is no token/],
          [{ logitBias: new Map([[-1, 1]]) }, /logitBias: -1 is no token/],
          [{ logitBias: { 5: Infinity } }, /logitBias of token 5 .*not Infinity/],
          [{ logitBias: { 99999999: 1 } }, /99999999/],
          [{ max_tokens: 5 }, /no option 'max_tokens'; the nearest is 'maxTokens'/],
          [{ temprature: 1 }, /no option 'temprature'; the nearest is 'temperature'/],
          [{ prompt: 5 }, /prompt must be a string, not 5/],
          [{ messages: [] }, /either a prompt or messages/],
        ];
        for (const [options, why] of wrong) {
          const ask = () => platform.api.generateText({ model, prompt: "Hello", ...options });
          const { message } = await fails(platform, "INVALID_ARGUMENT", ask);
          check(why.test(message), `"${message}" says what is wrong with ${JSON.stringify(options)}`);
        }
        await fails(platform, "INVALID_ARGUMENT", () => model.createChat({ sytem: "Be kind." } as object));
        await fails(platform, "INVALID_ARGUMENT", () => model.tokenize("x", { special: true } as object));
        await fails(platform, "INVALID_ARGUMENT", () => model.embed("x", { pooling: "max" as never }));
        await fails(platform, "INVALID_ARGUMENT", () => model.tokenize(undefined as never));
        await fails(platform, "INVALID_ARGUMENT", () => model.embed(["x", 5 as never]));
        await fails(platform, "INVALID_ARGUMENT", () => model.detokenize([1.5]));
        await fails(platform, "INVALID_ARGUMENT", () => platform.api.generateText(undefined as never));
      }),
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
