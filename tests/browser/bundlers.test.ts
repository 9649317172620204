/** The package as a new user gets it: packed, installed, and bundled by Vite and by webpack. */

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { BrowserContext } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { start_chromium } from "./chromium.js";
import { serve, type TestServer } from "./server.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const main = `
import { executeLlmYaml, loadModel, streamText } from "@hearth/web";
const yaml = 'nodes: [{uses: llm.chat, with: {prompt: "What is 3 plus 4?", temperature: 0}, output: {answer: content}}]';
globalThis.answer = async () => {
  const model = await loadModel("/models/hearth-spark.gguf", { fallback: false, threads: 2 });
  let text = "";
  for await (const piece of streamText({ model, prompt: "What is 3 plus 4?", temperature: 0 })) text += piece;
  const { state } = await executeLlmYaml(yaml, {}, { model });
  if (state.answer !== text) throw new Error("a workflow answers " + state.answer);
  await model.dispose();
  return [text, model.info.device];
};
`;

/** Packages that need no engine of their own. */
const others = ["ai-sdk", "stores", "react", "svelte", "vue"];

let app: string;
let context: BrowserContext;
const servers: TestServer[] = [];

beforeAll(async () => {
  app = mkdtempSync(join(tmpdir(), "hearth-app-"));
  install("core", "web", ...others);
  writeFileSync(join(app, "package.json"), JSON.stringify({ name: "app", private: true, type: "module" }));
  writeFileSync(join(app, "main.js"), main);
  writeFileSync(
    join(app, "index.html"),
    '<!doctype html><title>App</title><script type="module" src="/main.js"></script>',
  );
  context = await start_chromium();
});
afterAll(async () => {
  await context?.close();
  await Promise.all(servers.map((server) => server.close()));
  rmSync(app, { recursive: true, force: true });
});

/** What npm would publish, unpacked where npm would put it. */
function install(...names: string[]): void {
  const workspaces = names.map((name) => `--workspace=@hearth/${name}`);
  const packed = JSON.parse(
    execFileSync("npm", ["pack", "--json", "--pack-destination", app, "--loglevel=error", ...workspaces], {
      cwd: root,
      encoding: "utf8",
    }),
  ) as { name: string; filename: string }[];
  for (const { name, filename } of packed) {
    const folder = join(app, "node_modules", name);
    mkdirSync(folder, { recursive: true });
    execFileSync("tar", ["-xzf", join(app, filename), "-C", folder, "--strip-components=1"]);
  }
}

/** Opens what a bundler made; gives the answer and what computed it. */
async function answer_of(folder: string, isolated: boolean): Promise<[string, string]> {
  const server = await serve({ isolated });
  servers.push(server);
  const types: Record<string, string> = {
    html: "text/html",
    js: "text/javascript",
    mjs: "text/javascript",
    wasm: "application/wasm",
  };
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const type = types[entry.name.split(".").pop() ?? ""] ?? "application/octet-stream";
    server.pages.set(`/${relative(folder, path)}`, { type, body: readFileSync(path) });
  }
  const page = await context.newPage();
  page.on("pageerror", (error) => console.error("in the page:", error));
  await page.goto(`${server.origin}/index.html`);
  await page.waitForFunction(() => "answer" in globalThis);
  return page.evaluate(() => (globalThis as unknown as { answer: () => Promise<[string, string]> }).answer());
}

test("a Vite application", { timeout: 180_000 }, async () => {
  const { build } = await import("vite");
  const vite = {
    root: app,
    logLevel: "error",
    build: { outDir: "vite-dist", target: "es2022" },
    worker: { format: "es" },
  } as const;
  await build(vite);
  for (const isolated of [true, false]) {
    const [text, device] = await answer_of(join(app, "vite-dist"), isolated);
    expect(text).toContain("7");
    expect(device).toMatch(isolated ? /2 threads/ : /1 thread/);
  }
});

test("a webpack application", { timeout: 180_000 }, async () => {
  const { default: webpack } = await import("webpack");
  const output = join(app, "webpack-dist");
  await new Promise<void>((resolve, reject) => {
    webpack(
      { mode: "production", context: app, entry: "./main.js", output: { path: output, publicPath: "auto" } },
      (error, stats) => {
        if (error || stats?.hasErrors()) reject(error ?? new Error(stats?.toString({ all: false, errors: true })));
        else resolve();
      },
    );
  });
  writeFileSync(join(output, "index.html"), '<!doctype html><title>App</title><script src="main.js"></script>');
  for (const isolated of [true, false]) {
    const [text, device] = await answer_of(output, isolated);
    expect(text).toContain("7");
    expect(device).toMatch(isolated ? /2 threads/ : /1 thread/);
  }
});

test("what is packed stands alone, and has types", () => {
  const folder = join(app, "node_modules", "@hearth", "web");
  const files = readdirSync(folder, { recursive: true }).map(String);
  expect(files).toEqual(
    expect.arrayContaining(["dist/index.js", "dist/worker.js", "dist/types/index.d.ts", "wasm/hearth-simd128.wasm"]),
  );
  expect(files.filter((file) => file.includes(".test."))).toEqual([]);
  const modules = files
    .filter((file) => /^dist\/[^/]*\.js$/.test(file))
    .map((file) => readFileSync(join(folder, file), "utf8"));
  // Nothing but files of its own, so that it needs neither a bundler nor an import map.
  for (const code of modules) expect(code).not.toMatch(/(from|import)\s*\(?\s*"[^./]/);
});

test.each(others)("what is packed of @hearth/%s imports what it declares", (name) => {
  const folder = join(app, "node_modules", "@hearth", name);
  const { exports, dependencies, peerDependencies } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const files = readdirSync(folder, { recursive: true }).map(String);
  for (const path of Object.values(exports["."])) expect(files).toContain(String(path).slice("./".length));
  const code = files
    .filter((file) => /\.(js|d\.ts)$/.test(file))
    .map((file) => readFileSync(join(folder, file), "utf8"))
    .join("\n");
  const imported = [...code.matchAll(/(?:from|import)\s*\(?\s*"((?:@[^/"]+\/)?[^./"][^/"]*)/g)].map(([, name]) => name);
  expect(imported).not.toEqual([]);
  expect(Object.keys({ ...dependencies, ...peerDependencies })).toEqual(expect.arrayContaining(imported));
});
