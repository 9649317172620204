// The page at /, in Chromium.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { modelFile, program, serve } from "./hearth.mjs";

const folder = mkdtempSync(join(tmpdir(), "hearth-page-"));
const keys = join(folder, "keys.json");
const faults = [];
let open;
let closed;
let browser;
let page;

before(async () => {
  process.env.HEARTH_CACHE = join(folder, "cache"); // of the servers
  const create = (...more) => execFileSync(program, ["key", "create", "--keys", keys, ...more], { encoding: "utf8" });
  const admin = create("--name", "admin", "--scope", "models", "--scope", "admin");
  [open, closed] = await Promise.all([serve(), serve("--keys", keys)]);
  closed.key = /sk-hearth-\S+/.exec(admin)[0];
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-background-networking", "--disable-component-update"],
  });
  page = await browser.newPage();
  page.on("pageerror", ({ message }) => faults.push(message));
  // Among them what the Content-Security-Policy forbids.
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  await page.goto(open.address);
});
after(async () => {
  await browser?.close();
  await Promise.all([open?.end(), closed?.end()]);
  rmSync(folder, { recursive: true });
});

const question = () => page.getByRole("textbox", { name: "Message", exact: true });
const answers = () => page.locator(".answer:not(.writing)");

/** The text of the answer when it is whole. */
async function ask(text) {
  const next = answers().nth(await answers().count());
  await question().fill(text);
  await question().press("Enter");
  await next.locator(".answer-actions").waitFor();
  return next.textContent();
}

/** What a browser asks with, and what else the page's files are asked with. */
const as_browser = (more = {}) => fetch(open.address, { headers: { accept: "text/html,*/*;q=0.8", ...more } });

test("is for browsers; other clients are told that somebody is there", async () => {
  const reply = await as_browser();
  assert.match(reply.headers.get("content-type"), /^text\/html/);
  assert.match(reply.headers.get("content-security-policy"), /^default-src 'none'; script-src 'self';/);
  assert.match(await reply.text(), /<title>Hearth chat/);
  assert.equal(await (await fetch(open.address)).text(), "Ollama is running");
});

test("is not sent again to who has it", async () => {
  const tag = (await as_browser()).headers.get("etag");
  assert.equal((await as_browser({ "if-none-match": tag })).status, 304);
  assert.equal((await as_browser({ "if-none-match": '"another"' })).status, 200);
});

test("is switched off by the configuration", async () => {
  const config = join(folder, "hearth.yaml");
  writeFileSync(config, "page: false\n");
  const server = await serve("--config", config);
  try {
    assert.equal(await (await fetch(server.address, { headers: { accept: "text/html" } })).text(), "Ollama is running");
    assert.equal((await fetch(`${server.address}/page.js`)).status, 404);
  } finally {
    await server.end();
  }
});

test("a model answers, by the keyboard alone", async () => {
  await page.getByRole("button", { name: "Begin" }).press("Enter");
  await question().and(page.locator(":enabled")).waitFor();
  await page.getByLabel("Temperature").fill("0");
  assert.match(await ask("What is 3 plus 4?"), /7/);
  assert.match(await page.locator("#numbers").textContent(), /first after \d+ ms.*memory/);
});

test("an answer is stopped", async () => {
  await page.getByLabel("Longest answer").fill("100000");
  await page.getByLabel("Answer in JSON of this schema").fill('{"type": "string", "minLength": 100000}');
  // As soon as there is something to stop: a busy page could look for it only when all is over.
  const stopped = page.evaluate(() => {
    const stop = document.querySelector("#stop");
    return new Promise((resolve) => {
      const observer = new MutationObserver(() => {
        if (stop.hidden) return;
        observer.disconnect();
        stop.click();
        resolve();
      });
      observer.observe(stop, { attributes: true });
    });
  });
  await ask("Tell me a story");
  await stopped;
  assert.equal(await page.getByRole("button", { name: "Send" }).isVisible(), true);
  await page.getByRole("button", { name: "Back to the defaults" }).click();
  await page.getByRole("button", { name: "New chat" }).click();
});

