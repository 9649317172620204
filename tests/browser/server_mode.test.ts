/** The cases that every package of Hearth passes, in a page that has @hearth/core alone, with the models behind a server. */

import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cases, thinking_model } from "@hearth/core/conformance";
import { afterAll, beforeAll, describe, test } from "vitest";
import { HearthServer } from "../../packages/node/test/hearth_server.js";
import { type AnyBrowser, type AnyPage, type BrowserName, import_as_global, start_browser } from "./browsers.js";
import { serve, type TestServer } from "./server.js";

const of_repository = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

for (const name of ["Chromium", "Firefox"] as BrowserName[]) {
  describe(name, () => {
    let pages: TestServer;
    let server: HearthServer;
    let browser: AnyBrowser;
    let page: AnyPage;
    beforeAll(async () => {
      pages = await serve({ isolated: false });
      server = await start_server();
      browser = await start_browser(name);
      page = await browser.newPage();
      page.on("pageerror", (error) => console.error("in the page:", error));
      await page.goto(`${server.endpoint}/v1/models`); // a page of the server's own origin
      await import_as_global(page, "hearth", `${pages.origin}/core/dist/src/index.js`);
      await import_as_global(page, "conformance", `${pages.origin}/core/dist/conformance/index.js`);
    });
    afterAll(async () => {
      await browser?.close();
      await server?.stop();
      await pages?.close();
    });

    for (const { name: case_name } of cases) {
      test(case_name, () => page.evaluate(run_case, { case_name, endpoint: server.endpoint }));
    }
  });
}

/** With the models of the cases. */
async function start_server(): Promise<HearthServer> {
  const folder = mkdtempSync(join(tmpdir(), "hearth-server-"));
  const file = (name: string) => join(folder, `${name}.gguf`);
  copyFileSync(of_repository("models/hearth-spark.gguf"), file("spark"));
  writeFileSync(file("thinking"), thinking_model(readFileSync(file("spark"))));
  writeFileSync(file("broken"), "no model");
  return HearthServer.start(of_repository("build/hearth"), file("spark"), file("thinking"), file("broken"));
}

/** In the page. */
async function run_case({ case_name, endpoint }: { case_name: string; endpoint: string }): Promise<void> {
  const { Hearth: CoreHearth } = hearth;
  class Hearth extends CoreHearth<never, object> {
    constructor(options: object = {}) {
      super({ mode: "server", endpoint, ...options });
    }
  }
  const loadModel = (source: never, options: { id?: string } = {}) =>
    new Hearth().loadModel(source, options.id, options);
  const platform = {
    api: { ...hearth, Hearth, loadModel },
    model: "spark",
    thinking: async () => "thinking",
    broken: "broken",
    missing: "missing",
  };
  await conformance.cases.find(({ name }) => name === case_name)?.run(platform as never);
}
