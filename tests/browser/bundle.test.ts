/** What `hearth bundle` makes, as somebody visits it: on a host that sends no headers, without a network, from a disk. */

import { execFileSync } from "node:child_process";
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type AnyBrowser, type AnyPage, start_browser } from "./browsers.js";
import { host_folder, type StaticHost } from "./static_host.js";

const of_repository = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const work = mkdtempSync(join(tmpdir(), "hearth-bundles-"));
const made = (name: string) => join(work, name);

function bundle(name: string, ...options: string[]): string {
  const model = of_repository("models/hearth-spark.gguf");
  execFileSync(of_repository("build/hearth"), ["bundle", model, "--output", made(name), ...options]);
  return made(name);
}

/** The same with another model: Hearth Spark by another name, so that it still answers. */
function bundle_of_another(name: string): string {
  const other = made("other.gguf");
  execFileSync(of_repository("build/hearth"), [
    "convert",
    of_repository("models/hearth-spark.gguf"),
    other,
    "--type",
    "Q4_0",
  ]);
  execFileSync(of_repository("build/hearth"), ["bundle", other, "--output", made(name), "--name", name]);
  return made(name);
}

/** Its form has a text, a choice and a number. */
const workflow = `
name: Ask twice
input_schema:
  type: object
  properties:
    first: {type: string, title: First question}
    second: {enum: ["What is 2 plus 2?", "What is 3 plus 3?"], default: "What is 3 plus 3?"}
    most: {type: integer, minimum: 1, default: 20}
  required: [first]
nodes:
  - {name: one, subgraph: parts/answer.yaml, input: {question: "{{ state.first }}", most: "{{ state.most }}"}, output: {one: answer}}
  - {name: two, subgraph: parts/answer.yaml, input: {question: "{{ state.second }}", most: "{{ state.most }}"}, output: {two: answer}}
outputs: {one: "{{ state.one }}", two: "{{ state.two }}"}
`;
const called_workflow = `
nodes:
  - name: ask
    uses: llm.chat
    with: {prompt: "{{ state.question }}", max_tokens: "{{ state.most }}", temperature: 0}
    output: {answer: content}
`;

beforeAll(() => {
  bundle("first", "--chunk", "1MB", "--name", "First");
  bundle("second", "--chunk", "1MB", "--name", "Second");
  bundle("single.html", "--single");
  mkdirSync(made("flow/parts"), { recursive: true });
  writeFileSync(made("flow/ask.yaml"), workflow);
  writeFileSync(made("flow/parts/answer.yaml"), called_workflow);
  bundle("flow.html", "--single", "--workflow", made("flow/ask.yaml"));
  bundle("flow-site", "--workflow", made("flow/ask.yaml"));
});
const hosts: StaticHost[] = [];
afterAll(async () => {
  await Promise.all(hosts.map((host) => host.close()));
  rmSync(work, { recursive: true, force: true });
});

/** What is true in a page, sooner or later: it may be loading itself anew. */
function seen<T>(page: AnyPage, look: () => T): ReturnType<typeof expect.poll> {
  return expect.poll(() => page.evaluate(look).catch(() => undefined));
}

const title = () => document.title;
const isolated = () => crossOriginIsolated && navigator.serviceWorker.controller !== null;
const ready = () => document.querySelector("#welcome button") !== null;

/** Visits until a version is there that has this title. The browser looks for it with every visit, in its own time. */
async function visit_until(page: AnyPage, url: string, wanted: string): Promise<void> {
  const visit_once = async () => {
    await page.goto(url);
    await page.evaluate(updated);
    await page.goto(url);
    await seen(page, ready).toBe(true);
    return page.evaluate(title);
  };
  await expect.poll(visit_once).toBe(wanted);
}

