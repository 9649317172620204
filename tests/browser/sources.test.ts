/** Where models come from and where they are kept. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  type AnyBrowser,
  type AnyPage,
  type BrowserName,
  open_page,
  start_browser,
  start_with_quota,
} from "./browsers.js";
import { new_profile } from "./profile.js";
import { serve, type TestServer } from "./server.js";

const file = readFileSync(fileURLToPath(new URL("../../models/hearth-spark.gguf", import.meta.url)));
const sha256_of = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
const sha256 = sha256_of(file);
const path = "/models/hearth-spark.gguf";

const third = Math.ceil(file.length / 3);
const chunks = [0, 1, 2].map((index) => file.subarray(index * third, (index + 1) * third));
const described = chunks.map((body, index) => ({ url: `chunks/${index}`, size: body.length, sha256: sha256_of(body) }));
const manifest = (entries: object[]) => ({
  type: "application/json",
  body: JSON.stringify({ name: "chunked.gguf", size: file.length, chunks: entries }),
});

// Browsers keep things by origin, so each test has a server of its own. All stay until the end, lest a port come back.
const servers: TestServer[] = [];
let server: TestServer;

beforeEach(async () => {
  server = await serve({ isolated: true });
  servers.push(server);
  for (const [index, body] of chunks.entries()) {
    server.pages.set(`/chunks/${index}`, { type: "application/octet-stream", body });
  }
  server.pages.set("/manifest.json", manifest(described));
  server.pages.set(
    "/damaged.json",
    manifest(described.map((chunk, index) => (index === 1 ? { ...chunk, sha256 } : chunk))),
  );
});
afterAll(() => Promise.all(servers.map((server) => server.close())));

interface Loaded {
  /** What it went through, and was told. */
  stages: string[];
  messages: string[];
  /** Of what went wrong. */
  code?: string;
  said?: string;
}

function load(page: AnyPage, source: string, options: object = {}): Promise<Loaded> {
  return page.evaluate(
    async ([source, options]) => {
      const stages: string[] = [];
      const messages: string[] = [];
      const onProgress = ({ stage, message }: { stage: string; message?: string }) => {
        if (stages.at(-1) !== stage) stages.push(stage);
        if (message !== undefined) messages.push(message);
      };
      try {
        const model = await hearth.loadModel(source, { threads: 1, onProgress, ...options });
        await model.dispose();
        return { stages, messages };
      } catch (error) {
        const { code, message } = error as { code: string; message: string };
        return { stages, messages, code, said: message };
      }
    },
    [source, options] as const,
  );
}

/** A page of the server's in a browser that keeps its things in `profile`. */
async function visit(name: BrowserName, profile: string, use: (page: AnyPage) => Promise<void>): Promise<void> {
  const browser = await start_browser(name, profile);
  try {
    await use(await open_page(browser, server.origin));
  } finally {
    await browser.close();
  }
}

const downloads = () => server.asked.filter((line) => line.startsWith("GET /models") || line.startsWith("GET /chunks"));

