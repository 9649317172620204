/** A dedicated worker: one model for one page. */

import { Hosted, type Port, type Request, Session } from "@hearth/core/remote";
import { hold_until_the_end } from "./lifetime.js";
import type { Helpers, LoadRequest } from "./load_request.js";
import { open_engine } from "./open.js";

const port: Port = { postMessage: (message, transfer = []) => globalThis.postMessage(message, { transfer }) };
const session = new Session(port, new Hosted(open_engine));

globalThis.addEventListener("message", async ({ data }: MessageEvent<Request<LoadRequest, Helpers>>) => {
  if (data.type === "load") await hold_until_the_end(data.load.alive);
  session.receive(data);
});
