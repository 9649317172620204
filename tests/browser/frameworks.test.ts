/** The stores of @hearth/svelte and the composables of @hearth/vue, in applications of theirs, in Chromium. */

import type { Model } from "@hearth/web";
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { go_to, import_as_global } from "./browsers.js";
import { bundle } from "./bundle.js";
import { start_chromium } from "./chromium.js";
import type { Acts, Start } from "./pages/frameworks.js";
import { serve, type TestServer } from "./server.js";

declare const application: { start: Start };
declare const it: Acts & { models: Promise<Model>[]; leave: () => void };

const path = "/models/hearth-spark.gguf";
/** Options of an answer that ends only when it is made to. */
const endless = { ignoreEnd: true, keepTokens: 0 };

let server: TestServer;
let browser: BrowserContext;

beforeAll(async () => {
  server = await serve({ isolated: true });
  browser = await start_chromium();
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

describe.each(["svelte.ts", "vue.ts"])("%s", (file) => {
  let code: string;
  let page: Page;

  beforeAll(async () => {
    code = await bundle(file);
  });

  async function start(path: string, options = {}): Promise<void> {
    server.pages.set("/application.js", { type: "text/javascript", body: code });
    page = await browser.newPage();
    await go_to(page, server.origin);
    await import_as_global(page, "application", `${server.origin}/application.js`);
    await page.evaluate(
      ([path, options]) => {
        const models: Promise<Model>[] = [];
        const loads = (model: Promise<Model>) => {
          models.push(model);
          return model;
        };
        const acts = (acts: Acts) => Object.assign(globalThis, { it: { ...acts, models } });
        const leave = application.start(path as string, { loads, acts }, options as object);
        Object.assign(it, { leave });
      },
      [path, options],
    );
  }

  const shows = (selector: string, what: string) =>
    expect.poll(() => page.locator(selector).textContent({ timeout: 5000 })).toBe(what);
  const said = () => page.locator("li").allTextContents();

  test("a model is loaded, and answers what was asked before it was there", async () => {
    await start(path);
    await page.evaluate(() => void it.send("What is 2+2?"));
    await expect.poll(said).toEqual(["What is 2+2?", "2 + 2 = 4."]);
    await shows("#model", "ready");
    await shows("#chat", "ready");
    expect(await page.evaluate(() => it.complete("What is 2+2?"))).toBe("2 + 2 = 4.");
    await shows("#completion", "2 + 2 = 4.");
    expect(await page.evaluate(() => it.models.length)).toBe(1);
    await page.close();
  });

  test("stop keeps what has come; what goes, takes its answer and its model along", async () => {
    await start(path, endless);
    await shows("#model", "ready");
    await page.evaluate(() => void it.send("Tell me a story"));
    await expect.poll(async () => (await said())[1] ?? "").not.toBe("");
    await shows("#chat", "streaming");
    await page.evaluate(() => it.stop());
    await shows("#chat", "ready");
    expect((await said())[1]).not.toBe("");
    await page.evaluate(() => void it.send("And?"));
    await page.evaluate(() => it.leave());
    await expect.poll(() => page.evaluate(async () => (await it.models[0])?.disposed)).toBe(true);
    expect(await page.locator("li").count()).toBe(0);
    await page.close();
  });

  test("a source that is none is an error", async () => {
    await start("/models/missing.gguf");
    await shows("#error", "NOT_FOUND");
    await shows("#model", "error");
    await page.close();
  });
});