describe.each(["Chromium", "Firefox"] as const)("%s", (name) => {
  let browser: AnyBrowser;
  let page: AnyPage;

  beforeAll(async () => {
    browser = await start_browser(name);
  });
  afterAll(() => browser?.close());
  beforeEach(async () => {
    page = await open_page(browser, server.origin);
  });
  afterEach(() => page.close());

  test("of a repository the best that fits is taken and told; without a network it says what there was", async () => {
    const hub = await serve({ isolated: true });
    const sizes = { "m-Q4_K_M.gguf": 2 ** 40, "m-Q2_K.gguf": file.length };
    const listed = Object.entries(sizes).map(([path, size]) => ({ type: "file", path, size }));
    hub.pages.set("/api/models/owner/m/tree/main", { type: "application/json", body: JSON.stringify(listed) });
    hub.pages.set("/owner/m/resolve/main/m-Q2_K.gguf", { type: "application/octet-stream", body: file });
    const options = { hfEndpoint: hub.origin };
    const { messages, code } = await load(page, "hf:owner/m", options);
    expect([messages[0], code]).toEqual([
      expect.stringMatching(/Q4_K_M \(1099.5 GB\): Q2_K is taken, .* of storage$/),
      undefined,
    ]);
    await hub.close();
    const [again, other] = [await load(page, "hf:owner/m", options), await load(page, "hf:owner/m:Q4_K_M", options)];
    expect([again.code, other.code]).toEqual([undefined, "NETWORK"]);
    expect(other.said).toMatch(/it had m-Q4_K_M\.gguf, m-Q2_K\.gguf/);
  });

  test("a model is downloaded once, checked, and found by the next visit, also where its server is gone", async () => {
    const far = await serve({ isolated: true });
    const url = `${far.origin}${path}`;
    const profile = new_profile();
    await visit(name, profile, async (page) => {
      const { stages } = await load(page, url, { integrity: sha256 });
      expect(stages).toEqual(["check_cache", "download", "parse", "read", "initialize", "ready"]);
    });
    await visit(name, profile, async (page) => {
      const again = await load(page, url);
      expect(again.stages).toEqual(["check_cache", "parse", "read", "initialize", "ready"]);
      expect(far.asked.filter((line) => line.startsWith("GET"))).toHaveLength(1);
      await far.close();
      expect(await load(page, url)).toEqual(again);
    });
  });

  test("two tabs that want the same model download it once", async () => {
    server.speed = 4e6;
    const other = await open_page(browser, server.origin);
    const both = await Promise.all([load(page, path), load(other, path)]);
    expect(both.map(({ code }) => code)).toEqual([undefined, undefined]);
    expect(both.flatMap(({ messages }) => messages)).toEqual(["waiting for another tab, which is fetching this file"]);
    expect(downloads()).toHaveLength(1);
  });

  test("bytes in every form", async () => {
    const names = await page.evaluate(async (url) => {
      const blob = await (await fetch(url)).blob();
      const buffer = await blob.arrayBuffer();
      const folder = await navigator.storage.getDirectory();
      const handle = await folder.getFileHandle("mine.gguf", { create: true });
      const writable = await handle.createWritable();
      await writable.write(blob);
      await writable.close();
      const sources = [
        blob,
        buffer,
        new Uint8Array(buffer),
        new File([blob], "file.gguf"),
        handle,
        URL.createObjectURL(blob),
        [blob],
      ];
      const names: string[] = [];
      for (const source of sources) {
        const model = await hearth.loadModel(source, { threads: 1 });
        names.push(model.id);
        await model.dispose();
      }
      return names;
    }, path);
    expect(names.slice(0, 5)).toEqual(["memory", "memory", "memory", "file.gguf", "mine.gguf"]);
    expect(server.asked.filter((line) => line.startsWith("HEAD"))).toHaveLength(0);
  });

  for (const storage of ["opfs", "indexeddb"] as const) {
    test(`the cache in ${storage}: put, open, list, usage, delete, clear`, async () => {
      const found = await page.evaluate(
        async ([storage, url]) => {
          const cache = new hearth.ModelCache({ storage, name: "mine" });
          const bytes = new Uint8Array(9_000_000).fill(7);
          await cache.put("https://host/a.bin", new Blob([bytes]));
          await cache.put("https://host/a.bin", new Blob([bytes.subarray(1)]));
          await cache.put("https://host/b.bin", new Response("hello"));
          await hearth.loadModel(url, { cache }).then((model) => model.dispose());
          const text = await (await cache.open("https://host/b.bin"))?.text();
          const names = (await cache.list()).map(({ name, size }) => `${name} ${size}`).sort();
          const { bytes: used } = await cache.usage();
          const deleted = [await cache.delete("https://host/a.bin"), await cache.delete("https://host/a.bin")];
          const has = [
            await cache.has("https://host/a.bin"),
            await cache.has("https://host/b.bin"),
            await cache.has(url),
          ];
          await cache.clear();
          return {
            text,
            names,
            used,
            deleted,
            has,
            left: (await cache.usage()).bytes,
            other: await new hearth.ModelCache().list(),
          };
        },
        [storage, path] as const,
      );
      expect(found).toEqual({
        text: "hello",
        names: ["a.bin 8999999", "b.bin 5", `hearth-spark.gguf ${file.length}`],
        used: 8999999 + 5 + file.length,
        deleted: [true, false],
        has: [false, true, true],
        left: 0,
        other: [],
      });
    });
  }
});

