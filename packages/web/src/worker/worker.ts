/** A dedicated worker: one model for one page. */

import { Hosted, type Port, Session } from "./host.js";
import { hold_until_the_end } from "./lifetime.js";
import { open_engine } from "./open.js";
import type { Request } from "./protocol.js";

const port: Port = { postMessage: (message, transfer = []) => globalThis.postMessage(message, { transfer }) };
const session = new Session(port, new Hosted(open_engine));

globalThis.addEventListener("message", async ({ data }: MessageEvent<Request>) => {
  if (data.type === "load") await hold_until_the_end(data.load.alive);
  session.receive(data);
});
