/** generateText, streamText and chats. */

import type { GenerateOptions, Model, StreamPart } from "../src/index.js";
import { type Case, check, equal, fails, with_model } from "./platform.js";

const greedy = { temperature: 0, maxTokens: 40 };
const sum = "What is 3 plus 4?";
/** More than any test waits for. */
const endless = { maxTokens: -1, ignoreEnd: true };

export const generation: Case[] = [
  {
    name: "a stream can be read in every way, each from the beginning",
    run: (platform) =>
      with_model(platform, async (model) => {
        const stream = platform.api.streamText({ model, prompt: sum, ...greedy });
        const ways = await Promise.all([
          (async () => {
            let text = "";
            for await (const piece of stream) text += piece;
            return text;
          })(),
          (async () => {
            let text = "";
            const reader = stream.textStream.getReader();
            for (let next = await reader.read(); !next.done; next = await reader.read()) text += next.value;
            return text;
          })(),
          (async () => {
            const reader = stream.fullStream.getReader();
            let last: StreamPart | undefined;
            for (let next = await reader.read(); !next.done; next = await reader.read()) last = next.value;
            check(last?.type === "finish", "the last part is the end");
            return last.text;
          })(),
          stream.response,
        ]);
        equal(new Set(ways).size, 1, `ways that agree: ${JSON.stringify(ways)}`);
        equal(ways[0], (await platform.api.generateText({ model, prompt: sum, ...greedy })).text, "the whole text");
      }),
  },
  {
    name: "a stream comes in pieces",
    run: (platform) =>
      with_model(platform, async (model) => {
        let pieces = 0;
        const options = { ...greedy, ignoreEnd: true };
        for await (const piece of platform.api.streamText({ model, prompt: "Tell me a story", ...options })) {
          check(typeof piece === "string", "pieces are texts");
          pieces += 1;
        }
        check(pieces > 5, `${pieces} pieces`);
      }),
  },
  {
    name: "abort ends a stream where it is, before its first token and later",
    run: (platform) =>
      with_model(platform, async (model) => {
        const at_once = platform.api.streamText({ model, prompt: sum, ...endless });
        at_once.abort();
        equal((await at_once.result).finishReason, "cancelled", "finishReason");
        const later = platform.api.streamText({ model, prompt: sum, ...endless });
        let text = "";
        for await (const piece of later) {
          text += piece;
          if (text.length > 10) later.abort();
        }
        equal(await later.response, text, "what was written");
        const left = platform.api.streamText({ model, prompt: sum, ...endless });
        for await (const piece of left) if (piece !== "") break;
        equal((await left.result).finishReason, "cancelled", "whoever stops reading ends it");
        const cancelled = platform.api.streamText({ model, prompt: sum, ...endless });
        await cancelled.textStream.cancel();
        equal((await cancelled.result).finishReason, "cancelled", "a cancelled textStream ends it");
      }),
  },
  {
    name: "nothing comes out of a stream after abort, however far the engine is ahead of its readers",
    run: (platform) =>
      with_model(platform, async (model) => {
        const story = { model, prompt: "Tell me a story", temperature: 0, ignoreEnd: true };
        for (const maxTokens of [30, -1]) {
          const stream = platform.api.streamText({ ...story, maxTokens });
          const [texts, parts] = [stream.textStream.getReader(), stream.fullStream.getReader()];
          let [text, pieces] = ["", 0];
          for await (const piece of stream) {
            text += piece;
            if (++pieces === 2) await Promise.all([texts.read(), parts.read()]);
            if (pieces < 5) continue;
            await platform.api.generateText({ ...story, maxTokens: 40 }); // meanwhile the engine gets ahead
            stream.abort();
          }
          equal(pieces, 5, "pieces");
          check((await texts.read()).done, "a textStream that is behind ends, too");
          const last = (await parts.read()).value;
          check(last?.type === "finish", "a fullStream that is behind goes to its end");
          equal([last.text, last.finishReason], [text, "cancelled"], "the end");
          equal(await stream.response, text, "what was given out");
        }
      }),
  },
  {
    name: "an AbortSignal ends generateText with ABORTED, a deadline with TIMEOUT",
    run: (platform) =>
      with_model(platform, async (model) => {
        const options = { model, prompt: sum, ...endless };
        const controller = new AbortController();
        const running = platform.api.generateText({ ...options, signal: controller.signal });
        controller.abort();
        await fails(platform, "ABORTED", () => running);
        await fails(platform, "ABORTED", () => platform.api.generateText({ ...options, signal: controller.signal }));
        const signal = AbortSignal.timeout(20);
        await fails(platform, "TIMEOUT", async () => {
          for (;;) await platform.api.generateText({ ...options, signal });
        });
      }),
  },
  {
    name: "the same seed gives the same text, whatever runs beside it",
    run: (platform) =>
      with_model(platform, async (model) => {
        const ask = (seed: number) =>
          platform.api.generateText({ model, prompt: "Tell me a story", seed, temperature: 1, maxTokens: 30 });
        const texts = (await Promise.all([ask(7), ask(7), ask(8), ask(7)])).map(({ text }) => text);
        equal([texts[1], texts[3]], [texts[0], texts[0]], "the same seed");
        check(texts[2] !== texts[0], "another seed gives another text");
        const free = { model, prompt: "Tell me a story", temperature: 1, maxTokens: 30 };
        const first = await platform.api.generateText({ ...free, seed: -1 });
        check(Number.isSafeInteger(first.seed) && first.seed >= 0, `the seed ${first.seed} is told`);
        equal((await platform.api.generateText({ ...free, seed: first.seed })).text, first.text, "its text");
        check((await platform.api.generateText(free)).seed !== first.seed, "another one each time");
        equal((await platform.api.generateText({ ...free, seed: 7 })).seed, 7, "the seed that was given");
      }),
  },
  {
    name: "samplers work in the order that they are given in, and only they",
    run: (platform) =>
      with_model(platform, async (model) => {
        const story = { model, prompt: "Tell me a story", temperature: 3, maxTokens: 24, topK: 0, minP: 0, topP: 1 };
        const ask = async (options: Partial<GenerateOptions>) => {
          const { text } = await platform.api.generateText({ ...story, ...options, seed: 5 });
          return text;
        };
        const likeliest = await ask({ temperature: 0 });
        equal(await ask({ topK: 1 }), likeliest, "one candidate");
        check(
          (await ask({ topK: 1, samplers: ["temperature"] })) !== likeliest,
          "topK does not work where it is left out",
        );
        // A hundredth of the mass is one token before the temperature flattens it, and more afterwards.
        equal(await ask({ topP: 0.01, samplers: ["topP", "temperature"] }), likeliest, "topP before the temperature");
        check(
          (await ask({ topP: 0.01, samplers: ["temperature", "topP"], temperature: 50 })) !== likeliest,
          "topP after the temperature",
        );
        equal(await ask({ mirostat: 2, mirostatTau: 0 }), likeliest, "mirostat that allows no surprise");
        const dry = { dryMultiplier: 100, dryAllowedLength: 1, drySequenceBreakers: [] };
        const long = { temperature: 0, maxTokens: 60 };
        check((await ask({ ...long, ...dry })) !== (await ask(long)), "dry keeps from repeating");
        for (const options of [
          { xtcProbability: 1, xtcThreshold: 0.01 },
          { typicalP: 0.2 },
          { topNSigma: 1 },
          { dynatempRange: 2, dynatempExponent: 0.5 },
        ]) {
          check((await ask(options)) !== (await ask({})), `${JSON.stringify(options)} changes the text`);
        }
      }),
  },
  {
    name: "logprobs tell how likely each token was to the model, and what else was likely",
    run: (platform) =>
      with_model(platform, async (model) => {
        const asked = { model, prompt: sum, ...greedy };
        equal((await platform.api.generateText(asked)).logprobs, undefined, "logprobs that nobody asked for");
        const result = await platform.api.generateText({ ...asked, logprobs: 3 });
        const { logprobs = [] } = result;
        equal(logprobs.length, result.usage.completionTokens, "tokens with a logprob");
        for (const { topLogprobs, ...chosen } of logprobs) {
          equal(topLogprobs.length, 3, "likely tokens");
          equal(topLogprobs[0], chosen, "the likeliest, which is the one that was chosen");
          const sum_of_three = topLogprobs.reduce((sum, { logprob }) => sum + Math.exp(logprob), 0);
          check(sum_of_three > 0 && sum_of_three < 1.0001, `${sum_of_three} is a probability`);
        }
        const bytes = Uint8Array.from(logprobs.flatMap((token) => token.bytes));
        equal(new TextDecoder().decode(bytes).trim(), result.text.trim(), "the bytes of all tokens");
        // What sampling changes, changes no logprob.
        const drawn = await platform.api.generateText({ ...asked, temperature: 2, topK: 1, logprobs: 0 });
        equal(
          drawn.logprobs?.map(({ logprob }) => logprob),
          logprobs.map(({ logprob }) => logprob),
          "logprobs under another temperature",
        );
        const reader = platform.api.streamText({ ...asked, logprobs: 3 }).fullStream.getReader();
        const streamed = [];
        for (let next = await reader.read(); !next.done; next = await reader.read()) {
          if (next.value.type === "text") streamed.push(...(next.value.logprobs ?? []));
        }
        equal(streamed, logprobs, "logprobs of a stream");
        await fails(platform, "INVALID_ARGUMENT", () => platform.api.generateText({ ...asked, logprobs: 21 }));
      }),
  },
  {
    name: "stop texts, maxTokens and raw prompts",
    run: (platform) =>
      with_model(platform, async (model) => {
        const free = { model, prompt: "Tell me a story", temperature: 0, ignoreEnd: true };
        const whole = await platform.api.generateText({ ...free, maxTokens: 20 });
        equal([whole.finishReason, whole.usage.completionTokens], ["length", 20], "maxTokens");
        const stop = whole.text.slice(8, 12);
        const cut = await platform.api.generateText({ ...free, maxTokens: 20, stop });
        equal([cut.finishReason, cut.text], ["stop", whole.text.slice(0, whole.text.indexOf(stop))], "stop");
        const raw = await platform.api.generateText({
          model,
          prompt: "Once upon a",
          raw: true,
          temperature: 0,
          maxTokens: 4,
        });
        equal(
          raw.usage.promptTokens,
          (await model.tokenize("Once upon a", { addSpecial: true })).length,
          "no template",
        );
      }),
  },
  {
    name: "a reader that does not keep up is waited for, and misses nothing",
    run: (platform) =>
      with_model(
        platform,
        async (model) => {
          const story = { model, prompt: "Tell me a story", temperature: 0, ignoreEnd: true };
          const stream = platform.api.streamText({ ...story, maxTokens: 400 });
          const reader = stream.textStream.getReader();
          let { value: text = "" } = await reader.read();
          // As long as it would take to the end.
          await platform.api.generateText({ ...story, prompt: "What is 3 plus 4?", maxTokens: 450 });
          for (let next = await reader.read(); !next.done; next = await reader.read()) text += next.value;
          equal(text, (await platform.api.generateText({ ...story, maxTokens: 400 })).text, "the whole text");
        },
        { contextSize: 512, cachePositions: 1536 },
      ),
  },
  {
    name: "a saved state spares reading again",
    run: async (platform) => {
      const system = "You are a friendly helper. ".repeat(8);
      const ask = (model: Model) => platform.api.generateText({ model, system, prompt: sum, ...greedy });
      const { state, text } = await with_model(platform, async (model) => {
        const { text } = await ask(model);
        return { state: await model.saveState(), text };
      });
      check(state instanceof Uint8Array && state.length > 1000, "a state is bytes");
      await with_model(platform, async (model) => {
        await model.restoreState(state);
        const again = await ask(model);
        check(again.usage.cachedTokens > 0, "what was read is not read again");
        equal(again.text, text, "the answer");
        await fails(platform, "INVALID_ARGUMENT", () => model.restoreState(new Uint8Array(10)));
        await fails(platform, "INVALID_ARGUMENT", () => model.restoreState("state" as never));
        const changed = (at: number) => state.map((byte, i) => (i === at ? byte ^ 1 : byte));
        await fails(platform, "INVALID_ARGUMENT", () => model.restoreState(changed(8))); // another version
        await fails(platform, "INVALID_ARGUMENT", () => model.restoreState(changed(16))); // another model
        await fails(platform, "INTEGRITY", () => model.restoreState(changed(99)));
        equal((await ask(model)).text, text, "the answer after a damaged state");
      });
      await with_model(platform, (model) => fails(platform, "INVALID_ARGUMENT", () => model.restoreState(state)), {
        kvType: "f32",
      });
    },
  },
  {
    name: "what was read is found again only with the same cacheSalt",
    run: (platform) =>
      with_model(
        platform,
        async (model) => {
          const prompt = "Tell me a story about a dog and a cat. ".repeat(8);
          const ask = async (cacheSalt?: string) => {
            const options = cacheSalt === undefined ? greedy : { ...greedy, cacheSalt };
            const { text, usage } = await platform.api.generateText({ model, prompt, ...options });
            return { text, cached: usage.cachedTokens };
          };
          const first = await ask("one");
          equal(first.cached, 0, "tokens in the cache at first");
          check((await ask("one")).cached > 0, "the same salt finds them again");
          equal([await ask("two"), await ask()], [first, first], "others, for whom there are none");
          check((await ask()).cached > 0, "those without a salt share");
          await fails(platform, "INVALID_ARGUMENT", () => ask(5 as never));
        },
        { cachePositions: 4096 },
      ),
  },
  {
    name: "a chat remembers",
    run: (platform) =>
      with_model(platform, async (model) => {
        const system = "You are a friendly helper. ".repeat(8); // what is kept, is kept by the page
        const chat = model.createChat({ ...greedy, system });
        const first = await chat.send(sum);
        const second = await chat.stream("Hello").result;
        check(second.usage.cachedTokens > 0, "what was read is not read again");
        equal(
          chat.messages.map(({ role }) => role),
          ["system", "user", "assistant", "user", "assistant"],
          "messages",
        );
        equal(chat.messages[2]?.content, first, "the first answer");
      }),
  },
  {
    name: "a chat whose context is full leaves out its oldest turns, or fails where that is asked for",
    run: (platform) =>
      with_model(
        platform,
        async (model) => {
          const chat = model.createChat({ temperature: 0, maxTokens: 8, ignoreEnd: true, system: "Be kind." });
          const results = [];
          for (let turn = 0; turn < 12; ++turn) results.push(await chat.stream("Tell me a story about a dog.").result);
          equal(results[0]?.turnsLeftOut, 0, "turns left out at first");
          const last = results.at(-1);
          check(last && last.turnsLeftOut > 0, "turns were left out in the end");
          check(last.usage.promptTokens <= 96, "a quarter of the context is left for the answer");
          equal(chat.messages.length, 25, "the messages stay");
          await fails(platform, "CONTEXT_OVERFLOW", () => chat.send("And then?", { whenFull: "error" }));
          await fails(platform, "CONTEXT_OVERFLOW", () => chat.send("word ".repeat(400)));
          equal(chat.messages.length, 25, "what has no answer is not kept");
          check((await chat.send("And then?")).length > 0, "the chat goes on");
          await fails(platform, "INVALID_ARGUMENT", () => chat.send("And then?", { whenFull: "drip" as never }));
        },
        { contextSize: 128 },
      ),
  },
  {
    name: "n gives several answers to one prompt, which is read once",
    run: (platform) =>
      with_model(platform, async (model) => {
        const prompt = "Tell me a story about a dog and a cat. ".repeat(16);
        const story = { model, prompt, temperature: 1, maxTokens: 12, ignoreEnd: true };
        const { choices = [], ...first } = await platform.api.generateText({ ...story, seed: 3, n: 3 });
        equal(
          choices.map(({ seed }) => seed),
          [3, 4, 5],
          "seeds",
        );
        equal(choices[0]?.text, first.text, "the result is the first");
        for (const { text, seed } of choices) {
          equal((await platform.api.generateText({ ...story, seed })).text, text, `the text of the seed ${seed}`);
        }
        const readers = choices.filter(({ usage }) => usage.cachedTokens < 64); // whichever the engine came to first
        check(readers.length <= 1, "the prompt is read once");
        await fails(platform, "INVALID_ARGUMENT", () => platform.api.generateText({ ...story, n: 0 }));
      }),
  },
  {
    name: "a higher priority is served first",
    run: (platform) =>
      with_model(
        platform,
        async (model) => {
          const order: number[] = [];
          const ask = async (priority: number, maxTokens: number) => {
            await platform.api.generateText({ model, prompt: sum, ...endless, keepTokens: 8, maxTokens, priority });
            order.push(priority);
          };
          const first = platform.api.streamText({ model, prompt: "Tell me a story", ...endless, keepTokens: 8 });
          await new Promise<void>((began) => void read_all(first, began)); // it has the place
          // It waits for the place, or has it already where a slow reader holds the first answer back.
          const low = ask(-1, 300);
          await ask(5, 5); // takes it
          first.abort();
          await Promise.all([low, first.response]);
          equal(order, [5, -1], "the order in which they are served");
        },
        { maxSequences: 1 },
      ),
  },
];

/** Reads a stream as it comes, so that its answer is not held back. */
async function read_all(stream: AsyncIterable<string>, began: () => void): Promise<void> {
  for await (const _ of stream) began();
}