describe.each(["Chromium", "Firefox"] as const)("%s, when something goes wrong", (name) => {
  let browser: AnyBrowser;
  let page: AnyPage;

  beforeAll(async () => {
    browser = await start_browser(name);
  });
  afterAll(() => browser?.close());
  beforeEach(async () => {
    page = await open_page(browser, server.origin);
  });
  afterEach(() => page.close());

  test("without a checksum, the ETag tells whether the file is the same", async () => {
    await load(page, path);
    await load(page, path);
    expect(downloads()).toHaveLength(1);
    server.etag = '"two"';
    await load(page, path);
    expect(downloads()).toHaveLength(2);
    expect(await page.evaluate(async () => (await new hearth.ModelCache().list()).length)).toBe(1);
  });

  test("a transfer that breaks off goes on from the byte reached", async () => {
    server.breaks = 1;
    expect((await load(page, path, { integrity: sha256 })).code).toBeUndefined();
    expect(downloads()).toHaveLength(2);
    expect(downloads()[1]).toMatch(/bytes=[1-9]/);
  });

  test("a download that was interrupted by closing the tab goes on from there, and is not served before", async () => {
    server.speed = 2e6;
    const loading = load(page, path, { integrity: sha256 }).catch(() => {});
    await expect
      .poll(() => page.evaluate(async () => (await new hearth.ModelCache().usage()).partialBytes))
      .toBeGreaterThan(500_000);
    expect(await page.evaluate((url) => new hearth.ModelCache().has(url), path)).toBe(false);
    await page.close();
    await loading;
    server.speed = 0;
    page = await open_page(browser, server.origin);
    expect((await load(page, path, { integrity: sha256 })).code).toBeUndefined();
    expect(Number(/bytes=(\d+)/.exec(downloads()[1] ?? "")?.[1])).toBeGreaterThan(500_000);
  });

  test("a download whose server goes away says how much has come, from where it will go on", async () => {
    const far = await serve({ isolated: true });
    far.speed = 2e6;
    const failure = page.evaluate(
      (url) => hearth.loadModel(url).then(String, ({ code, message }) => `${code}: ${message}`),
      `${far.origin}${path}`,
    );
    await expect
      .poll(() => page.evaluate(async () => (await new hearth.ModelCache().usage()).partialBytes))
      .toBeGreaterThan(500_000);
    await far.close();
    expect(await failure).toMatch(/NETWORK.*goes on after the [1-9]\d{5,} bytes/);
  });

  test("an aborted download says so, and goes on next time", async () => {
    server.speed = 2e6;
    const code = await page.evaluate(async (url) => {
      const controller = new AbortController();
      const onProgress = ({ stage, loaded }: { stage: string; loaded: number }) =>
        void (stage === "download" && loaded > 4e5 && controller.abort());
      return hearth.loadModel(url, { signal: controller.signal, onProgress }).then(
        () => "",
        (error: { code: string }) => error.code,
      );
    }, path);
    expect(code).toBe("ABORTED");
    server.speed = 0;
    await load(page, path);
    expect(downloads()[1]).toMatch(/bytes=[1-9]/);
  });

  test("bytes that differ from their checksum are not kept", async () => {
    expect((await load(page, path, { integrity: "0".repeat(64) })).code).toBe("INTEGRITY");
    expect((await load(page, "/damaged.json")).code).toBe("INTEGRITY");
    expect(await page.evaluate(() => new hearth.ModelCache().usage())).toMatchObject({ bytes: 0, partialBytes: 0 });
  });

  test("what is no GGUF file is refused as soon as that shows, and not kept", async () => {
    server.pages.set("/page.gguf", { type: "text/html", body: "<!doctype html><title>Not found</title>" });
    expect((await load(page, "/page.gguf")).code).toBe("INVALID_MODEL");
    expect((await load(page, "/page.gguf", { cache: false })).code).toBe("INVALID_MODEL");
    expect(await page.evaluate(() => new hearth.ModelCache().usage())).toMatchObject({ bytes: 0, partialBytes: 0 });
  });

  test("a manifest's chunks become one file", async () => {
    expect((await load(page, "/manifest.json")).code).toBeUndefined();
    expect(downloads()).toHaveLength(3);
    await load(page, "/manifest.json");
    expect(downloads()).toHaveLength(3);
  });

  test("what is not there, and what nobody answers", async () => {
    expect((await load(page, "/models/missing.gguf")).code).toBe("NOT_FOUND");
    expect((await load(page, "http://127.0.0.1:1/m.gguf")).code).toBe("NETWORK");
  });

  test("the least recently used makes room; what never fits is refused before it is downloaded", async () => {
    const found = await page.evaluate(async (url) => {
      const cache = new hearth.ModelCache({ maxBytes: 4_000_000 });
      const blob = (size: number) => new Blob([new Uint8Array(size)]);
      await cache.put("https://host/old", blob(900_000));
      await cache.put("https://host/new", blob(900_000));
      await new Promise((resolve) => setTimeout(resolve, 5));
      await (await hearth.loadModel(url, { cache })).dispose();
      const names = (await cache.list()).map(({ name }) => name).sort();
      const small = new hearth.ModelCache({ name: "small", maxBytes: 1_000_000 });
      const code = await hearth.loadModel(url, { cache: small }).then(
        () => "",
        (error: { code: string }) => error.code,
      );
      const uncached = await hearth.loadModel(url, { cache: false });
      await uncached.dispose();
      return { names, code };
    }, path);
    expect(found).toEqual({ names: ["hearth-spark.gguf", "new"], code: "CACHE_QUOTA" });
  });

  test("what the browser does not grant is CACHE_QUOTA", async () => {
    const limited = await start_with_quota(name, server.origin, 1_000_000);
    try {
      expect((await load(await open_page(limited, server.origin), path)).code).toBe("CACHE_QUOTA");
    } finally {
      await limited.close();
    }
  });

  test("a cached file that was damaged behind our back is downloaded again", async () => {
    const overwrite = (at: number, bytes: string, keep: boolean) =>
      page.evaluate(
        async ([at, bytes, keep]) => {
          const root = (await (
            await navigator.storage.getDirectory()
          ).getDirectoryHandle("hearth-models")) as FileSystemDirectoryHandle & {
            values(): AsyncIterable<FileSystemDirectoryHandle>;
          };
          for await (const folder of root.values()) {
            const file = await folder.getFileHandle("data");
            const writable = await file.createWritable({ keepExistingData: keep });
            await writable.write({ type: "write", position: at, data: bytes });
            await writable.close();
          }
        },
        [at, bytes, keep] as const,
      );
    await load(page, path);
    await overwrite(0, "short", false);
    expect((await load(page, path, { integrity: sha256 })).code).toBeUndefined();
    await overwrite(file.length - 4, "bits", true);
    expect((await load(page, path)).stages.slice(0, 3)).toEqual(["check_cache", "verify", "download"]);
    await overwrite(24, "no header".repeat(100), true);
    const found = await load(page, path);
    expect([found.code, found.stages.includes("download")]).toEqual([undefined, true]);
    expect(found.messages[0]).toMatch(/the cached file is broken and is fetched again/);
  });
});
