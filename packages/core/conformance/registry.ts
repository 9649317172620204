/** Several models under their names. */

import type { Platform } from "./platform.js";
import { type Case, check, equal, fails } from "./platform.js";

const greedy = { temperature: 0, maxTokens: 10 };

async function with_hearth(
  platform: Platform,
  work: (hearth: InstanceType<Platform["api"]["Hearth"]>) => Promise<void>,
  options?: object,
): Promise<void> {
  const hearth = new platform.api.Hearth(options);
  try {
    await work(hearth);
  } finally {
    await hearth.dispose();
  }
}

export const registry: Case[] = [
  {
    name: "models are loaded once, chosen and unloaded",
    run: (platform) =>
      with_hearth(platform, async (hearth) => {
        const source = platform.model as never;
        await fails(platform, "INVALID_ARGUMENT", () => new platform.api.Hearth({ mode: "cloud" as never }));
        await fails(platform, "NOT_FOUND", () => hearth.generate("Hello"));
        const [a, again] = await Promise.all([hearth.loadModel(source, "a"), hearth.loadModel(source, "a")]);
        check(a === again, "a model that is loading is not loaded again");
        await hearth.loadModel(source, "b");
        equal(
          hearth.getModels().map(({ id }) => id),
          ["a", "b"],
          "getModels",
        );
        equal(hearth.getCurrentModel()?.id, "a", "the first is current");
        hearth.useModel("b");
        equal(hearth.getCurrentModel()?.id, "b", "useModel");
        const [one, two] = await Promise.all([
          hearth.generate("What is 3 plus 4?", { ...greedy, model: "a" }),
          hearth.stream("What is 3 plus 4?", greedy).response,
        ]);
        equal(one.text, two, "both models' answers");
        await hearth.unloadModel("b");
        check(!hearth.isModelLoaded("b") && hearth.isModelLoaded("a"), "isModelLoaded");
        equal(hearth.getCurrentModel()?.id, "a", "another becomes current");
        await fails(platform, "NOT_FOUND", () => hearth.useModel("b"));
        await fails(platform, "NOT_FOUND", () => hearth.generate("Hello", { model: "b" }));
        await hearth.unload();
        equal(hearth.getModels(), [], "unload without a name, of the current model");
        await fails(platform, "NOT_FOUND", () => hearth.unload());
      }),
  },
  {
    name: "the least recently used idle model makes room",
    run: async (platform) => {
      const probe = new platform.api.Hearth();
      await probe.loadModel(platform.model as never, "probe");
      const memory = probe.getModels()[0]?.memory ?? 0;
      await probe.dispose();
      await with_hearth(
        platform,
        async (hearth) => {
          const source = platform.model as never;
          await hearth.loadModel(source, "a");
          await hearth.loadModel(source, "b");
          await hearth.generate("Hello", { ...greedy, model: "a" });
          await hearth.loadModel(source, "c");
          equal(
            hearth.getModels().map(({ id }) => id),
            ["a", "c"],
            "b was used longest ago",
          );
          const endless = { maxTokens: -1, ignoreEnd: true, keepTokens: 8 };
          const busy = ["a", "c"].map((model) => hearth.stream("Hello", { model, ...endless }));
          await fails(platform, "OUT_OF_MEMORY", () => hearth.loadModel(source, "d"));
          for (const stream of busy) stream.abort();
          await Promise.all(busy.map(({ result }) => result));
          await hearth.loadModel(source, "d");
          equal(hearth.getModels().length, 2, "models within the budget");
        },
        { memoryBudget: 2.5 * memory },
      );
    },
  },
];
