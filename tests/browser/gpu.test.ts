/** A model on the GPU of a browser, which here is a driver that computes on the processor. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AnyBrowser, type AnyPage, open_page, start_browser, start_with_gpu } from "./browsers.js";
import { serve, type TestServer } from "./server.js";

const path = "/models/hearth-spark.gguf";

let server: TestServer;
let plain: TestServer;

beforeAll(async () => {
  server = await serve({ isolated: true });
  plain = await serve({ isolated: false });
});
afterAll(() => Promise.all([server.close(), plain.close()]));

/** In the page: what a device answers, and what it is called. */
async function answer([url, device]: readonly [string, string]) {
  const model = await hearth.loadModel(url, { device });
  try {
    const { text } = await hearth.generateText({ model, prompt: "What is 3 plus 4?", temperature: 0, maxTokens: 6 });
    const [vector] = await model.embed(["seven"]);
    return { text, device: model.info.device, vector: [...(vector ?? [])] };
  } finally {
    await model.dispose();
  }
}

test.each(["Chromium", "Firefox"] as const)("%s: answers on the GPU are those of the processor", async (name) => {
  const browser = await start_with_gpu(name);
  try {
    const page = await open_page(browser, server.origin);
    const expected = await page.evaluate(answer, [path, "cpu"] as const);
    const found = await page.evaluate(answer, [path, "gpu"] as const);
    expect(found.device).toMatch(/^gpu /);
    expect(found.text).toBe(expected.text);
    const cosine = found.vector.reduce((sum, value, i) => sum + value * (expected.vector[i] ?? 0), 0);
    expect(cosine).toBeGreaterThan(0.999);
  } finally {
    await browser.close();
  }
});

describe("Chromium", () => {
  let browser: AnyBrowser;
  let page: AnyPage;

  beforeAll(async () => {
    browser = await start_with_gpu("Chromium");
    page = await open_page(browser, server.origin);
  });
  afterAll(() => browser?.close());

  test("where memory is not shared, and a device is lost in mid-answer, the answer is the same on another", async () => {
    const alone = await open_page(browser, plain.origin);
    const { expected, text, warnings, device } = await alone.evaluate(async (url) => {
      const request = { prompt: "What is 3 plus 4?", maxTokens: 8, temperature: 0, ignoreEnd: true };
      const processor = await hearth.loadModel(url, { device: "cpu", useWorker: false });
      const { text: expected } = await hearth.generateText({ model: processor, ...request });
      await processor.dispose();
      const { requestDevice } = GPUAdapter.prototype;
      let device: GPUDevice | undefined;
      GPUAdapter.prototype.requestDevice = async function (descriptor) {
        device = await requestDevice.call(this, descriptor);
        return device;
      };
      // On this thread, where the device can be reached.
      const model = await hearth.loadModel(url, { device: "gpu", useWorker: false });
      const stream = hearth.streamText({ model, ...request });
      await stream.textStream.getReader().read();
      device?.destroy();
      const { text, warnings } = await stream.result;
      await model.dispose();
      return { expected, text, warnings, device: model.info.device };
    }, path);
    expect(text).toBe(expected);
    expect(warnings.join()).toMatch(/on a device that was opened anew/);
    expect(device).toMatch(/^gpu /);
    await alone.close();
  });

  test("'auto' takes no driver that computes on the processor, and says so", async () => {
    const { device, messages } = await page.evaluate(async (url) => {
      const messages: (string | undefined)[] = [];
      const onProgress = ({ message }: { message?: string }) => void messages.push(message);
      const model = await hearth.loadModel(url, { device: "auto", onProgress });
      const { device } = model.info;
      await model.dispose();
      return { device, messages };
    }, path);
    expect(device).toMatch(/^cpu /);
    expect(messages).toContain("the GPU's driver computes on the processor");
  });

  test("capabilities tell the GPU's limits", async () => {
    const { gpu, webgpu, missing } = await page.evaluate(() => hearth.getCapabilities());
    expect(gpu).toEqual({ available: true });
    expect(webgpu?.description).toMatch(/swiftshader/i);
    expect(webgpu?.limits.maxBufferSize).toBeGreaterThanOrEqual(256 * 2 ** 20);
    expect(missing.map(({ feature }) => feature)).not.toContain("WebGPU");
  });
});

test("a browser without WebGPU says so, and why", async () => {
  const browser = await start_browser("Firefox");
  try {
    const page = await open_page(browser, server.origin);
    const { code, message, gpu, missing } = await page.evaluate(async (url) => {
      const { gpu, missing } = await hearth.getCapabilities();
      const { code, message } = await hearth.loadModel(url, { device: "gpu" }).catch((error) => error);
      return { code, message, gpu, missing };
    }, path);
    expect(code).toBe("UNSUPPORTED");
    expect(gpu).toEqual({ available: false, reason: message });
    expect(missing.map(({ feature }) => feature)).toContain("WebGPU");
  } finally {
    await browser.close();
  }
});
