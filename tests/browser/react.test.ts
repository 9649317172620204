/** The hooks of @hearth/react in a real application, in Chromium, with StrictMode and its double effects. */

import type { BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { go_to, import_as_global } from "./browsers.js";
import { bundle } from "./bundle.js";
import { start_chromium } from "./chromium.js";
import { serve, type TestServer } from "./server.js";

declare const application: typeof import("./pages/react.js");
declare const it: import("./pages/react.js").Page;

const path = "/models/hearth-spark.gguf";
const story = "Tell me a story";
/** Options of an answer that ends only when it is made to. */
const endless = { ignoreEnd: true, keepTokens: 0 };

let server: TestServer;
let browser: BrowserContext;
let page: Page;
let code: string;

beforeAll(async () => {
  code = await bundle("react.tsx");
  browser = await start_chromium();
});
afterAll(() => browser?.close());

beforeEach(async () => {
  server = await serve({ isolated: true });
  server.pages.set("/react.js", { type: "text/javascript", body: code });
  page = await browser.newPage();
  await go_to(page, server.origin);
  await import_as_global(page, "application", `${server.origin}/react.js`);
});
afterEach(async () => {
  await page?.close();
  await server?.close();
});

/** With "" there is no source yet. */
async function start(first = path, options = {}): Promise<void> {
  await page.evaluate(([first, options]) => application.start(first as string, options as object), [first, options]);
  await page.waitForFunction("it.chat");
}
const text = (selector: string) => page.locator(selector).textContent({ timeout: 5000 });
const shows = (selector: string, what: string) => expect.poll(() => text(selector)).toBe(what);
const said = () => page.locator("li").allTextContents();
const say = (what: string) => page.evaluate((what) => it.chat.sendMessage(what), what);
/** Without waiting for the answer. */
const ask = (what: string) => page.evaluate((what) => void it.chat.sendMessage(what), what);

test("a model is loaded once, tells its progress, and answers in pieces", async () => {
  await start(path, { ignoreEnd: true, maxTokens: 200 });
  await shows("#model", "ready");
  expect(await page.evaluate(() => it.models.length)).toBe(1);
  expect(await page.evaluate(() => it.stages)).toEqual(expect.arrayContaining(["download", "initialize"]));
  await say("What is Hearth?");
  await shows("#chat", "ready");
  const [question, answer = ""] = await said();
  expect(question).toBe("What is Hearth?");
  const shown = await page.evaluate(() => it.shown);
  const pieces = shown.filter((piece) => piece !== "" && answer.startsWith(piece));
  expect(pieces.length).toBeGreaterThan(1);
  expect(pieces.at(-1)).toBe(answer);
});

test("what is asked before the model is there is answered once it is", async () => {
  await start("");
  await ask("What is 2+2?");
  await shows("#chat", "submitted");
  await page.evaluate((path) => it.setSource(path), path);
  await shows("#chat", "ready");
  expect(await said()).toEqual(["What is 2+2?", "2 + 2 = 4."]);
});

test("stop keeps what has come, regenerate takes its place, clear begins anew", async () => {
  await start(path, endless);
  await shows("#model", "ready");
  await page.evaluate(async (story) => {
    const answer = it.chat.sendMessage(story);
    while ((it.chat.messages[1]?.content ?? "") === "") await new Promise(requestAnimationFrame);
    it.chat.stop();
    await answer;
  }, story);
  await shows("#chat", "ready");
  const [question, partial] = await said();
  expect(question).toBe(story);
  expect(partial).not.toBe("");
  await page.evaluate(() => it.setOptions({ choices: ["Once upon a time."] }));
  await page.waitForFunction("it.options.choices");
  await page.evaluate(() => it.chat.regenerate());
  expect(await said()).toEqual([story, "Once upon a time."]);
  await page.evaluate(() => it.chat.clear());
  await expect.poll(said).toEqual([]);
  await say("And?");
  expect(await said()).toEqual(["And?", "Once upon a time."]);
});

test("a second question is refused while the first is being answered", async () => {
  await start();
  await shows("#model", "ready");
  const refused = await page.evaluate(async (story) => {
    void it.chat.sendMessage(story);
    const refused = await it.chat.sendMessage("And?").catch((error) => `${error.code}: ${error.message}`);
    it.chat.stop();
    return refused;
  }, story);
  expect(refused).toMatch(/^INVALID_ARGUMENT: an answer is being written.*stop/);
  expect(await said()).toHaveLength(1);
});

test("a source that is none is an error, which whoever waits for the model gets, too; another source mends it", async () => {
  await start("/models/missing.gguf");
  await ask("What is 2+2?");
  await shows("#model-error", "NOT_FOUND");
  await shows("#chat-error", "NOT_FOUND");
  expect([await text("#model"), await text("#chat")]).toEqual(["error", "error"]);
  await page.evaluate((path) => it.setSource(path), path);
  await shows("#model", "ready");
  await page.evaluate(() => it.chat.regenerate());
  expect(await said()).toEqual(["What is 2+2?", "2 + 2 = 4."]);
  expect(await text("#chat-error")).toBe("");
});

test("without a source nothing is loaded; loading stops when it is told to, and begins again", async () => {
  await start("");
  await shows("#model", "idle");
  expect(await page.evaluate(() => it.models.length)).toBe(0);
  server.speed = 2 ** 18;
  await page.evaluate((path) => it.setSource(path), path);
  await shows("#model", "loading");
  await page.evaluate(() => it.model.stop());
  await shows("#model", "idle");
  server.speed = 0;
  await page.evaluate(() => it.model.reload());
  await shows("#model", "ready");
});

test("the model goes with the component, and so does its answer", async () => {
  await start(path, endless);
  await shows("#model", "ready");
  await ask(story);
  await shows("#chat", "streaming");
  await page.evaluate(() => it.unmount());
  const disposed = () => page.evaluate(async () => (await it.models[0])?.disposed);
  await expect.poll(disposed).toBe(true);
  expect(await page.evaluate(() => it.models.length)).toBe(1);
});

test("another source takes the place of the one before, which is given back", async () => {
  await start();
  await shows("#model", "ready");
  await page.evaluate((path) => it.setSource(path), `${path}?again`);
  await expect.poll(() => page.evaluate(() => it.models.length)).toBe(2);
  await shows("#model", "ready");
  await expect.poll(() => page.evaluate(async () => (await it.models[0])?.disposed)).toBe(true);
  expect(await page.evaluate(() => it.model.model?.disposed)).toBe(false);
});

test("tools are run, and the messages have their calls and results", async () => {
  await start();
  await shows("#model", "ready");
  await say("What is the weather in Rome?");
  const messages = await page.evaluate(() => it.chat.messages);
  expect(messages.map(({ role }) => role).slice(0, 4)).toEqual(["user", "assistant", "tool", "assistant"]);
  expect(messages[1]?.tool_calls).toMatchObject([{ function: { name: "weather", arguments: { city: "Rome" } } }]);
  expect(messages[2]?.content).toBe("sunny in Rome");
  expect(new Set(messages.map(({ id }) => id)).size).toBe(messages.length);
});

test("a completion, from a form", async () => {
  await start();
  await shows("#model", "ready");
  await page.locator("input").fill("What is 2+2?");
  await page.locator("input").press("Enter");
  await shows("#completion", "2 + 2 = 4.");
  await shows("#loading", "false");
  await page.evaluate((endless) => it.setOptions(endless), endless);
  await page.waitForFunction("it.options.ignoreEnd");
  const stopped = await page.evaluate(async (story) => {
    const { completion } = it.completion;
    const whole = it.completion.complete(story);
    while (["", completion].includes(it.completion.completion)) await new Promise(requestAnimationFrame);
    it.completion.stop();
    return whole;
  }, story);
  expect(stopped).toBeUndefined();
  expect(await text("#completion")).not.toBe("");
});
