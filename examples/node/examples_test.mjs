// The servers answer, several clients at once, and so does the main process for Electron: npm test
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import * as module from "node:module";
import { test } from "node:test";
import { promisify } from "node:util";

for (const name of ["express", "fastify"]) {
  test(`${name} streams answers`, async () => {
    const server = spawn(process.execPath, [`${name}.mjs`, "../../models/hearth-spark.gguf", "0"], {
      cwd: import.meta.dirname,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = await once(server.stdout, "data");
    const url = line.toString().trim();
    const ask = async (prompt) => {
      const body = JSON.stringify({ prompt });
      const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
      assert.equal(response.status, 200);
      return response.text();
    };
    const answers = await Promise.all(Array.from({ length: 4 }, () => ask("What is 3 plus 4?")));
    for (const answer of answers) assert.notEqual(answer, "");
    // One that goes away does not disturb the next.
    const controller = new AbortController();
    const gone = fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ prompt: "Tell me a story" }),
      signal: controller.signal,
    });
    controller.abort();
    await assert.rejects(gone);
    assert.notEqual(await ask("Hello"), "");
    server.kill("SIGTERM");
    const [code] = await once(server, "exit");
    assert.equal(code, 0);
  });
}

const skip = module.registerHooks ? false : "needs module.registerHooks of Node.js 22.15 or later";
test("the main process answers a window and quits, with a stand-in for Electron", { skip }, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ["electron_stand_in.mjs"], {
    cwd: import.meta.dirname,
  });
  const lines = stdout.trim().split("\n");
  assert.deepEqual(lines.slice(-2), ["stop", "quit"]);
  const texts = lines.slice(0, -2).map((line) => JSON.parse(line));
  assert.ok(texts.every(({ channel }) => channel === "text"));
  assert.match(texts.map(({ text }) => text).join(""), /7/);
});
