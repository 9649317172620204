/** The documentation's site as visitors have it: under a path of a host that sends no headers of its own. */

import { createReadStream, readdirSync, readFileSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import axe from "axe-core";
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { start_chromium } from "./chromium.js";

const dist = fileURLToPath(new URL("../../site/dist", import.meta.url));
/** What tools/build_site.sh was given in ./test. */
const base = "/hearth/";
const types: Record<string, string> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

let server: Server;
let origin: string;
let browser: BrowserContext;
let page: Page;

beforeAll(async () => {
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const path = join(
      dist,
      decodeURIComponent(pathname.slice(base.length)),
      pathname.endsWith("/") ? "index.html" : "",
    );
    if (!pathname.startsWith(base) || !statSync(path, { throwIfNoEntry: false })?.isFile()) {
      return void response.writeHead(404).end();
    }
    response.writeHead(200, { "content-type": types[extname(path)] ?? "application/octet-stream" });
    createReadStream(path).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  browser = await start_chromium();
});
afterAll(async () => {
  await browser?.close();
  server?.close();
  server?.closeAllConnections();
});

let faults: string[];
beforeEach(async () => {
  faults = [];
  page = await browser.newPage();
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("response", (response) => {
    if (response.status() >= 400) faults.push(`${response.status()} ${response.url()}`);
  });
  page.on("request", (request) => {
    const { protocol, href } = new URL(request.url());
    if (protocol.startsWith("http") && !href.startsWith(origin + base)) faults.push(`asked for ${href}`);
  });
});
afterEach(async () => {
  await page.close();
  expect(faults).toEqual([]);
});

async function open(path: string): Promise<void> {
  await page.goto(`${origin}${base}${path}`);
  await page.waitForFunction("document.querySelector('#app').__vue_app__");
}

function all_pages(): string[] {
  return readdirSync(dist, { recursive: true, encoding: "utf8" }).filter(
    (path) => path.endsWith(".html") && !path.startsWith("chat/"),
  );
}

test("every page has its text, and links that lead somewhere, anchors included", () => {
  const ids = new Map<string, Set<string>>();
  const texts = new Map(all_pages().map((path) => [path, readFileSync(join(dist, path), "utf8")]));
  for (const [path, text] of texts)
    ids.set(path, new Set([...text.matchAll(/\bid="([^"]+)"/g)].map(([, id]) => id ?? "")));
  const wrong: string[] = [];
  for (const [path, text] of texts) {
    if (!["404.html", "chat.html", "playground.html"].includes(path) && !/<h1/.test(text))
      wrong.push(`${path}: no text`);
    for (const [, link = ""] of text.matchAll(/<a\b[^>]*\bhref="([^"]+)"/g)) {
      if (/^(https?|mailto):/.test(link)) continue;
      const url = new URL(link.replaceAll("&amp;", "&"), `http://site${base}${path}`);
      const to = relative(base, decodeURIComponent(url.pathname)) || "index.html";
      const file = url.pathname.endsWith("/") && to !== "index.html" ? `${to}/index.html` : to;
      const anchor = decodeURIComponent(url.hash.slice(1));
      const exists = statSync(join(dist, file), { throwIfNoEntry: false })?.isFile();
      if (!exists || (anchor !== "" && ids.has(file) && !ids.get(file)?.has(anchor))) wrong.push(`${path}: ${link}`);
    }
  }
  expect(texts.size).toBeGreaterThan(50);
  expect(wrong).toEqual([]);
});

/** What WCAG 2.2 A and AA ask for, as far as axe can see. */
async function violations(of: Page["mainFrame"] extends () => infer Frame ? Frame : never = page.mainFrame()) {
  await of.evaluate(axe.source);
  return of.evaluate(async () => {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
    const { axe: in_page } = globalThis as unknown as { axe: typeof axe };
    const { violations } = await in_page.run(document, { runOnly: tags, iframes: false });
    return violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html, target }) => `${target} ${html}`).join("\n")}`,
    );
  });
}

const kinds = [
  "index.html",
  "web.html",
  "errors.html",
  "workflows.html",
  "api/index.html",
  "api/c/hearth_workflow.html",
];
kinds.push("api/typescript/core/classes/Model.html", "404.html");

test("pages are usable by everybody, wide and narrow, light and dark", async () => {
  for (const [index, path] of kinds.entries()) {
    await page.setViewportSize({ width: index % 2 ? 400 : 1280, height: 900 });
    await open(path);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await violations(), `${path}, ${colorScheme}`).toEqual([]);
    }
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow, `${path} is wider than its window`).toBeLessThanOrEqual(0);
  }
});

test("what is searched for is found without a server", async () => {
  await open("index.html");
  await page.keyboard.press("Control+k");
  await page.locator("#localsearch-input").fill("memoryLimit");
  await page.locator(".result").first().waitFor();
  await page.keyboard.press("Enter");
  await expect.poll(() => page.url()).toMatch(/\.html#/);
});

/** By the service worker, after the page has loaded itself anew. */
async function open_isolated(path: string): Promise<void> {
  await open(path);
  await page.waitForFunction("crossOriginIsolated");
}

test("the chat page answers, isolated by the service worker", async () => {
  await open_isolated("chat.html");
  const chat = page.frameLocator("iframe");
  await chat.getByRole("button", { name: "Load the bundled model" }).click();
  const question = chat.getByRole("textbox", { name: "Message", exact: true });
  await expect.poll(() => question.isEnabled()).toBe(true);
  await question.fill("What is 3 plus 4?");
  await question.press("Enter");
  await expect.poll(() => chat.locator(".answer:not(.writing)").count()).toBe(1);
  expect(await chat.locator(".answer").textContent()).toContain("7");
  expect(await violations()).toEqual([]);
  const frame = page.frames()[1];
  expect(frame && (await violations(frame))).toEqual([]);
});

const choose = (name: string) => page.getByLabel("Example").selectOption(name);
const status = () => page.getByRole("status").textContent();
const runs = () => page.getByRole("button", { name: "Run" }).click();

test("the playground draws and runs its examples on the bundled model", async () => {
  await open_isolated("playground.html");
  for (const [name, expected] of [
    ["One question", "37 + 48 = 85."],
    ["Several at once", "12 + 30 = 42."],
    ["A choice of ways", '"kind":"question"'],
    ["A loop, without a model", '"squares":[1,4,9,16,25]'],
  ] as const) {
    await choose(name);
    await expect.poll(() => page.getByRole("button", { name: "Run" }).isEnabled()).toBe(true);
    await runs();
    await expect.poll(status, name).toContain(expected);
    const picture = page.getByRole("img", { name: /nodes of the workflow/ });
    expect(await picture.getAttribute("src")).toContain("svg");
    expect(await page.getByRole("list", { name: "Events" }).textContent()).toContain("node_finished");
  }
});

test("the playground stops a run, and goes on with an interrupted one as its state was changed", async () => {
  await open_isolated("playground.html");
  await choose("A review in between");
  await runs();
  await expect.poll(status).toContain("Stopped for you");
  const state = page.getByLabel(/^State, which/);
  const changed = { ...JSON.parse(await state.inputValue()), draft: "all is well." };
  await state.fill(JSON.stringify(changed));
  await page.getByRole("button", { name: "Resume" }).click();
  await expect.poll(status).toContain("Dear reader, all is well.");

  await page
    .locator(".cm-content")
    .fill(
      "nodes:\n  - {name: tell, uses: llm.chat, with: {prompt: Tell me a story, ignoreEnd: true, keepTokens: 0}}\n",
    );
  await expect.poll(() => page.getByText("No faults.").count()).toBe(1);
  await runs();
  await expect.poll(() => page.getByRole("list", { name: "Events" }).textContent()).toMatch(/token.*\w{3}/);
  await page.getByRole("button", { name: "Stop" }).click();
  await expect.poll(status).toContain("ABORTED");
});

test("the playground shows faults where they are, and is usable by the keyboard and by those who do not see it", async () => {
  await open_isolated("playground.html");
  await page.getByLabel("Example").focus();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Control+a");
  await page.keyboard.type("nodes:\n  - {name: a, uses: llm.chatt}\n");
  const faults_shown = page.getByRole("list", { name: "Faults" });
  await expect.poll(() => faults_shown.textContent()).toContain("2:");
  expect(await page.locator(".cm-lint-marker-error").count()).toBe(1);
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    expect(await violations()).toEqual([]);
  }
  await faults_shown.getByRole("button").first().press("Enter");
  const focused = () => page.evaluate(() => document.activeElement?.className ?? "");
  expect(await focused()).toContain("cm-content");
  await page.keyboard.press("Tab");
  expect(await focused()).not.toContain("cm-content");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Escape");
  await expect.poll(focused).not.toContain("cm-content");
  await page.setViewportSize({ width: 400, height: 800 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
});
