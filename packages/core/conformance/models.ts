/** Loading, information and text. */

import type { LoadProgress } from "../src/index.js";
import { type Case, check, equal, fails, load, with_model } from "./platform.js";

export const models: Case[] = [
  {
    name: "model.statistics counts tokens as usage does",
    run: (platform) =>
      with_model(platform, async (model) => {
        const fresh = await model.statistics();
        check(fresh.cachePositions >= model.info.contextSize, "positions for a conversation");
        equal([fresh.cachePositionsUsed, fresh.steps, fresh.promptTokens], [0, 0, 0], "what is used at first");
        const prompt = "Tell me a story about a dog and a cat. ".repeat(8);
        const counted = { promptTokens: 0, cachedTokens: 0, completionTokens: 0 };
        for (const maxTokens of [5, 10]) {
          const options = { model, prompt, temperature: 0, ignoreEnd: true, maxTokens };
          const { usage } = await platform.api.generateText(options);
          counted.promptTokens += usage.promptTokens - usage.cachedTokens;
          counted.cachedTokens += usage.cachedTokens;
          counted.completionTokens += usage.completionTokens;
        }
        const after = await model.statistics();
        const { promptTokens, cachedTokens, completionTokens } = after;
        equal({ promptTokens, cachedTokens, completionTokens }, counted, "tokens");
        check(after.cachedTokens > 0 && after.steps > 10 && after.cachePositionsUsed > 0, "what was done");
        equal([after.running, after.waiting, after.held], [0, 0, 0], "what is left to do");
        await model.embed("What is 3 plus 4?");
        check((await model.statistics()).promptTokens > after.promptTokens, "embeddings count");
      }),
  },
  {
    name: "model.metadata gives every key of the file",
    run: (platform) =>
      with_model(platform, async (model) => {
        const metadata = await model.metadata(3);
        equal(metadata["general.architecture"], model.info.architecture, "general.architecture");
        const tokens = metadata["tokenizer.ggml.tokens"];
        check(typeof tokens === "object", "an array is described");
        equal([tokens.count, tokens.first.length], [model.info.vocabSize, 3], "an array's elements");
        const all = (await model.metadata(Infinity))["tokenizer.ggml.tokens"];
        check(typeof all === "object" && all.first.length === all.count, "every element, if asked for");
        await fails(platform, "INVALID_ARGUMENT", () => model.metadata(-1));
      }),
  },
  {
    name: "onProgress goes through the stages, in order, to ready",
    run: async (platform) => {
      const seen: LoadProgress[] = [];
      await with_model(platform, async () => {}, { onProgress: (progress) => seen.push(progress) });
      const order = ["check_cache", "download", "verify", "store", "read", "parse", "initialize", "ready"];
      for (const { stage, loaded, total } of seen) {
        check(order.includes(stage), `${stage} is a stage`);
        check(loaded >= 0 && loaded <= total, `${loaded} of ${total} in ${stage}`);
      }
      equal(seen.at(-1)?.stage, "ready", "the last stage");
      check(
        seen.some(({ stage }) => stage === "parse"),
        "parse was seen",
      );
    },
  },
  {
    name: "a cut emoji is read as U+FFFD, wherever it stands",
    run: (platform) =>
      with_model(platform, async (model) => {
        const cut = "a \\ud83d \ud83d\n";
        const read = "a \\ud83d \ufffd\n";
        equal(await model.tokenize(cut), await model.tokenize(read), "its tokens");
        const chat = (text: string) => [
          { role: "system", content: text },
          { role: "user", content: text, name: text },
        ];
        equal(await model.applyChatTemplate(chat(cut)), await model.applyChatTemplate(chat(read)), "the prompt");
        equal(await model.countTokens(chat(cut)), await model.countTokens(chat(read)), "the prompt's tokens");
        const ask = async (text: string) => {
          const { usage } = await platform.api.generateText({
            model,
            system: text,
            prompt: text,
            templateVariables: { [text]: text },
            tools: [{ type: "function", function: { name: "look", description: text, parameters: {} } }],
            stop: [text],
            maxTokens: 1,
          });
          return usage.promptTokens;
        };
        equal(await ask(cut), await ask(read), "tokens of a prompt with all of it");
        const itself: Record<string, unknown> = {};
        itself.itself = itself;
        await fails(platform, "INVALID_ARGUMENT", () =>
          model.applyChatTemplate([{ role: "user", content: "", itself }]),
        );
      }),
  },
  {
    name: "embeddings of many texts are told as they come, stop for a signal and name a text that is too long",
    run: (platform) =>
      with_model(platform, async (model) => {
        const texts = Array.from({ length: 45 }, (_, index) => `${index}: ${"a story about this ".repeat(20)}`);
        const seen: number[] = [];
        const vectors = await model.embed(texts, { onProgress: ({ done, total }) => seen.push(done / total) });
        equal(vectors.length, texts.length, "as many as there are texts");
        check(seen.length > 1 && seen.at(-1) === 1, `in several parts, to the end: ${seen}`);
        equal([...(await model.embed(texts[44] as string))], [...(vectors[44] as Float32Array)], "the last alone");

        await fails(platform, "ABORTED", () => model.embed(texts, { signal: AbortSignal.abort() }));
        const stop = new AbortController();
        let told = 0;
        const onProgress = () => {
          told++;
          stop.abort();
        };
        await fails(platform, "ABORTED", () => model.embed(texts, { signal: stop.signal, onProgress }));
        equal(told, 1, "nothing is computed behind the signal");

        const long = "a b ".repeat(model.info.contextSize);
        const { message } = await fails(platform, "CONTEXT_OVERFLOW", () => model.embed([...texts, long]));
        check(message.startsWith("text 46 of 46: "), message);
      }),
  },
  {
    name: "embeddings are pooled, cut and left as long as they are, as asked for",
    run: (platform) =>
      with_model(platform, async (model) => {
        const text = "What is 3 plus 4?";
        const long = await model.embed(text, { pooling: "mean", normalize: false });
        const tokens = await model.tokenize(text, { addSpecial: true });
        const [of_tokens] = await model.embed([tokens], { pooling: "mean", normalize: false });
        equal([...(of_tokens as Float32Array)], [...long], "that of its tokens");
        const cut = await model.embed(text, { pooling: "mean", dimensions: 8 });
        check(Math.abs(Math.hypot(...long) - 1) > 1e-3, "its length is not 1");
        equal(cut.length, 8, "its size");
        check(Math.abs(Math.hypot(...cut) - 1) < 1e-4, "what is cut has length 1 again");
        const scale = Math.hypot(...long.subarray(0, 8));
        check(
          cut.every((value, index) => Math.abs(value - (long[index] as number) / scale) < 1e-4),
          "it is the beginning of the whole one",
        );
        const last = await model.embed(text, { pooling: "last" });
        check(
          last.some((value, index) => value !== (long[index] as number)),
          "the last position's differs from the mean",
        );
        equal(await model.embed([]), [], "of no texts");
        await fails(platform, "INVALID_ARGUMENT", () => model.embed(text, { dimensions: 1 << 20 }));
        await fails(platform, "INVALID_ARGUMENT", () => model.embed(text, { pooling: "rank" }));
      }),
  },
  {
    name: "several models are open at once, and each is disposed by itself",
    run: async (platform) => {
      const [first, second] = await Promise.all([load(platform, { id: "one" }), load(platform, { id: "two" })]);
      equal([first.id, second.id], ["one", "two"], "their ids");
      await first.dispose();
      await first.dispose();
      check(first.disposed && !second.disposed, "one is disposed");
      check((await second.tokenize("still there")).length > 0, "the other works");
      await second.dispose();
    },
  },
];
