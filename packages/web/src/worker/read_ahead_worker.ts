/** A worker that reads a model's layers while the engine's computes: the other end of read_ahead.ts. */

import { open_reader } from "./byte_reader.js";
import { serve_requests } from "./read_ahead.js";

globalThis.addEventListener(
  "message",
  ({ data: port }: MessageEvent<MessagePort>) => serve_requests(port, open_reader),
  {
    once: true,
  },
);
