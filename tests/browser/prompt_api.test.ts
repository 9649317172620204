/** @hearth/prompt-api in a page, on the bundled model: what the specification of the Prompt API and its tests ask for. */

import type { BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { start_chromium } from "./chromium.js";
import { serve, type TestServer } from "./server.js";

const path = "/models/hearth-spark.gguf";
const script = `
import * as hearth from "@hearth/web";
import { createLanguageModel, installPromptApi } from "/prompt-api/dist/index.js";
const options = { model: "${path}", sampling: { temperature: 0, maxTokens: 40 }, load: { threads: 2 } };
Object.assign(globalThis, { hearth, promptApi: { createLanguageModel, installPromptApi }, Native: globalThis.LanguageModel });
globalThis.Session = createLanguageModel(options);
`;

let server: TestServer;
let context: BrowserContext;
let page: Page;

async function open(more = ""): Promise<Page> {
  const opened = await context.newPage();
  opened.on("pageerror", (error) => console.error("in the page:", error));
  const imports = JSON.stringify({ imports: { "@hearth/web": "/web/dist/index.js" } });
  const body = `<!doctype html><title>Prompt API</title><script type="importmap">${imports}</script>
<script type="module">${script}${more}</script>`;
  server.pages.set("/prompt", { type: "text/html", body });
  await opened.goto(`${server.origin}/prompt`);
  return opened;
}

beforeAll(async () => {
  server = await serve({ isolated: true });
  context = await start_chromium();
  page = await open();
  await page.waitForFunction("'Session' in globalThis");
});
afterEach(() => page.evaluate("globalThis.session?.destroy()"));
afterAll(async () => {
  await context?.close();
  await server?.close();
});

/** Runs it in the page, where `Session` is the class and `failure(promise)` tells a rejection's name. */
function in_page<T>(code: string): Promise<T> {
  return page.evaluate(`(async () => {
    const failure = (promise) => promise.then(() => "nothing", (error) => error.name);
    const create = async (options) => (globalThis.session = await Session.create(options));
    ${code}
  })()`);
}

test("a download takes a page that the user has touched", async () => {
  // What Playwright evaluates counts as the user's act, so this page says by itself what comes of it.
  const told = context.waitForEvent("console", { predicate: (message) => message.text().startsWith("told") });
  const untouched = await open(`
    const refused = await Session.create().catch(({ name }) => name);
    console.log("told", await Session.availability(), refused);`);
  expect((await told).text()).toBe("told downloadable NotAllowedError");
  await untouched.close();
});

test("a model is downloaded once, and its progress told in fractions", async () => {
  const told = await in_page(`
    const before = await Session.availability();
    const fractions = [];
    let during;
    const monitor = (m) => m.addEventListener("downloadprogress", (e) => {
      fractions.push([e.loaded, e.total, e.lengthComputable]);
      if (e.loaded > 0) during ??= Session.availability();
    });
    await create({ monitor });
    const again = [];
    await Session.create({ monitor: (m) => { m.ondownloadprogress = ({ loaded }) => again.push(loaded); } });
    return { before, during: await during, after: await Session.availability(), fractions, again };`);
  const { fractions, ...others } = told as { fractions: [number, number, boolean][] };
  expect(others).toEqual({ before: "downloadable", during: "downloading", after: "available", again: [0, 1] });
  const loaded = fractions.map(([loaded]) => loaded);
  expect([loaded[0], loaded.at(-1)]).toEqual([0, 1]);
  expect(loaded).toEqual([...new Set(loaded)].sort((a, b) => a - b));
  for (const [fraction, total, computable] of fractions) {
    expect([(fraction * 65536) % 1, total, computable]).toEqual([0, 1, true]);
  }
  expect(server.asked.filter((line) => line.startsWith(`GET ${path}`))).toHaveLength(1);
});

test("the browser's own stays, unless it is forced out", async () => {
  const result = await in_page(`
    const options = { model: "${path}" };
    const own = class {};
    globalThis.LanguageModel = own;
    const kept = promptApi.installPromptApi(options) === own && LanguageModel === own;
    const forced = promptApi.installPromptApi({ ...options, force: true });
    const replaced = LanguageModel === forced && forced !== own;
    delete globalThis.LanguageModel;
    const installed = promptApi.installPromptApi(options) === LanguageModel;
    return [kept, replaced, installed, LanguageModel.name, await failure(new Promise(() => new LanguageModel()))];`);
  expect(result).toEqual([true, true, true, "LanguageModel", "TypeError"]);
});

test("an answer comes whole or in pieces, and adds to what the context holds", async () => {
  const result = await in_page(`
    await create();
    const asked = "What is 3 plus 4?";
    const counted = await session.measureContextUsage(asked);
    const before = session.contextUsage;
    const text = await session.prompt(asked);
    const usage = session.contextUsage;
    const added = await session.measureContextUsage(text);
    const pieces = await Array.fromAsync(session.promptStreaming("What is 37 plus 48?"));
    return {
      before, text, pieces: pieces.length > 1, second: pieces.join(""), sum: usage === counted + added,
      aliases: session.inputUsage === session.contextUsage && session.inputQuota === session.contextWindow,
      measured: (await session.measureInputUsage(asked)) === counted && counted > 0,
      handlers: [session.oncontextoverflow, session.onquotaoverflow], mode: session.samplingMode,
      raw: [typeof session.topK, typeof session.temperature, typeof Session.params], is: session instanceof Session,
    };`);
  expect(result).toEqual({
    before: 0,
    text: "3 + 4 = 7.",
    pieces: true,
    second: "37 + 48 = 85.",
    sum: true,
    aliases: true,
    measured: true,
    handlers: [null, null],
    mode: "balanced",
    raw: ["undefined", "undefined", "undefined"],
    is: true,
  });
});

test("initial prompts count, stay when the context overflows, and only older turns go", async () => {
  const result = await in_page(`
    const initialPrompts = [{ role: "system", content: "Be brief." }];
    await create({ initialPrompts });
    const initial = session.contextUsage;
    const counted = await session.measureContextUsage(initialPrompts);
    const events = [];
    session.oncontextoverflow = ({ type }) => events.push(type);
    session.addEventListener("quotaoverflow", ({ type }) => events.push(type));
    const line = "Please write a sentence in English. ";
    const each = (await session.measureContextUsage(line.repeat(2))) - (await session.measureContextUsage(line));
    const half = line.repeat(Math.floor(session.contextWindow / each / 2));
    await session.append(half);
    const appended = session.contextUsage === initial + (await session.measureContextUsage(half));
    const none = events.length;
    await session.prompt(half + line.repeat(5));
    const fits = session.contextUsage <= session.contextWindow && session.contextUsage > initial;
    const usage = session.contextUsage;
    const long = line.repeat(session.contextWindow);
    const error = await session.prompt(long).catch((error) => error);
    return {
      initial: initial === counted && initial > 0, appended, none, events, fits, name: error.name,
      figures: [error.requested - initial === (await session.measureContextUsage(long)), error.quota === session.contextWindow],
      kept: session.contextUsage === usage, is: error instanceof (globalThis.QuotaExceededError ?? DOMException),
    };`);
  expect(result).toEqual({
    initial: true,
    appended: true,
    none: 0,
    events: ["contextoverflow", "quotaoverflow"],
    fits: true,
    name: "QuotaExceededError",
    figures: [true, true],
    kept: true,
    is: true,
  });
});

test("a clone goes on by itself, from what the model has read already", async () => {
  const result = await in_page(`
    const model = await hearth.loadModel("${path}", { threads: 2 });
    const Own = promptApi.createLanguageModel({ model, sampling: { temperature: 0, maxTokens: 20 } });
    const session = await Own.create();
    // The engine shares pages of 64 tokens.
    await session.append("The quick brown fox jumps over the lazy dog. ".repeat(8));
    const [read, before] = [session.contextUsage, (await model.statistics()).cachedTokens];
    const clone = await session.clone();
    const same = clone.contextUsage === read && clone.contextWindow === session.contextWindow;
    await clone.prompt("Hello");
    const cached = (await model.statistics()).cachedTokens - before;
    const apart = session.contextUsage === read && clone.contextUsage > read;
    session.destroy();
    const alive = typeof (await clone.prompt("Hello"));
    await model.dispose();
    return [same, cached > read - 64 && cached > 0, apart, alive, await failure(clone.prompt("Hello")), clone instanceof Own];`);
  expect(result).toEqual([true, true, true, "string", "InvalidStateError", true]);
});

test("answers are held to JSON schemas and regular expressions, which the model is told unless that is left out", async () => {
  const result = await in_page(`
    await create();
    const schema = { type: "object", required: ["n"], additionalProperties: false, properties: { n: { enum: [1, 2, 3] } } };
    const json = JSON.parse(await session.prompt("Hello", { responseConstraint: schema }));
    const text = await session.prompt("Hello", { responseConstraint: /^[a-f]{3}-\\d$/ });
    const omitted = { responseConstraint: schema, omitResponseConstraintInput: true };
    const [plain, told, untold] = await Promise.all(
      [undefined, { responseConstraint: schema }, omitted].map((options) => session.measureContextUsage("Hello", options)));
    const round = {};
    round.round = round;
    const names = [];
    for (const responseConstraint of [round, { type: "soup" }, /a/i, /(?=a)b/]) {
      names.push(await failure(session.prompt("Hello", { responseConstraint })));
    }
    names.push(await failure(session.prompt("Hello", { responseConstraint: "text" })));
    names.push(await failure(session.prompt("Hello", { omitResponseConstraintInput: true })));
    return { json: [1, 2, 3].includes(json.n), text, usage: [told > plain, untold === plain], names };`);
  const { text, ...others } = result as { text: string };
  expect(text).toMatch(/^[a-f]{3}-\d$/);
  const refused = Array(4).fill("NotSupportedError");
  expect(others).toEqual({ json: true, usage: [true, true], names: [...refused, "TypeError", "TypeError"] });
});

test("tools are called with their arguments, and the model goes on with what they give", async () => {
  const result = await in_page(`
    const calls = [];
    const weather = {
      name: "weather", description: "Tells the weather",
      inputSchema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
      execute: async (args) => { calls.push(args); return "sunny"; },
    };
    const expected = { expectedInputs: [{ type: "tool-response" }], expectedOutputs: [{ type: "tool-call" }] };
    await create({ tools: [weather], ...expected });
    const text = await session.prompt("What is the weather in Rome?");
    const faults = [{ execute: undefined }, { inputSchema: { type: "string" } }, { name: "" }, { description: undefined }];
    const names = await Promise.all(faults.map((fault) => failure(Session.create({ tools: [{ ...weather, ...fault }] }))));
    names.push(await failure(Session.create({ tools: [weather, weather] })));
    return { calls, text: text.length > 0, told: session.contextUsage > 0, names };`);
  expect(result).toEqual({ calls: [{ city: "Rome" }], text: true, told: true, names: Array(5).fill("TypeError") });
});

test("an answer goes on with the prefix that it is given", async () => {
  const result = await in_page(`
    await create();
    const asked = { role: "user", content: "What is 3 plus 4?" };
    const text = await session.prompt([asked, { role: "assistant", content: "3 + 4", prefix: true }]);
    const names = [
      await failure(session.prompt([{ role: "assistant", content: "3", prefix: true }, asked])),
      await failure(session.prompt([{ ...asked, prefix: true }])),
      await failure(session.prompt([{ role: "assistant", content: "[", prefix: true }], { responseConstraint: { type: "array" } })),
    ];
    return { text, names, usage: session.contextUsage };`);
  const { usage, ...others } = result as { usage: number };
  expect(others).toEqual({ text: " = 7.", names: ["SyntaxError", "SyntaxError", "NotSupportedError"] });
  const whole = await in_page(`
    await create();
    await session.prompt("What is 3 plus 4?");
    return session.contextUsage;`);
  expect(usage).toBe(whole);
});

test("what the model cannot take is refused by name", async () => {
  const result = await in_page(`
    await create();
    const part = (type, value = new Blob(["x"])) => [{ role: "user", content: [{ type, value }] }];
    const system = { role: "system", content: "Be brief." };
    return {
      sessions: await Promise.all([
        { expectedInputs: [{ type: "image" }] }, { expectedOutputs: [{ type: "audio" }] }, { expectedInputs: [{ type: "soup" }] },
        { expectedInputs: [{ type: "text", languages: ["en-abc-invalid"] }] }, { samplingMode: "wild" },
        { expectedInputs: [{ type: "text", languages: ["unk"] }] }, { initialPrompts: [system, system] },
      ].map((options) => failure(Session.create(options)))),
      unavailable: await Session.availability({ expectedInputs: [{ type: "image" }] }),
      prompts: await Promise.all([
        part("image"), part("audio"), part("text"), part("tool-response"), [{ role: "robot", content: "" }], [{ role: "user" }],
        [{ role: "user", content: "Hello" }, system],
      ].map((input) => failure(session.prompt(input)))),
      none: await failure(session.prompt()),
      stringified: [null, undefined, {}, "", []].map((input) => session.promptStreaming(input) instanceof ReadableStream),
    };`);
  const no = "NotSupportedError";
  expect(result).toEqual({
    sessions: [no, no, "TypeError", "RangeError", "TypeError", no, "TypeError"],
    unavailable: "unavailable",
    prompts: [no, no, "TypeError", no, "TypeError", "TypeError", "TypeError"],
    none: "TypeError",
    stringified: [true, true, true, true, true],
  });
});

test("everything is aborted by signals, with their reasons, and the session stays usable", async () => {
  const result = await in_page(`
    await create();
    const reason = new Error("enough");
    const aborted = async (ask) => {
      const controller = new AbortController();
      const asked = ask(controller.signal);
      controller.abort(reason);
      const later = await ask(controller.signal).catch((error) => error);
      return (await asked.catch((error) => error)) === reason && later === reason;
    };
    const story = "Tell me a story";
    const read = (signal) => Array.fromAsync(session.promptStreaming(story, { signal }));
    const results = [];
    for (const ask of [
      (signal) => Session.create({ signal }), (signal) => session.clone({ signal }), (signal) => session.prompt(story, { signal }),
      (signal) => session.append(story, { signal }), (signal) => session.measureContextUsage(story, { signal }),
      async (signal) => read(signal),
    ]) results.push(await aborted(ask));
    const reader = session.promptStreaming(story).getReader();
    await reader.read();
    await reader.cancel();
    return { results, usage: session.contextUsage, text: await session.prompt("What is 3 plus 4?") };`);
  expect(result).toEqual({ results: Array(6).fill(true), usage: 0, text: "3 + 4 = 7." });
});

test("a destroyed session rejects what runs and what comes, as does one whose create() was aborted later", async () => {
  const result = await in_page(`
    await create();
    const running = failure(session.prompt("Tell me a story"));
    session.destroy();
    const later = await Promise.all([session.prompt("x"), session.append("x"), session.measureContextUsage("x"), session.clone()].map(failure));
    const controller = new AbortController();
    const other = await Session.create({ signal: controller.signal });
    const reason = new Error("enough");
    const own = other.prompt("Tell me a story").catch((error) => error);
    controller.abort(reason);
    return [await running, ...later, typeof session.contextUsage, (await own) === reason];`);
  expect(result).toEqual([...Array(5).fill("InvalidStateError"), "number", true]);
});

test("monitors that throw end create(), and a model that cannot be had is a NetworkError", async () => {
  const result = await in_page(`
    const reason = new Error("no monitor");
    const thrown = await Session.create({ monitor() { throw reason; } }).catch((error) => error);
    const Missing = promptApi.createLanguageModel({ model: "/models/none.gguf" });
    return [thrown === reason, await failure(Missing.create())];`);
  expect(result).toEqual([true, "NetworkError"]);
});

test("raw sampling parameters are heeded where they are asked for", async () => {
  const result = await in_page(`
    const Raw = promptApi.createLanguageModel({ model: "${path}", samplingParameters: true });
    const session = await Raw.create({ topK: 3.7, temperature: Infinity });
    const { maxTemperature } = await Raw.params();
    const faults = [{ topK: 0 }, { temperature: -1 }, { topK: 3, samplingMode: "creative" }];
    const names = await Promise.all(faults.map((options) => failure(Raw.create(options))));
    return [session.topK, session.temperature === maxTemperature, ...names];`);
  expect(result).toEqual([3, true, "RangeError", "RangeError", "TypeError"]);
});
