/** The documentation's examples for pages (tests/docs/blocks.py) do what they say, in Chromium. */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build, type Plugin, transform } from "esbuild";
import type { BrowserContext, Page, Route } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { start_chromium } from "./chromium.js";
import { serve, type TestServer } from "./server.js";

interface Block {
  page: string;
  line: number;
  language: string;
  info: string;
  text: string;
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const blocks: Block[] = JSON.parse(execFileSync("python3", [here("../docs/blocks.py")], { encoding: "utf8" }));
const spark = readFileSync(here("../../models/hearth-spark.gguf"));
const sha256 = createHash("sha256").update(spark).digest("hex");

let server: TestServer;
let browser: BrowserContext;

beforeAll(async () => {
  server = await serve({ isolated: true });
  const manifest = {
    name: "spark.gguf",
    size: spark.length,
    sha256,
    chunks: [{ url: "/models/hearth-spark.gguf", size: spark.length, sha256 }],
  };
  server.pages.set("/model/manifest.json", { type: "application/json", body: JSON.stringify(manifest) });
  const flow = "nodes:\n  - {name: shout, uses: text.upper, with: {text: '{{ state.input }}'}, output: shouted}\n";
  server.pages.set("/flow.yaml", { type: "application/yaml", body: flow });
  server.pages.set("/workflow/answer.yaml", {
    type: "application/yaml",
    body: flow.replace("state.input", "state.question"),
  });
  browser = await start_chromium();
  await browser.route(/^https:\/\/(example\.org|huggingface\.co)\//, answer_for_others);
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

/** The hosts that examples name, as far as they are asked. */
async function answer_for_others(route: Route): Promise<void> {
  const file = {
    type: "file",
    path: "model-Q4_K_M.gguf",
    size: spark.length,
    lfs: { oid: sha256, size: spark.length },
  };
  const is_file = route.request().url().endsWith(".gguf");
  await route.fulfill({
    headers: { "access-control-allow-origin": "*", "access-control-allow-headers": "*", etag: '"one"' },
    contentType: is_file ? "application/octet-stream" : "application/json",
    body: is_file ? spark : JSON.stringify([file]),
  });
}

const served: Plugin = {
  name: "served",
  setup: ({ onResolve }) =>
    onResolve({ filter: /^(@hearth\/web(\/tea)?|\.\/hearth\/dist\/index\.js)$/ }, ({ path }) => ({
      path: path.endsWith("/tea") ? "/web/dist/tea.js" : "/web/dist/index.js",
      external: true,
    })),
};

/** What the text around a fragment speaks of. */
const at_hand = `
import * as web from "@hearth/web";
import { installPromptApi } from "@hearth/prompt-api";
const { loadModel, ModelCache } = web;
const url = "models/hearth-spark.gguf";
const model = url;
const blob = await (await fetch(url)).blob();
`;

/** Shows the component that an example exports. */
function shown(text: string): string {
  const [, name = ""] = /^export function (\w+)/m.exec(text) ?? [];
  return `${text}
import { createRoot } from "react-dom/client";
createRoot(document.body.appendChild(document.createElement("div"))).render(<${name} />);
`;
}

async function code_of({ text, language }: Block): Promise<string> {
  const whole = text.includes("import ") ? text : at_hand + text;
  const contents = `${language === "jsx" ? shown(whole) : whole}\nglobalThis.ended = true;`;
  const { outputFiles } = await build({
    stdin: { contents, loader: language === "jsx" ? "jsx" : "js", resolveDir: here("pages") },
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    jsx: "automatic",
    logLevel: "error",
    plugins: [served],
  });
  return outputFiles[0]?.text ?? "";
}

/** Asks what a component is for, and waits for an answer. */
async function use(page: Page): Promise<void> {
  await page.locator("input").fill("What is 2+2?");
  await page.keyboard.press("Enter");
  await expect.poll(() => page.locator("body").textContent()).toContain("2 + 2 = 4.");
}

const is_run = ({ info }: Block) => !info.startsWith("not run");

test("examples that are not run can be read", async () => {
  for (const { language, text } of blocks.filter((block) => !is_run(block))) {
    await transform(text, { loader: language === "jsx" ? "jsx" : "js" });
  }
});

test.each(blocks.filter(is_run))("$page:$line", async (block) => {
  const code = await code_of(block);
  const page = await browser.newPage();
  // Chromium may have one of its own, without a model.
  await page.addInitScript("delete globalThis.LanguageModel");
  const failed = new Promise<never>((_, reject) => page.on("pageerror", reject));
  const run = async () => {
    await page.goto(server.origin);
    // The Prompt API downloads nothing before the user has done something.
    await page.mouse.click(1, 1);
    await page.addScriptTag({ type: "module", content: code });
    await page.waitForFunction("globalThis.ended");
    if (block.language === "jsx") await use(page);
  };
  try {
    await Promise.race([run(), failed]);
  } finally {
    await page.close();
  }
});
