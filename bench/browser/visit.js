/** A page as somebody visits it: the click that loads a model and asks it, and what that costs the page. */

import { prompt } from "./prompt.js";

const { engine, url, ...given } = Object.fromEntries(new URLSearchParams(location.search));
const threads = Number(given.threads);
const tokens = Number(given.tokens);
const memoryLimit = given.memoryLimit ? Number(given.memoryLimit) : undefined;

if (given.readAhead === "no") {
  const Original = Worker;
  globalThis.Worker = class extends Original {
    constructor(url, options) {
      super(String(url).includes("/read_ahead_worker.js") ? "no_read_ahead_worker.js" : url, options);
    }
  };
}

const engines = {
  /** Calls `on_token` with each. */
  async hearth(on_token) {
    const { loadModel, streamText } = await import("/repository/packages/web/dist/index.js");
    return async () => {
      const model = await loadModel(url, { threads, contextSize: 512, memoryLimit });
      const answer = streamText({ model, prompt, raw: true, temperature: 0, maxTokens: tokens, ignoreEnd: true });
      for await (const _ of answer) on_token();
      const { text, timings, usage } = await answer.result;
      return { device: model.info.device, text, timings, usage, statistics: await model.statistics() };
    };
  },
  async wllama(on_token) {
    const { Wllama } = await import("./node_modules/@wllama/wllama/esm/index.js");
    return async () => {
      const wasm = new URL("./node_modules/@wllama/wllama/esm/wasm/wllama.wasm", import.meta.url).href;
      const model = new Wllama({ default: wasm });
      await model.loadModelFromUrl(url, { n_threads: threads, n_ctx: 512 });
      const options = { prompt, max_tokens: tokens, temperature: 0, stream: true };
      for await (const _ of await model.createCompletion(options)) on_token();
    };
  },
};

const button = document.querySelector("button");
let first = 0;
const click_handler = await engines[engine](() => {
  first ||= performance.now();
});
button.onclick = async () => {
  const clicked = performance.now();
  try {
    const found = await click_handler();
    globalThis.visit = { ...found, first_token_ms: first - clicked };
  } catch (error) {
    globalThis.visit = { error: error.stack ?? String(error) };
  }
};
button.disabled = false;
