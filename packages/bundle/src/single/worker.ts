/** The worker of a page that is one file: @hearth/web's, with one thread. The page's first message has the engine. */

import { Hosted, type Port, type Request, Session } from "@hearth/core/remote";
import { hold_until_the_end } from "../../../web/src/worker/lifetime.js";
import type { Helpers, LoadRequest } from "../../../web/src/worker/load_request.js";
import { open_engine } from "../../../web/src/worker/open.js";

const port: Port = { postMessage: (message, transfer = []) => globalThis.postMessage(message, { transfer }) };
const open: typeof open_engine = (load, context) => open_engine({ ...load, threads: false, plainSimd: true }, context);
const session = new Session(port, new Hosted(open));

addEventListener("message", async ({ data }: MessageEvent<Request<LoadRequest, Helpers> | { engine: Blob }>) => {
  // An address that the page had made could not be read here: to Chromium, each file has an origin of its own.
  if ("engine" in data) return Object.assign(globalThis, { hearth_engine: URL.createObjectURL(data.engine) });
  if (data.type === "load") await hold_until_the_end(data.load.alive);
  session.receive(data);
});
