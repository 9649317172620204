/** Workflows in Chromium: what they do there beside the cases of conformance. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type AnyBrowser, type AnyPage, import_as_global, open_page, start_browser } from "./browsers.js";
import { serve, type TestServer } from "./server.js";

let server: TestServer;
let other: TestServer;
let browser: AnyBrowser;
let page: AnyPage;

beforeAll(async () => {
  server = await serve({ isolated: false });
  other = await serve({ isolated: false });
  const pages = {
    "/flows/outer.yaml": "nodes: [{name: call, subgraph: parts/double.yaml, input: {n: 21}, output: result}]\n",
    "/flows/parts/double.yaml": "nodes: [{run: {type: expression, value: n * 2, output_key: twice}}]\n",
    "/flows/far.yaml": `nodes: [{name: call, subgraph: "${other.origin}/flows/outer.yaml"}]\n`,
    "/data.json": '{"n": 1}',
  };
  for (const [path, body] of Object.entries(pages)) server.pages.set(path, { type: "text/plain", body });
  other.pages.set("/data.json", { type: "application/json", body: '{"n": 2}' });
  browser = await start_browser("Chromium");
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
  await other?.close();
});
beforeEach(async () => {
  page = await open_page(browser, server.origin);
  return () => page.close();
});

test("an abort in the middle of an answer ends the model's work", async () => {
  const told = await page.evaluate(async () => {
    const model = await hearth.loadModel("/models/hearth-spark.gguf");
    const yaml = 'nodes: [{name: ask, uses: llm.chat, with: {prompt: "Tell me a story", ignoreEnd: true}}]';
    const run = hearth.executeLlmYaml(yaml, {}, { model });
    let last: unknown;
    for await (const event of run) {
      last = event;
      if (event.event === "token") run.abort();
    }
    const code = await run.catch((error) => error.code);
    await hearth.generateText({ model, prompt: "Hello", maxTokens: 1 });
    const { running, waiting, held, completionTokens } = await model.statistics();
    await model.dispose();
    return { last, code, working: running + waiting + held, completionTokens };
  });
  expect(told).toMatchObject({ last: { event: "error", error: { code: "ABORTED" } }, code: "ABORTED", working: 0 });
  expect(told.completionTokens).toBeLessThan(400);
});

test("branches are answered at once, also by a model on the page's own thread", async () => {
  const nodes = await page.evaluate(async () => {
    const model = await hearth.loadModel("/models/hearth-spark.gguf", { useWorker: false });
    const yaml = `
settings: {llm: {temperature: 0, max_tokens: 32, ignoreEnd: true}}
nodes:
  - {name: start, uses: passthrough}
  - {name: left, uses: llm.call, with: {prompt: "What is 2 + 2?"}}
  - {name: right, uses: llm.call, with: {prompt: "What is 3 + 4?"}}
edges: [{from: start, to: [left, right]}]
`;
    const seen: string[] = [];
    for await (const event of hearth.executeLlmYaml(yaml, {}, { model })) {
      if (event.event === "token") seen.push(event.node);
    }
    await model.dispose();
    return seen;
  });
  // Each step of that model gives both a token, before anybody else has a turn.
  expect(nodes.indexOf("right")).toBeLessThan(nodes.lastIndexOf("left"));
});

test("a workflow by its address calls others from there, and from no other origin", async () => {
  const told = await page.evaluate(async () => {
    const at = (path: string) => new URL(path, location.href);
    const { state } = await hearth.executeLlmYaml(at("/flows/outer.yaml"));
    const [fault] = await hearth.validateWorkflow(at("/flows/far.yaml"));
    const missing = await hearth.executeLlmYaml(at("/flows/none.yaml")).catch((error) => error.code);
    return { state, message: fault?.message, missing, graph: await hearth.workflowGraph(at("/flows/outer.yaml")) };
  });
  expect(told.state).toMatchObject({ result: { twice: 42 } });
  expect(told.message).toContain("elsewhere");
  expect(told.missing).toBe("NOT_FOUND");
  expect(told.graph).toMatch(/^flowchart TD\n/);
});

test("only allowed servers are asked, and redirects are not followed blindly", async () => {
  const told = await page.evaluate(
    async ({ here, there }) => {
      const get = (url: string, allowOrigins: string[]) => {
        const yaml = `nodes: [{name: ask, uses: http.get, with: {url: "${url}"}, output: {json: json}}]`;
        const run = hearth.executeLlmYaml(yaml, {}, { allowOrigins });
        return run.then(
          ({ state }) => state.json,
          (error) => `${error.code} ${error.message}`,
        );
      };
      return {
        refused: await get(`${there}/data.json`, [here]),
        allowed: await get(`${there}/data.json`, [there]),
        redirected: await get(`${here}/to?there`, [here, there]),
      };
    },
    { here: server.origin, there: other.origin },
  );
  expect(told.refused).toContain(`give allowOrigins: ["${other.origin}"]`);
  expect(told.allowed).toEqual({ n: 2 });
  expect(told.redirected).toMatch(/^UNSUPPORTED .* redirects, and browsers do not tell where to/);
});

test("what a store keeps is there when the page is loaded anew", async () => {
  await page.evaluate(async () => {
    const yaml = `
nodes:
  - {uses: storage.put, with: {key: "../a", value: {n: 1}}}
  - {uses: memory.store, with: {key: "../b", value: two}}
`;
    await hearth.executeLlmYaml(yaml, {}, { store: hearth.openStore("kept") });
  });
  await page.close();
  page = await open_page(browser, server.origin);
  const kept = await page.evaluate(async () => {
    const store = hearth.openStore("kept");
    const yaml = `
nodes:
  - {uses: storage.get, with: {key: "../a"}, output: {a: value}}
  - {uses: memory.list, with: {prefix: "../"}, output: {keys: keys}}
  - {uses: storage.list, with: {prefix: "../"}, output: {others: keys}}
  - {uses: storage.delete, with: {key: "../a"}, output: deleted}
  - {uses: storage.get, with: {key: "../a"}, output: {found: found}}
`;
    return (await hearth.executeLlmYaml(yaml, {}, { store })).state;
  });
  expect(kept).toMatchObject({ a: { n: 1 }, keys: ["../b"], others: ["../a"], found: false });
});

describe("the names of The Edge Agent", () => {
  const gen = `
name: test
nodes:
  - name: gen
    action: llm.call
    with: {prompt: "{{ state.input }}", max_tokens: 24, temperature: 0}
    output: answer
edges: [{from: __start__, to: gen}, {from: gen, to: __end__}]
`;
  beforeEach(() => import_as_global(page, "tea", `${server.origin}/web/dist/tea.js`));

  test("a handler answers workflows, calls and embeddings, in JSON", async () => {
    const told = await page.evaluate(async (gen) => {
      const asked: Record<string, unknown>[] = [];
      await tea.initTeaLlm({}, async (json) => {
        const params = JSON.parse(json);
        asked.push(params);
        return JSON.stringify(params.action === "embed" ? [1, 2] : { content: "hi", usage: { prompt_tokens: 3 } });
      });
      const state = await tea.executeLlmYaml(gen, { input: "hello" });
      const called = JSON.parse(await tea.llm_call_async('{"prompt": "x"}', '{"a": 1}'));
      const embedded = JSON.parse(await tea.llm_embed_async("x", '{"a": 1}'));
      tea.clear_llm_handler();
      return { asked, state, called, embedded, has: tea.has_llm_handler() };
    }, gen);
    expect(told.asked[0]).toMatchObject({ prompt: "hello", max_tokens: 24, temperature: 0 });
    expect(told.state).toMatchObject({ input: "hello", answer: { content: "hi" } });
    expect(told.called).toEqual({ a: 1, llm_response: { content: "hi", usage: { prompt_tokens: 3 } } });
    expect(told.embedded).toEqual({ a: 1, embedding: [1, 2] });
    expect(told.has).toBe(false);
  });

  test("initLlm loads a model that answers all of them", async () => {
    const told = await page.evaluate(async (gen) => {
      const progress: number[] = [];
      let ready = false;
      const onReady = () => {
        ready = true;
      };
      const onProgress = (loaded: number, total: number) => void progress.push(loaded / total);
      await tea.clearLlmCache();
      await tea.initLlm({ modelUrl: "/models/hearth-spark.gguf", nCtx: 512, onProgress, onReady });
      const { content, usage } = await tea.chat("What is 37 + 48?", { temperature: 0 });
      const streamed: string[] = [];
      await tea.chatStream("What is 37 + 48?", (token) => void streamed.push(token), { temperature: 0 });
      const { vector, dimension } = await tea.embed("Hello");
      const state = await tea.executeLlmYaml(gen, { input: "What is 37 + 48?" });
      const stats = await tea.getLlmCacheStats();
      await tea.clearLlmCache();
      const cleared = (await tea.getLlmCacheStats()).modelCount;
      const was_ready = tea.isLlmReady();
      await tea.disposeLlm();
      const answer = (state.answer as { content: string }).content;
      const counted = usage.totalTokens - usage.promptTokens - usage.completionTokens;
      const states = { ready, was_ready, is_ready: tea.isLlmReady(), isolated: tea.hasCoopCoep() };
      return { content, counted, streamed, size: vector.length - dimension, answer, stats, cleared, states, progress };
    }, gen);
    expect([told.content, told.streamed.join(""), told.answer]).toEqual(Array(3).fill("37 + 48 = 85."));
    expect([told.counted, told.size, told.cleared]).toEqual([0, 0, 0]);
    expect(told.stats).toMatchObject({ available: true, modelCount: 1 });
    expect(told.states).toEqual({ ready: true, was_ready: true, is_ready: false, isolated: false });
    expect(told.progress.at(-1)).toBe(1);
  });

  test("a model that a manifest names is loaded, kept, and refused where it is another one", async () => {
    const told = await page.evaluate(async () => {
      const bytes = await (await fetch("/models/hearth-spark.gguf")).arrayBuffer();
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
      const sha256 = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      return { sha256, size: bytes.byteLength };
    });
    const manifest = { model: "spark", version: "v1", totalSize: told.size, file: "hearth-spark.gguf" };
    const put = (name: string, sha256: string) =>
      server.pages.set(`/models/${name}`, { type: "application/json", body: JSON.stringify({ ...manifest, sha256 }) });
    put("model-manifest.json", told.sha256);
    put("wrong.json", "0".repeat(64));
    server.asked.length = 0;
    const loaded = await page.evaluate(async () => {
      const config = { modelBasePath: "/models" };
      const sizes = [await tea.loadBundledModel(config), await tea.loadBundledModel(config)].map(
        ({ length }) => length,
      );
      await tea.initLlm(config);
      const { content } = await tea.chat("What is 37 + 48?", { temperature: 0 });
      await tea.disposeLlm();
      await tea.clearLlmCache();
      const wrong = { ...config, manifestFileName: "wrong.json" };
      return { sizes, content, code: await tea.loadBundledModel(wrong).catch(({ code }) => code) };
    });
    expect(loaded).toEqual({ sizes: [told.size, told.size], content: "37 + 48 = 85.", code: "INTEGRITY" });
  });
});