test("answers are held to a JSON schema", async () => {
  const schema = {
    type: "object",
    properties: { city: { type: "string", maxLength: 20 }, big: { type: "boolean" } },
    required: ["city", "big"],
    additionalProperties: false,
  };
  await page.getByLabel("Answer in JSON of this schema").fill(JSON.stringify(schema));
  await ask("Tell me of a city");
  const answer = JSON.parse(await answers().last().locator("pre").textContent());
  assert.equal(typeof answer.city, "string");
  assert.equal(typeof answer.big, "boolean");
  await page.getByLabel("Answer in JSON of this schema").fill("{");
  await ask("Tell me of a city");
  assert.match(await answers().last().getByRole("alert").textContent(), /schema/i);
  await page.getByLabel("Answer in JSON of this schema").fill("");
});

test("a tool that the model calls is run and shown", async () => {
  await page.getByRole("button", { name: "New chat" }).click();
  await page.getByLabel("Temperature").fill("0");
  await page.getByLabel("It may use a calculator").check();
  await ask("What is 12 times 34?");
  assert.equal(await page.locator(".call").first().textContent(), "calculate(12 * 34) = 408");
  await page.getByLabel("It may use a calculator").uncheck();
});

test("texts are compared, and shown as tokens", async () => {
  await page.getByText("Compare texts").click();
  await page.getByLabel("One text").fill("a cat");
  await page.getByLabel("Another").fill("a cat");
  await page.getByRole("button", { name: "Compare" }).click();
  await page.getByText("Similarity 1.000").waitFor();
  await page.getByText("Tokens of a text").click();
  await page.getByLabel("Text", { exact: true }).fill("How are you?");
  await page.getByRole("button", { name: "Show" }).click();
  await page.locator(".token").first().waitFor();
  const tokens = await page.locator(".token").allTextContents();
  assert.equal(tokens.join(""), "How are you?");
  assert.ok(tokens.length > 2);
});

test("models are unloaded, and loaded again where they are chosen", async () => {
  await page.getByRole("button", { name: "Unload hearth-spark" }).click();
  await page.getByRole("button", { name: "hearth-spark not loaded" }).click();
  await page.getByRole("button", { name: /^hearth-spark loaded/ }).waitFor();
});

test("models are downloaded to the server, and then answer", async () => {
  const origin = createServer((_, response) => response.end(readFileSync(modelFile)));
  await new Promise((resolve) => origin.listen(0, "127.0.0.1", resolve));
  try {
    await page.getByLabel("Download to the server").fill(`http://127.0.0.1:${origin.address().port}/another.gguf`);
    await page.getByRole("button", { name: "Download" }).click();
    await page.getByRole("button", { name: /^another loaded/ }).waitFor();
    assert.match(await ask("What is 3 plus 4?"), /7/);
  } finally {
    origin.close();
  }
});

test("what cannot be downloaded is told, and the conversation stays", async () => {
  await page.getByLabel("Download to the server").fill("nonsense");
  await page.getByRole("button", { name: "Download" }).click();
  await page.getByText(/nonsense was not loaded: /).waitFor();
  assert.equal(await question().isEnabled(), true);
});

test("the server's figures follow what it does", async () => {
  await page.getByText("The server now").click();
  const written = page.locator(".chart", { hasText: "Tokens written" });
  await written.locator("path[d]").waitFor({ state: "attached" });
  await ask("Tell me a story");
  await written.getByText(/^[1-9].* \/s$/).waitFor();
  await page
    .locator(".chart", { hasText: "First token after" })
    .getByText(/^\d.* ms$/)
    .waitFor();
});

test("every control has a name, and nothing is wider than a phone", async () => {
  const nameless = await page.evaluate(
    () =>
      [...document.querySelectorAll("button, input, textarea, meter")].filter(
        (control) => !control.getAttribute("aria-label") && !control.textContent?.trim() && !control.labels?.length,
      ).length,
  );
  assert.equal(nameless, 0);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole("button", { name: "Model and settings" }).click();
  await page.getByLabel("Temperature").waitFor();
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  assert.equal(overflow, 0);
});

