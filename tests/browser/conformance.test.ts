/** The cases that every package of Hearth passes: in Chromium with threads, without isolation, without a worker; in Firefox. */

import { cases, workflow_cases } from "@hearth/core/conformance";
import { afterAll, beforeAll, describe, test } from "vitest";
import {
  type AnyBrowser,
  type AnyPage,
  type BrowserName,
  import_as_global,
  open_page,
  start_browser,
} from "./browsers.js";
import { serve, type TestServer } from "./server.js";

const settings: { name: BrowserName; how: string; isolated: boolean; options: object }[] = [
  { name: "Chromium", how: "in a worker, with threads", isolated: true, options: { threads: 2 } },
  { name: "Chromium", how: "in a worker, without cross-origin isolation", isolated: false, options: {} },
  { name: "Chromium", how: "on the page's thread", isolated: false, options: { useWorker: false } },
  { name: "Firefox", how: "in a worker, with threads", isolated: true, options: { threads: 2 } },
];

for (const { name, how, isolated, options } of settings) {
  describe(`${name}, ${how}`, () => {
    let server: TestServer;
    let browser: AnyBrowser;
    let page: AnyPage;
    beforeAll(async () => {
      server = await serve({ isolated });
      server.pages.set("/broken.gguf", { type: "application/octet-stream", body: "no model" });
      browser = await start_browser(name);
      page = await open_page(browser, server.origin);
      await import_as_global(page, "conformance", `${server.origin}/core/dist/conformance/index.js`);
    });
    afterAll(async () => {
      await browser?.close();
      await server?.close();
    });

    // Which settings a workflow's model has is nothing to it.
    const of_workflows = isolated ? workflow_cases : [];
    for (const { name: case_name } of [...cases, ...of_workflows]) {
      test(case_name, () => page.evaluate(run_case, { case_name, options }));
    }
  });
}

/** In the page. */
async function run_case({ case_name, options }: { case_name: string; options: object }): Promise<void> {
  const with_options = (source: never, more: object = {}) => hearth.loadModel(source, { ...options, ...more });
  class Hearth extends hearth.ModelRegistry<never, object> {
    constructor(registry_options?: object) {
      super(with_options, registry_options);
    }
  }
  const platform = {
    api: { ...hearth, loadModel: with_options, Hearth },
    model: "/models/hearth-spark.gguf",
    thinking: async () => {
      const response = await fetch("/models/hearth-spark.gguf");
      return conformance.thinking_model(new Uint8Array(await response.arrayBuffer()));
    },
    broken: "/broken.gguf",
    missing: "/models/missing.gguf",
  };
  const cases = [...conformance.cases, ...conformance.workflow_cases];
  await cases.find(({ name }) => name === case_name)?.run(platform as never);
}
