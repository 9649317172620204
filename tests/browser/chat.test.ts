/** The example page, as somebody uses it. */

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { start_chromium } from "./chromium.js";
import { serve, type TestServer } from "./server.js";

const chat = fileURLToPath(new URL("../../examples/chat", import.meta.url));
const types: Record<string, string> = {
  html: "text/html",
  css: "text/css",
  svg: "image/svg+xml",
  js: "text/javascript",
  wasm: "application/wasm",
};

let server: TestServer;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  execFileSync(process.execPath, [join(chat, "node_modules/vite/bin/vite.js"), "build", "--logLevel=error"], {
    cwd: chat,
  });
  server = await serve({ isolated: true });
  for (const entry of readdirSync(join(chat, "dist"), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const type = types[entry.name.split(".").pop() ?? ""] ?? "application/octet-stream";
    server.pages.set(`/${relative(join(chat, "dist"), path)}`, { type, body: readFileSync(path) });
  }
  context = await start_chromium();
  page = await context.newPage();
  page.on("pageerror", (error) => console.error("in the page:", error));
  await page.goto(`${server.origin}/index.html`);
}, 180_000);
afterAll(async () => {
  await context?.close();
  await server?.close();
});

const answers = () => page.locator(".answer:not(.writing)");

/**
 * Clicks a button, or only waits, as soon as an answer has text. The page does it itself: an answer may be whole before
 * anything asks or clicks from outside. Call it before the answer is asked for, and await `seen` afterwards.
 */
async function while_writing(button?: string): Promise<{ seen: () => Promise<unknown> }> {
  const watch = await page.evaluateHandle((button) => {
    const seen = new Promise<void>((resolve) => {
      const observer = new MutationObserver(() => {
        if (!document.querySelector(".writing .markdown")?.textContent) return;
        observer.disconnect();
        if (button) document.querySelector<HTMLElement>(button)?.click();
        resolve();
      });
      observer.observe(document.body, { subtree: true, childList: true, characterData: true });
    });
    return { seen };
  }, button);
  return { seen: () => watch.evaluate(({ seen }) => seen) };
}

test("a model is loaded and answers, by the keyboard alone", async () => {
  await page.getByRole("button", { name: "Load the bundled model" }).focus();
  await page.keyboard.press("Enter");
  const question = page.getByRole("textbox", { name: "Message", exact: true });
  await expect.poll(() => question.isEnabled()).toBe(true);
  await page.keyboard.type("What is 3 plus 4?");
  await page.keyboard.press("Enter");
  await expect.poll(() => answers().count()).toBe(1);
  expect(await answers().first().textContent()).toContain("7");
  expect(await page.getByRole("status").textContent()).toContain("7");
  expect(await page.locator("#numbers").textContent()).toMatch(/tokens\/s.*memory/);
});

test("a model that cannot be loaded leaves the conversation, and the reason is seen", async () => {
  server.pages.set("/none.gguf", { type: "text/html", body: "<!doctype html>" });
  await page.getByLabel("From the web").fill("/none.gguf");
  await page.keyboard.press("Enter");
  const reason = page.getByRole("alert");
  await expect.poll(() => reason.textContent()).toMatch(/none.gguf was not loaded: .*no model/);
  const [shown, composer] = [await reason.boundingBox(), await page.locator("#composer").boundingBox()];
  expect((shown?.y ?? 0) + (shown?.height ?? Infinity)).toBeLessThanOrEqual(composer?.y ?? 0);
  expect(await answers().count()).toBe(1);
  expect(await page.getByText("on this device").count()).toBe(0);
});

test("an answer is stopped, and asked for again", async () => {
  await page.getByLabel("Longest answer").fill("400");
  await page.getByRole("textbox", { name: "Message", exact: true }).fill("Tell me a story");
  const stopped = await while_writing("#stop");
  await page.keyboard.press("Enter");
  await stopped.seen();
  await expect.poll(() => answers().count()).toBe(2);
  const again = await while_writing();
  await page.getByRole("button", { name: "Answer again" }).click();
  await again.seen();
  await expect.poll(() => answers().count()).toBe(2);
  expect(await page.locator(".question").count()).toBe(2);
});

test("a new conversation begins empty, also while an answer is written", async () => {
  await page.getByRole("textbox", { name: "Message", exact: true }).fill("Tell me a story");
  const left = await while_writing("#new-chat");
  await page.keyboard.press("Enter");
  await left.seen();
  expect(await page.getByRole("button", { name: "Send" }).isVisible()).toBe(true);
  await expect.poll(() => page.locator("#numbers").textContent()).toMatch(/^[\d.]+ MB of memory$/);
  expect(await page.locator(".question, .answer").count()).toBe(0);
});

test("what the browser offers is shown when it is asked for", async () => {
  await page.getByText("This browser").click();
  await expect.poll(() => page.locator(".facts").textContent()).toMatch(/Cross-origin isolated.*yes.*Storage.*MB of/s);
});

test("every control has a name, and the panel is a drawer on a phone", async () => {
  const nameless = await page.evaluate(
    () =>
      [...document.querySelectorAll<HTMLInputElement | HTMLButtonElement>("button, input, textarea")].filter(
        (control) => !control.getAttribute("aria-label") && !control.textContent?.trim() && !control.labels?.length,
      ).length,
  );
  expect(nameless).toBe(0);
  await page.setViewportSize({ width: 390, height: 844 });
  const address = page.getByLabel("From the web");
  await expect.poll(() => address.isVisible()).toBe(false);
  await page.getByRole("button", { name: "Model and settings" }).click();
  await expect.poll(() => address.isVisible()).toBe(true);
  await page.keyboard.press("Escape");
  await expect.poll(() => address.isVisible()).toBe(false);
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow).toBe(0);
});

test("a model from an address is found on this device the next time", async () => {
  await page.getByRole("button", { name: "Model and settings" }).click();
  await page.getByLabel("From the web").fill("/models/hearth-spark.gguf");
  await page.keyboard.press("Enter");
  await expect.poll(() => page.getByText("on this device").count()).toBe(1);
  await page.reload();
  await page.getByRole("button", { name: "Model and settings" }).click();
  await page.getByRole("button", { name: /hearth-spark.gguf.*on this device/ }).click();
  await expect.poll(() => page.getByRole("textbox", { name: "Message", exact: true }).isEnabled()).toBe(true);
  expect(server.asked.filter((line) => line.startsWith("GET /models"))).toHaveLength(1);
});
