/** One process downloads; others wait, but not for one that is gone. */

import { rmSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { test } from "node:test";
import { cached_path, load, server } from "./server.js";

test("a lock that nobody holds any more holds up nobody", async () => {
  await load(`${server.origin}/m.gguf`);
  const path = cached_path("m.gguf");
  for (const holder of ["", JSON.stringify({ pid: 2 ** 22 + 1, host: hostname() })]) {
    rmSync(path);
    writeFileSync(`${path}.lock`, holder);
    utimesSync(`${path}.lock`, 0, 0);
    await load(`${server.origin}/m.gguf`);
  }
});
