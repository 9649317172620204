/** What the engine's kernels compute in each browser: the logits of the reference models, against the native engine's. */

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AnyBrowser, type AnyPage, import_as_global, start_browser } from "./browsers.js";
import { serve } from "./server.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const reference = join(process.env.HEARTH_TESTDATA ?? join(root, "../shared/testdata"), "reference");
const program = process.env.HEARTH_PROGRAM ?? join(root, "build/hearth");

const models = [
  "llama-gqa",
  "llama3-ropefactors",
  "qwen2-bias",
  "gemma2-softcap-swa8",
  "phi2-partial-rotary",
  "phi3-fused",
  "llama-256-Q8_0",
  "llama-256-Q4_0",
  "llama-256-Q2_K",
  "llama-256-Q4_K_M",
  "llama-256-Q6_K",
];

// As in packages/wasm/test/conformance.test.ts: simd128 rounds twice where the others round once.
const most = (model: string, module: string) => (module === "simd128" && model.includes("-256-") ? 0.1 : 1e-3);

const gguf = (model: string) => join(reference, "gguf", `${model}.gguf`);
const out = join(mkdtempSync(join(tmpdir(), "hearth-logits-")), "logits.f32");

function tokens_of(model: string): number[] {
  const { cases } = JSON.parse(readFileSync(join(reference, `${model}.json`), "utf8"));
  const { prompt_ids, greedy_ids, logits_rows } = cases[0];
  return [...prompt_ids, ...greedy_ids].slice(0, logits_rows);
}

/** [token, vocabulary], of all models. */
const native_logits = new Map<string, Buffer>();

function compute_native_logits(): void {
  for (const model of models) {
    const tokens = tokens_of(model).join();
    execFileSync(program, ["logits", gguf(model), "--tokens", tokens, "--out", out, "--kv-type", "f32"]);
    native_logits.set(model, readFileSync(out));
  }
}

/** In the page: the largest difference. The best token is then the same wherever it leads by more than twice that. */
async function compare([model, module, tokens]: readonly [string, "simd128" | "threads", number[]]): Promise<number> {
  const bytes_at = async (path: string) => new Uint8Array(await (await fetch(path)).arrayBuffer());
  const bytes = await bytes_at(`/gguf/${model}`);
  const expected = new Float32Array((await bytes_at(`/logits/${model}`)).buffer);
  const engine = await wasm.WasmEngine.load(module, [{ name: model, bytes }], { kvType: "f32" });
  const logits = engine.logits(Int32Array.from(tokens), 0);
  engine.unload();
  if (logits.length !== expected.length) throw new Error(`${logits.length} logits, not ${expected.length}`);
  return logits.reduce((most, value, index) => Math.max(most, Math.abs(value - (expected[index] ?? NaN))), 0);
}

const missing = [reference, program].find((path) => !existsSync(path));
describe.skipIf(missing).each(["Chromium", "Firefox"] as const)(
  `%s${missing ? `: skipped, there is no ${missing}` : ""}`,
  (name) => {
    let browser: AnyBrowser;
    beforeAll(async () => {
      if (native_logits.size === 0) compute_native_logits();
      browser = await start_browser(name);
    });
    afterAll(() => browser?.close());

    test.each(["simd128", "threads"] as const)("%s", async (module) => {
      const server = await serve({ isolated: true });
      // The packages as they are compiled, which import each other by name.
      const core = "/core/dist/src";
      const imports = {
        "@hearth/core": `${core}/index.js`,
        "@hearth/core/platform": `${core}/platform.js`,
      };
      server.pages.set("/logits.html", {
        type: "text/html",
        body: `<!doctype html><script type="importmap">${JSON.stringify({ imports })}</script>`,
      });
      try {
        const page: AnyPage = await browser.newPage();
        await page.goto(`${server.origin}/logits.html`);
        await import_as_global(page, "wasm", `${server.origin}/wasm/dist/src/index.js`);
        for (const model of models) {
          const tokens = tokens_of(model);
          const type = "application/octet-stream";
          server.pages.set(`/gguf/${model}`, { type, body: readFileSync(gguf(model)) });
          server.pages.set(`/logits/${model}`, { type, body: native_logits.get(model) ?? "" });
          expect(await page.evaluate(compare, [model, module, tokens] as const), model).toBeLessThan(
            most(model, module),
          );
        }
      } finally {
        await server.close();
      }
    });
  },
);
