/** Hearth in server mode, before a server that is a function: it says what a test wants it to. */

import { expect, test, vi } from "vitest";
import { Hearth, type HearthOptions } from "./index.js";

type Asked = { path: string; body: Record<string, unknown>; headers: Headers; signal: AbortSignal };
type Answer = (asked: Asked) => Response | Promise<Response>;

const key = "sk-hearth-never-shown";
const info = { name: "spark", fileSize: 100, leftInFile: 0, cacheBytes: 10, draftBytes: 0 };
const result = { finishReason: "stop", promptTokens: 2, cachedTokens: 0, completionTokens: 3, seed: 7 };

const json = (value: unknown, init?: ResponseInit) => new Response(JSON.stringify(value), init);
const refused = (status: number, code: string, headers = {}) =>
  json({ error: { message: `because of ${code}`, type: "some_error", code } }, { status, headers });

function events(...list: object[]): Response {
  const text = list.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("");
  return new Response(text, { headers: { "content-type": "text/event-stream" } });
}

const loaded: Answer = () =>
  events({ progress: { stage: "ready", loaded: 1, total: 1 } }, { model: { id: "s1", info } });
const tokens: Answer = () => new Response(Int32Array.of(5, 6), { headers: { "x-hearth-reply": "int32" } });

/** A Hearth whose server gives these answers in turn for a path, and the last of them again and again. */
function hearth_with(answers: Record<string, Answer | Answer[]>, options: Partial<HearthOptions> = {}) {
  const all: Record<string, Answer | Answer[]> = { "/v1/hearth/load": loaded, "/v1/hearth/call": tokens, ...answers };
  const asked: Asked[] = [];
  const fetch = async (url: string, { body, headers, signal }: RequestInit) => {
    const path = url.replace("http://hearth.test/base", "");
    const request = { path, body: JSON.parse(String(body ?? "{}")), headers: headers as Headers, signal } as Asked;
    const list = [all[path] ?? []].flat();
    const before = asked.filter((other) => other.path === path).length;
    asked.push(request);
    const answer = list[Math.min(before, list.length - 1)];
    if (!answer) throw new TypeError("fetch failed");
    return answer(request);
  };
  const hearth = new Hearth({
    mode: "server",
    endpoint: "http://hearth.test/base/v1/",
    apiKey: key,
    fetch: fetch as typeof globalThis.fetch,
    ...options,
  } as HearthOptions);
  return { hearth, asked, paths: () => asked.map(({ path }) => path.replace("/v1/hearth/", "")) };
}

test("a model is loaded, asked and let go", async () => {
  const { hearth, asked, paths } = hearth_with({
    "/v1/hearth/generate": () => events({ text: "se" }, { text: "ven", result }),
  });
  const stages: string[] = [];
  const model = await hearth.loadModel("spark", "mine", { onProgress: ({ stage }) => stages.push(stage) });
  expect([model.id, model.info, stages]).toEqual(["mine", info, ["ready"]]);
  const { text, finishReason, usage, seed } = await hearth.generate("What is 3 + 4?", { maxTokens: 5 });
  expect([text, finishReason, usage.completionTokens, seed]).toEqual(["seven", "stop", 3, 7]);
  await hearth.unload();
  expect(hearth.isModelLoaded("mine")).toBe(false);
  expect(paths()).toEqual(["load", "call", "generate"]); // the server's own model stays where it is
  expect(asked[0]?.body).toEqual({ model: "spark" });
  expect(asked[2]?.body).toMatchObject({ model: "s1", tokens: [5, 6], options: { maxTokens: 5 } });
  expect(asked[2]?.body.options).not.toHaveProperty("whole");
  for (const { headers } of asked) expect(headers.get("authorization")).toBe(`Bearer ${key}`);
});

test("with options of its own a model is loaded once more, and unloaded with the program", async () => {
  const { hearth, asked } = hearth_with({ "/v1/hearth/unload": () => json({}) });
  await hearth.loadModel("spark", "mine", { contextSize: 512 });
  await hearth.dispose();
  expect(asked.map(({ path, body }) => [path, body])).toEqual([
    ["/v1/hearth/load", { model: "spark", options: { contextSize: 512 } }],
    ["/v1/hearth/unload", { model: "s1" }],
  ]);
});

test("a model that the server has unloaded already is let go without an error", async () => {
  const { hearth } = hearth_with({ "/v1/hearth/unload": () => refused(404, "NOT_FOUND") });
  await hearth.loadModel("spark", "mine", { contextSize: 512 });
  await hearth.dispose();
});

test("the bytes of a call cross in base64", async () => {
  const { hearth, asked } = hearth_with({
    "/v1/hearth/call": () => new Response("text", { headers: { "x-hearth-reply": "text" } }),
  });
  const model = await hearth.loadModel("spark");
  expect(await model.detokenize([1, 258])).toBe("text");
  expect(asked[1]?.body).toEqual({ model: "s1", name: "detokenize", arguments: [false], data: "AQAAAAIBAAA=" });
});