/** When the newest version that is there was installed, if there is one. */
async function updated(): Promise<void> {
  const registration = await navigator.serviceWorker.ready;
  await registration.update().catch(() => {});
  const { installing } = registration;
  const busy = () => installing?.state === "installing" || installing?.state === "installed";
  for (let waits = 0; busy() && waits < 100; ++waits) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Whether the newest version that is there was tried, and is not taken. */
async function refused(): Promise<boolean> {
  const registration = await navigator.serviceWorker.ready;
  const tried = new Promise<ServiceWorker | null>((resolve) => {
    registration.onupdatefound = () => resolve(registration.installing);
  });
  await registration.update().catch(() => {});
  const worker = await tried;
  return new Promise((resolve) => {
    const look = () => worker?.state === "installing" || resolve(worker?.state === "redundant");
    worker?.addEventListener("statechange", look);
    look();
  });
}

/** Loads the page's model and asks it; gives the answer, and what computed it. */
async function ask(page: AnyPage): Promise<{ answer: string; device: string }> {
  await seen(page, ready).toBe(true);
  return page.evaluate(async () => {
    const becomes = async <T>(look: () => T): Promise<NonNullable<T>> => {
      for (;;) {
        const found = look();
        if (found) return found;
        const failure = document.querySelector("#welcome .failure");
        if (failure) throw new Error(failure.textContent ?? "");
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    document.querySelector<HTMLElement>("#welcome button")?.click();
    const question = document.getElementById("question") as HTMLTextAreaElement;
    await becomes(() => !question.disabled);
    question.value = "What is 3 plus 4?";
    document.getElementById("send")?.click();
    const answer = await becomes(() => document.querySelector(".answer:not(.writing)"));
    return { answer: answer.textContent ?? "", device: document.getElementById("model-name")?.title ?? "" };
  });
}

describe.each(["Chromium", "Firefox"] as const)("%s", (name) => {
  let browser: AnyBrowser;
  let page: AnyPage;
  let host: StaticHost;

  beforeAll(async () => {
    browser = await start_browser(name);
  });
  afterAll(() => browser?.close());
  // Browsers keep things by origin, so each test has a host of its own.
  beforeEach(async () => {
    host = await host_folder(made("first"));
    hosts.push(host);
    page = await browser.newPage();
    page.on("pageerror", (error) => console.error("in the page:", error));
    return () => page.close();
  });

  async function visit(): Promise<void> {
    await page.goto(host.url);
    await seen(page, isolated).toBe(true);
  }

  test("a page has threads from its first visit on, and answers when its host is gone", async () => {
    await visit();
    const { answer, device } = await ask(page);
    expect(answer).toContain("7");
    expect(device).toMatch(/[2-9] threads|1\d threads/);
    const chunks = host.asked.filter((path) => path.startsWith("model/") && !path.endsWith(".json"));
    expect(chunks).toHaveLength(3);
    await host.close();
    await page.goto(host.url);
    expect((await ask(page)).answer).toContain("7");
    expect(await kept_addresses(page)).not.toContainEqual(expect.stringMatching(/\.00\d$/)); // the model is kept once
  });

  test("a new version is what the next visits get, and an open page goes on with its own", async () => {
    await visit();
    await seen(page, title).toBe("First");
    host.folder = made("second");
    await page.evaluate(updated);
    const other = await browser.newPage();
    await visit_until(other, host.url, "Second");
    const version = async () => (await (await fetch("bundle.json")).json()).name;
    expect(await Promise.all([page, other].map((open) => open.evaluate(version)))).toEqual(["First", "Second"]);
    for (const open of [page, other]) expect((await ask(open)).answer).toContain("7");
    expect(host.asked.filter((path) => path === "hearth/wasm/hearth-threads64.wasm")).toHaveLength(1);
    // Once no page needs it any more, the version before goes; Firefox counts closed pages as open for long.
    await page.close();
    const versions = async () => {
      await other.goto(host.url);
      return (await kept_addresses(other)).filter((url) => url.endsWith("page.js")).length;
    };
    if (name === "Chromium") await expect.poll(versions).toBe(1);
    await other.close();
    page = await browser.newPage();
  });

  test("a new version that is not whole changes nothing", async () => {
    await visit();
    const broken = made(`broken-${name}`);
    cpSync(made("second"), broken, { recursive: true });
    appendFileSync(join(broken, "bundle.json"), "\n");
    host.folder = broken;
    expect(await page.evaluate(refused)).toBe(true);
    await page.goto(host.url);
    await seen(page, title).toBe("First");
    expect((await ask(page)).answer).toContain("7");
  });

  test("a new model that is not whole leaves the one from before", async () => {
    await visit();
    expect((await ask(page)).device).toContain("Q8_0");
    const other = bundle_of_another(`other-${name}`);
    const [chunk = ""] = readdirSync(join(other, "model")).filter((file) => file.endsWith(".000"));
    appendFileSync(join(other, "model", chunk), "more");
    host.folder = other;
    await visit_until(page, host.url, `other-${name}`);
    const { answer, device } = await ask(page);
    expect(answer).toContain("7");
    expect(device).toContain("Q8_0");
  });

  test("a page of one's own loads the model in two lines", async () => {
    const own = made(`page-${name}`);
    mkdirSync(own);
    writeFileSync(
      join(own, "index.html"),
      "<!doctype html><title>Mine</title><script type=module src=main.js></script>",
    );
    writeFileSync(
      join(own, "main.js"),
      `import { generateText, loadBundledModel } from "./hearth/dist/index.js";
       const model = await loadBundledModel();
       const { text } = await generateText({ model, prompt: "What is 3 plus 4?", temperature: 0 });
       document.title = text + (await crossOriginIsolated);`,
    );
    host.folder = bundle(`own-${name}`, "--page", own);
    await page.goto(host.url);
    await seen(page, title).toMatch(/7.*true/);
  });

  test.each(["flow-site", "flow.html"])("a workflow is run by a form: %s", async (what) => {
    host.folder = made(what);
    await page.goto(what.endsWith(".html") ? pathToFileURL(made(what)).href : host.url);
    if (!what.endsWith(".html")) await seen(page, isolated).toBe(true);
    await seen(page, title).toBe("Ask twice");
    await page.evaluate(() => {
      const [first] = document.getElementsByTagName("textarea");
      if (first) first.value = "What is 3 plus 4?";
      document.querySelector("form")?.requestSubmit();
    });
    const outcome = () => document.querySelector("#outcome:not([hidden]), .failure")?.textContent;
    await seen(page, outcome).toMatch(/^one.*7.*two.*6/);
  });

  test("a page that is one file answers from a disk, on one thread", async () => {
    await page.goto(pathToFileURL(made("single.html")).href);
    const { answer, device } = await ask(page);
    expect(answer).toContain("7");
    expect(device).toMatch(/simd128, 1 thread/);
  });
});

/** Of what the service worker keeps. */
function kept_addresses(page: AnyPage): Promise<string[]> {
  return page.evaluate(async () => {
    const names = await caches.keys();
    const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return requests.flat().map(({ url }) => url);
  });
}

test("Chromium finds nothing against installing a bundle", async () => {
  const host = await host_folder(made("first"));
  hosts.push(host);
  const browser = (await start_browser("Chromium")) as unknown as BrowserContext;
  const page: Page = await browser.newPage();
  await page.goto(host.url);
  await seen(page as never, isolated).toBe(true);
  const session = await browser.newCDPSession(page);
  const { installabilityErrors } = await session.send("Page.getInstallabilityErrors");
  expect(installabilityErrors).toEqual([]);
  await browser.close();
});
