/** A shared worker: one model for all tabs of an origin that ask for it. It goes with the last of them. */

import { Hosted, type Request, Session } from "@hearth/core/remote";
import { hold_until_the_end, when_dead } from "./lifetime.js";
import type { Helpers, LoadRequest } from "./load_request.js";
import { open_engine } from "./open.js";

const hosted = new Hosted(open_engine);

globalThis.addEventListener("connect", (event) => {
  const [port] = (event as MessageEvent).ports;
  if (!port) return;
  const session = new Session(port, hosted);
  port.onmessage = async ({ data }: MessageEvent<Request<LoadRequest, Helpers>>) => {
    if (data.type === "load") {
      await hold_until_the_end(data.load.alive);
      void when_dead(data.load.page).then(() => session.end());
    }
    session.receive(data);
  };
});