test("nothing was forbidden by the page's policy, and nothing failed but what was wrong", () => {
  assert.deepEqual(
    faults.filter((fault) => !fault.includes("status of 400")),
    [],
  );
});

test("a server with keys is given one, which stays out of addresses and of what outlives the tab", async () => {
  await page.goto(closed.address);
  const key = page.getByLabel("The server's key");
  await key.fill(`${closed.key.slice(0, -1)}-`);
  await key.press("Enter");
  await page.getByText(/key/i).and(page.getByRole("alert")).waitFor();
  assert.equal(await page.getByRole("button", { name: /^hearth-spark/ }).count(), 0);
  await key.fill(closed.key);
  await key.press("Enter");
  await page.getByRole("button", { name: /^hearth-spark/ }).click();
  assert.match(await ask("What is 3 plus 4?"), /7/);
  assert.equal(page.url(), `${closed.address}/`);
  assert.equal(await page.evaluate((key) => JSON.stringify(localStorage).includes(key), closed.key), false);
  await page.reload();
  await page.getByRole("button", { name: "Model and settings" }).click();
  await page.getByRole("button", { name: /^hearth-spark/ }).waitFor();
});

test("who manages the server makes, disables and rotates keys, by the keyboard alone", async () => {
  const opens = async (key) => (await fetch(`${closed.address}/v1/models`, { headers: { "x-api-key": key } })).ok;
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.locator("summary", { hasText: "Keys" }).press("Enter");
  await page.getByLabel("A new key for").fill("laptop");
  await page.getByLabel("A new key for").press("Enter");
  const issued = page.getByLabel("The key of laptop, shown this once");
  await issued.and(page.locator(":focus")).waitFor();
  const key = await issued.inputValue();
  assert.match(key, /^sk-hearth-[0-9a-f]{8}-[0-9a-f]{64}$/);
  await page.getByRole("button", { name: "Copy" }).press("Enter");
  await page.getByText("The key was copied").waitFor({ state: "attached" });
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), key);
  assert.equal(await opens(key), true);

  await page.getByRole("button", { name: "Disable laptop" }).press("Enter");
  await page.getByRole("button", { name: "Enable laptop" }).and(page.locator(":focus")).waitFor();
  assert.equal(await opens(key), false);
  await page.getByRole("button", { name: "Enable laptop" }).press("Enter");
  await page.getByRole("button", { name: "Disable laptop" }).waitFor();

  page.on("dialog", (dialog) => dialog.accept());
  await page.getByRole("button", { name: "Rotate laptop" }).press("Enter");
  await page.waitForFunction((old) => document.querySelector("#issued")?.value !== old, key);
  const rotated = await issued.inputValue();
  assert.deepEqual([await opens(key), await opens(rotated)], [false, true]);

  await page.getByRole("button", { name: "Disable admin" }).press("Enter");
  await page.getByRole("alert").filter({ hasText: "make or enable another first" }).waitFor();
  await page.getByRole("button", { name: "Rotate admin" }).press("Enter");
  await page.getByLabel("The key of admin, shown this once").waitFor();
  assert.equal(await opens(closed.key), false);
  await page.reload();
  await page.getByRole("button", { name: "Model and settings" }).click();
  await page.locator("summary", { hasText: "Keys" }).click(); // the page goes on by its new key
  await page.getByRole("button", { name: "Rotate laptop" }).waitFor();
  assert.equal(await page.locator("#issued").count(), 0);

  await page.getByLabel("The server's key").fill(rotated);
  await page.getByLabel("The server's key").press("Enter");
  await page.locator("summary", { hasText: "Keys" }).waitFor({ state: "hidden" });
  await page.goto(open.address);
  await page.getByRole("button", { name: "Model and settings" }).click();
  await page.getByRole("button", { name: /^hearth-spark/ }).waitFor();
  assert.equal(await page.locator("summary", { hasText: "Keys" }).isVisible(), false);
});
