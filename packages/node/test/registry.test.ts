/** The registry does what the engine's own does (engine/runtime/registry.h), case by case. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { HearthError, Model, ModelRegistry } from "@hearth/node";

interface Step {
  add?: string;
  memory?: number;
  remove?: string;
  use?: string;
  begin?: string | null;
  end?: string;
  "end first"?: string;
  to?: string;
  error?: string;
  models?: string[];
  current?: string | null;
}

const path = new URL("../../../../engine/runtime/registry_cases.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(path, "utf8")) as {
  cases: { name: string; budget?: number; default?: string; steps: Step[] }[];
};

const usage = { promptTokens: 1, cachedTokens: 0, completionTokens: 1, queuedMs: 0, prefillMs: 0, decodeMs: 0 };

for (const { name, budget, default: defaultModel, steps } of cases) {
  test(name, async () => {
    /** What ends each request, in the order in which they began, with the model that it went to. */
    const running: { model: string; end: () => void }[] = [];
    const unloaded: string[] = [];
    const open = async (id: string, memory: number) => {
      const engine: Partial<Model["engine"]> = {
        info: { fileSize: memory, leftInFile: 0, cacheBytes: 0, draftBytes: 0 } as Model["info"],
        chatTokens: async () => Int32Array.of(1),
        generate: (_tokens, _options, onEvent) => {
          running.push({ model: id, end: () => onEvent("", { finishReason: "stop", ...usage, seed: 1 }) });
          return () => {};
        },
        dispose: async () => {
          unloaded.push(id);
        },
      };
      return new Model(engine as Model["engine"], id);
    };
    const hearth = new ModelRegistry((source: { id: string; memory: number }) => open(source.id, source.memory), {
      memoryBudget: budget,
      defaultModel,
    });

    /** The model that a request went to, or "". */
    const run = async (step: Step): Promise<string> => {
      if (step.add !== undefined) await hearth.loadModel({ id: step.add, memory: step.memory ?? 0 }, step.add);
      else if (step.remove !== undefined) await hearth.unloadModel(step.remove);
      else if (step.use !== undefined) hearth.useModel(step.use);
      else if (step.begin !== undefined) {
        void hearth.generate("Hello", { model: step.begin ?? undefined });
        await setImmediate();
        return running.at(-1)?.model ?? "";
      } else {
        const of_model = running.filter(({ model }) => model === (step.end ?? step["end first"]));
        const ended = of_model.at(step.end === undefined ? 0 : -1);
        assert.ok(ended);
        running.splice(running.indexOf(ended), 1);
        ended.end();
        await setImmediate();
      }
      return "";
    };

    for (const step of steps) {
      const outcome = await run(step).catch((error) => {
        assert.ok(error instanceof HearthError);
        return `${error.code}: ${error.message}`;
      });
      const here = hearth.getModels().map(({ id }) => id);
      const where = JSON.stringify(step);
      assert.equal(outcome, step.error ?? step.to ?? "", where);
      if (step.models) assert.deepEqual(here, step.models, where);
      if (step.current !== undefined) assert.equal(hearth.getCurrentModel()?.id ?? null, step.current, where);
      // One that could not be taken in is disposed of, too.
      for (const id of unloaded.splice(0)) assert.ok(!here.includes(id), where);
    }
  });
}
