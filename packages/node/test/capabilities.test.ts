/** What is said about this machine is what happens on it. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { getCapabilities } from "@hearth/node";

test("getCapabilities tells of processors, memory and storage", async () => {
  process.env.HEARTH_CACHE = mkdtempSync(join(tmpdir(), "hearth-cache-"));
  const found = await getCapabilities();
  assert.deepEqual(found.native, { available: true });
  assert.deepEqual(found.missing, []);
  assert.equal(found.wasm.simd, true);
  assert.ok(found.processors >= 1 && found.threads >= 1 && found.largestModel > 2 ** 28);
  assert.deepEqual(
    [found.storage.folder, found.storage.usage, found.storage.quota > 0],
    [process.env.HEARTH_CACHE, 0, true],
  );
});

test("it says why there is no native engine", () => {
  const program = `
    const { getCapabilities } = await import(${JSON.stringify(new URL("../src/index.js", import.meta.url).href)});
    console.log(JSON.stringify(await getCapabilities()));`;
  const env = { ...process.env, HEARTH_ADDON: "/no/such/hearth.node" };
  const output = execFileSync(process.execPath, ["--input-type=module", "--eval", program], { env, encoding: "utf8" });
  const found = JSON.parse(output) as Awaited<ReturnType<typeof getCapabilities>>;
  assert.ok(!found.native.available && found.native.reason.includes("/no/such/hearth.node"));
  assert.equal(found.missing[0]?.feature, "native addon");
});