test("429 and 503 are asked again, as the server wants it, and no more often than maxRetries", async () => {
  const busy = () => refused(429, "UNSUPPORTED", { "retry-after": "0" });
  const full = () => refused(503, "OUT_OF_MEMORY", { "retry-after": "0", "x-request-id": "r-1" });
  const { hearth, paths } = hearth_with({ "/v1/hearth/load": [busy, full, loaded] });
  await hearth.loadModel("spark");
  expect(paths()).toEqual(["load", "load", "load"]);

  const always = hearth_with({ "/v1/hearth/load": full }, { maxRetries: 1 });
  await expect(always.hearth.loadModel("spark")).rejects.toMatchObject({
    code: "OUT_OF_MEMORY",
    message: "because of OUT_OF_MEMORY",
    details: { status: 503, requestId: "r-1", retryAfter: 0, type: "some_error" },
  });
  expect(always.paths()).toEqual(["load", "load"]);
});

test("who is told to come back later than anybody waits is told so at once", async () => {
  const { hearth, paths } = hearth_with({
    "/v1/hearth/load": () => refused(429, "UNSUPPORTED", { "retry-after": "3600" }),
  });
  await expect(hearth.loadModel("spark")).rejects.toMatchObject({ details: { status: 429, retryAfter: 3600 } });
  expect(paths()).toEqual(["load"]);
});

test("other refusals are not asked again", async () => {
  const { hearth, paths } = hearth_with({ "/v1/hearth/load": () => refused(404, "NOT_FOUND") });
  await expect(hearth.loadModel("spark")).rejects.toMatchObject({ code: "NOT_FOUND", details: { status: 404 } });
  expect(paths()).toEqual(["load"]);
});

test("what did not reach the server is sent again where that does no harm", async () => {
  vi.useFakeTimers();
  try {
    const lost = () => Promise.reject(new TypeError("fetch failed"));
    const { hearth, paths } = hearth_with({ "/v1/hearth/load": [lost, loaded], "/v1/hearth/call": lost });
    const loading = hearth.loadModel("spark");
    await vi.runAllTimersAsync();
    const model = await loading;
    expect(paths()).toEqual(["load", "load"]);

    const once = expect(model.unloadAdapter(1)).rejects.toMatchObject({ code: "NETWORK" });
    await vi.runAllTimersAsync();
    await once;
    expect(paths()).toEqual(["load", "load", "call"]);
    const thrice = expect(model.tokenize("x")).rejects.toMatchObject({ code: "NETWORK" });
    await vi.runAllTimersAsync();
    await thrice;
    expect(paths()).toEqual(["load", "load", "call", "call", "call", "call"]);
  } finally {
    vi.useRealTimers();
  }
});

test("a signal ends the waiting between two tries", async () => {
  const { hearth } = hearth_with({ "/v1/hearth/load": () => refused(503, "IO", { "retry-after": "60" }) });
  const controller = new AbortController();
  const loading = hearth.loadModel("spark", "a", { signal: controller.signal });
  setTimeout(() => controller.abort(), 1);
  await expect(loading).rejects.toMatchObject({ code: "ABORTED" });
});

test("a server that says nothing is waited for no longer than timeout", async () => {
  const silent = () => new Promise<Response>(() => {});
  const { hearth } = hearth_with({ "/v1/hearth/load": silent }, { timeout: 5 });
  await expect(hearth.loadModel("spark")).rejects.toMatchObject({ code: "TIMEOUT", details: { timeout: 5 } });

  const stuck = new ReadableStream({ start: (body) => body.enqueue(new TextEncoder().encode("data: {}\n\n")) });
  const headers = { "content-type": "text/event-stream" };
  const midway = hearth_with({ "/v1/hearth/generate": () => new Response(stuck, { headers }) }, { timeout: 5 });
  await midway.hearth.loadModel("spark");
  await expect(midway.hearth.generate("x")).rejects.toMatchObject({ code: "TIMEOUT" });
});

test("a signal ends an answer that does not come, wherever it waits", async () => {
  const silent = () => new Promise<Response>(() => {});
  for (const path of ["/v1/hearth/call", "/v1/hearth/generate"]) {
    const { hearth, asked } = hearth_with({ [path]: silent });
    await hearth.loadModel("spark");
    const controller = new AbortController();
    const answer = hearth.generate("x", { signal: controller.signal });
    await vi.waitUntil(() => asked.at(-1)?.path === path);
    controller.abort();
    await expect(answer).rejects.toMatchObject({ code: "ABORTED" });
    expect(asked.at(-1)?.signal.aborted).toBe(true);
  }
});

