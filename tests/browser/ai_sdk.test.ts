/** @hearth/ai-sdk by the real `ai`, in Chromium. */

import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { go_to, import_as_global } from "./browsers.js";
import { bundle } from "./bundle.js";
import { start_chromium } from "./chromium.js";
import { serve, type TestServer } from "./server.js";

declare const sdk: typeof import("./pages/ai_sdk.js");

const path = "/models/hearth-spark.gguf";

let server: TestServer;
let browser: BrowserContext;
let page: Page;

beforeAll(async () => {
  server = await serve({ isolated: true });
  server.pages.set("/sdk.js", { type: "text/javascript", body: await bundle("ai_sdk.ts") });
  browser = await start_chromium();
  page = await browser.newPage();
  await go_to(page, server.origin);
  await import_as_global(page, "hearth", `${server.origin}/web/dist/index.js`);
  await import_as_global(page, "sdk", `${server.origin}/sdk.js`);
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

test("text, JSON and vectors of a model that is loaded when it is first used", async () => {
  const found = await page.evaluate(async (path) => {
    const load = (source: string, options: object) => hearth.loadModel(source, { ...options, threads: 1 });
    const provider = sdk.createHearth({ load, models: { spark: path } });
    const asked = { model: provider("spark"), temperature: 0 };
    const pieces: string[] = [];
    for await (const piece of sdk.ai.streamText({ ...asked, prompt: "What is 2+2?" }).textStream) pieces.push(piece);
    const schema = sdk.z.object({ city: sdk.z.enum(["Rome", "Oslo"]) });
    const { object } = await sdk.ai.generateObject({ ...asked, schema, prompt: "Name a city" });
    const { embedding } = await sdk.ai.embed({ model: provider.embeddingModel("spark"), value: "a cat" });
    await provider.dispose();
    return { pieces, city: object.city, norm: Math.hypot(...embedding) };
  }, path);
  expect(found.pieces.length).toBeGreaterThan(1);
  expect(found.pieces.join("")).toBe("2 + 2 = 4.");
  expect(["Rome", "Oslo"]).toContain(found.city);
  expect(found.norm).toBeCloseTo(1, 4);
});

test("an abort in the middle ends the answer", async () => {
  const aborts = await page.evaluate(async (path) => {
    const model = await hearth.loadModel(path, { threads: 1 });
    const controller = new AbortController();
    let aborts = 0;
    const { textStream } = sdk.ai.streamText({
      model: sdk.createHearth()(model),
      prompt: "Tell me a story",
      providerOptions: { hearth: { ignoreEnd: true, keepTokens: 0 } },
      abortSignal: controller.signal,
      onAbort: () => {
        aborts += 1;
      },
    });
    for await (const piece of textStream) if (piece !== "") controller.abort();
    // Until nothing is computed any more, and nothing waits for a reader.
    for (let before = -1; ; ) {
      const { steps, held } = await model.statistics();
      if (steps === before && held === 0) break;
      before = steps;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await model.dispose();
    return aborts;
  }, path);
  expect(aborts).toBe(1);
});

test("an error keeps its code, though @hearth/web has a core of its own", async () => {
  const code = await page.evaluate(async (path) => {
    const model = await hearth.loadModel(path, { threads: 1 });
    const call = { model: sdk.createHearth()(model), prompt: "word ".repeat(20_000) };
    const code = await sdk.ai.generateText(call).then(
      () => "",
      (error: { code: string }) => error.code,
    );
    await model.dispose();
    return code;
  }, path);
  expect(code).toBe("CONTEXT_OVERFLOW");
});
