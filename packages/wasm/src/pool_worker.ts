/** A worker of start_pool: hosts one of the engine's threads and talks to the engine through a port, not its page. */

import type { PoolMessage } from "./pool.js";

addEventListener(
  "message",
  async (event: MessageEvent<PoolMessage>) => {
    const { module, port } = event.data;
    const tell_page = globalThis.postMessage.bind(globalThis);
    // The module's loader talks to whoever started its thread in these two words.
    globalThis.postMessage = (message: unknown) => port.postMessage(message);
    if (module === "threads64") await import("../../modules/hearth-threads64.mjs");
    else await import("../../modules/hearth-threads.mjs");
    port.onmessage = (message) => globalThis.onmessage?.call(globalThis as never, message);
    tell_page("ready");
  },
  { once: true },
);