test("an answer that breaks off is NETWORK, after what had come", async () => {
  const { hearth } = hearth_with({ "/v1/hearth/generate": () => events({ text: "se" }) });
  await hearth.loadModel("spark");
  const reader = hearth.stream("x").textStream.getReader();
  expect((await reader.read()).value).toBe("se");
  await expect(reader.read()).rejects.toMatchObject({ code: "NETWORK", message: expect.stringMatching(/broke off/) });
});

test("errors of an answer keep their codes, and those that nobody knows are SERVER", async () => {
  for (const [code, expected] of [
    ["CONTEXT_OVERFLOW", "CONTEXT_OVERFLOW"],
    ["E_TEAPOT", "SERVER"],
  ]) {
    const error = { code, message: "too long" };
    const failed = { ...result, finishReason: "error", error };
    const { hearth } = hearth_with({ "/v1/hearth/generate": () => events({ text: "", result: failed }) });
    await hearth.loadModel("spark");
    await expect(hearth.generate("x")).rejects.toMatchObject({ code: expected, message: "too long" });
  }
});

test("what is no Hearth server is told apart, with what to do", async () => {
  const page = () => new Response("<html>Bad gateway</html>", { status: 502, statusText: "Bad Gateway" });
  const answers: [Answer, string, RegExp][] = [
    [page, "NETWORK", /502 Bad Gateway.*Hearth server/],
    [() => new Response("<html>", { status: 404 }), "SERVER", /404.*Hearth server/],
    [() => new Response("<html>"), "SERVER", /no stream of events/],
    [() => new Response("data: {\n\n", { headers: { "content-type": "text/event-stream" } }), "SERVER", /no JSON/],
    [() => events({ model: { id: "s1", info: {} } }), "SERVER", /which model/],
    [
      () => new Response(null, { status: 301, headers: { location: "https://x/" } }),
      "SERVER",
      /redirects to https:\/\/x\//,
    ],
  ];
  for (const [answer, code, message] of answers) {
    const { hearth } = hearth_with({ "/v1/hearth/load": answer });
    await expect(hearth.loadModel("spark")).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  }
  const { hearth } = hearth_with({ "/v1/hearth/call": () => new Response("12") });
  const model = await hearth.loadModel("spark");
  await expect(model.tokenize("x")).rejects.toMatchObject({ code: "SERVER" });
  const short = hearth_with({
    "/v1/hearth/call": () => new Response("12345", { headers: { "x-hearth-reply": "int32" } }),
  });
  await expect((await short.hearth.loadModel("spark")).tokenize("x")).rejects.toMatchObject({ code: "SERVER" });
});

test("the server's models are listed, loaded or not", async () => {
  const data = [{ id: "a", object: "model", hearth: { loaded: true, memory: 5, active: 1 } }, { id: "b" }];
  const { hearth } = hearth_with({ "/v1/models": () => json({ object: "list", data }) });
  expect(await hearth.serverModels()).toEqual([
    { id: "a", loaded: true, memory: 5, active: 1 },
    { id: "b", loaded: false },
  ]);
  const nonsense = hearth_with({ "/v1/models": () => json([]) });
  await expect(nonsense.hearth.serverModels()).rejects.toMatchObject({ code: "SERVER" });
});

test("options that make no sense are refused by their names, without the key", () => {
  const wrong: [object, RegExp][] = [
    [{ endpoint: undefined }, /needs an endpoint/],
    [{ endpoint: "ftp://x" }, /http: or https:, not ftp:/],
    [{ endpoint: "http://me:secret@x" }, /user or password/],
    [{ endpoint: "no address" }, /must be an address/],
    [{ apiKey: `${key}\n` }, /apiKey must be/],
    [{ apiKey: [key] }, /apiKey must be/],
    [{ headers: { "x-key": `${key}\n${key}` } }, /'x-key' cannot be sent/],
    [{ timeout: 0 }, /timeout must be .*not 0/],
    [{ maxRetries: -1 }, /maxRetries must be .*not -1/],
    [{ apikey: key }, /no option 'apikey'; the nearest is 'apiKey'/],
    [{ mode: "cloud" }, /mode must be one of local, server/],
    [{ mode: "local" }, /no engine/],
  ];
  for (const [options, why] of wrong) {
    const make = () => hearth_with({}, options);
    expect(make).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringMatching(why) }));
    expect(make).not.toThrow(/secret|never-shown/);
  }
});

test("a model without a name is refused before the server is asked", async () => {
  const { hearth, asked } = hearth_with({});
  await expect(hearth.loadModel(new Uint8Array() as never, "a")).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  expect(asked).toEqual([]);
});

test("where models run here, no server is asked", async () => {
  const here = async () => Promise.reject(new Error("not loaded in this test"));
  expect(() => new Hearth({ endpoint: "http://x" } as never, here)).toThrow(/endpoint goes with mode: "server"/);
  await expect(new Hearth({}, here).serverModels()).rejects.toMatchObject({ code: "UNSUPPORTED" });
});
