/** A model larger than the memory that it is given. */

import { expect, test } from "vitest";
import { type BrowserName, open_page, start_browser } from "./browsers.js";
import { serve } from "./server.js";

const settings: { name: BrowserName; how: string; isolated: boolean }[] = [
  { name: "Chromium", how: "with threads", isolated: true },
  { name: "Chromium", how: "one thread", isolated: false },
  { name: "Firefox", how: "with threads", isolated: true },
];

for (const { name, how, isolated } of settings) {
  test(`${name}, ${how}: layers are read while it writes, ahead where another thread can`, async () => {
    const server = await serve({ isolated });
    const browser = await start_browser(name);
    try {
      const page = await open_page(browser, server.origin);
      const found = await page.evaluate(async (url) => {
        const started: string[] = [];
        const Original = Worker;
        globalThis.Worker = class extends Original {
          constructor(...args: ConstructorParameters<typeof Worker>) {
            super(...args);
            started.push(String(args[0]).replace(/.*\//, ""));
          }
        };
        const write = async (source: string | Blob, memoryLimit?: number) => {
          const model = await hearth.loadModel(source, { threads: 2, memoryLimit });
          const { text } = await hearth.generateText({ model, prompt: "Once", temperature: 0, maxTokens: 8 });
          const { layersResident, bytesRead } = await model.statistics();
          const { layerCount, fileSize } = model.info;
          await model.dispose();
          const ahead = started.splice(0).includes("read_ahead_worker.js");
          return { text, fileSize, streamed: layersResident < layerCount && bytesRead > 0, ahead };
        };
        const whole = await write(url);
        const limit = Math.floor(whole.fileSize * 0.8);
        const blob = await (await fetch(url)).blob();
        return { whole, cached: await write(url, limit), blob: await write(blob, limit) };
      }, "/models/hearth-spark.gguf");
      expect(found.whole).toMatchObject({ streamed: false, ahead: false });
      for (const streamed of [found.cached, found.blob]) {
        expect(streamed).toEqual({ ...found.whole, streamed: true, ahead: isolated });
      }
    } finally {
      await browser.close();
      await server.close();
    }
  });
}
