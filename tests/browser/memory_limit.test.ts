/** A model larger than the memory that it is given, in Chromium. */

import { expect, test } from "vitest";
import { open_page, start_chromium } from "./chromium.js";
import { serve } from "./server.js";

for (const isolated of [true, false]) {
  test(`${isolated ? "with threads" : "one thread"}: layers are read from the cache while it writes`, async () => {
    const server = await serve({ isolated });
    const context = await start_chromium();
    try {
      const page = await open_page(context, server.origin);
      const found = await page.evaluate(async (url) => {
        const write = async (source: string | Blob, memoryLimit?: number) => {
          const model = await hearth.loadModel(source, { threads: 2, memoryLimit });
          const { text } = await hearth.generateText({ model, prompt: "Once", temperature: 0, maxTokens: 8 });
          const { layersResident, bytesRead } = await model.statistics();
          const { layerCount, fileSize } = model.info;
          await model.dispose();
          return { text, fileSize, streamed: layersResident < layerCount && bytesRead > 0 };
        };
        const whole = await write(url);
        const limit = Math.floor(whole.fileSize * 0.8);
        const blob = await (await fetch(url)).blob();
        return { whole, cached: await write(url, limit), blob: await write(blob, limit) };
      }, "/models/hearth-spark.gguf");
      expect(found.whole.streamed).toBe(false);
      for (const streamed of [found.cached, found.blob]) {
        expect(streamed).toEqual({ ...found.whole, streamed: true });
      }
    } finally {
      await context.close();
      await server.close();
    }
  });
}
