/** npx hearth, from end to end. */

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const program = file("../../bin/hearth.js");
const model = file("../../../../models/hearth-spark.gguf");

function hearth(args: string[], input = ""): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [program, ...args], (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
    child.stdin?.end(input);
  });
}

test("run answers", async () => {
  const { code, stdout } = await hearth(["run", model, "What is 3 plus 4?", "--temperature", "0", "--threads", "1"]);
  assert.equal(code, 0);
  assert.match(stdout, /7.*\n$/);
});

test("chat answers line by line", async () => {
  const { code, stdout } = await hearth(
    ["chat", model, "--temperature", "0"],
    "What is 3 plus 4?\nWhat is 2 plus 2?\n",
  );
  assert.equal(code, 0);
  assert.match(stdout, /7.*\n.*4/s);
});

test("inspect shows what a model is", async () => {
  const { code, stdout } = await hearth(["inspect", model]);
  assert.equal(code, 0);
  const report = JSON.parse(stdout) as { layerCount: number; metadata: Record<string, unknown> };
  assert.ok(report.layerCount > 0 && "general.architecture" in report.metadata);
});

test("wrong usage ends with 2, failures with 1", async () => {
  assert.equal((await hearth([])).code, 2);
  assert.equal((await hearth(["--help"])).code, 0);
  assert.equal((await hearth(["sing"])).code, 2);
  assert.equal((await hearth(["run", model])).code, 2);
  assert.equal((await hearth(["run", model, "x", "--seed", "y"])).code, 2);
  assert.equal((await hearth(["run", model, "x", "--max-tokens", "0x10"])).code, 2);
  assert.equal((await hearth(["run", model, "x", "--memory-limit", "much"])).code, 2);
  const missing = await hearth(["run", "missing.gguf", "x"]);
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /^hearth: NOT_FOUND: /);
});

test("control characters of names are shown escaped", async () => {
  const { stderr } = await hearth(["run", "\u001b[31m\u009b.gguf", "x"]);
  assert.match(stderr, /^hearth: NOT_FOUND: .*\\x1b\[31m\\xc2\\x9b\.gguf/);
});

test("serve-static serves a folder, and nothing above it", async () => {
  const server = spawn(process.execPath, [program, "serve-static", file("../../../../models"), "--port", "0"]);
  const [line] = (await once(server.stdout, "data")) as [Buffer];
  const origin = line.toString().trim();
  const part = await fetch(`${origin}hearth-spark.gguf`, { headers: { range: "bytes=0-3" } });
  assert.equal(part.status, 206);
  assert.equal(await part.text(), "GGUF");
  assert.equal(part.headers.get("cross-origin-embedder-policy"), "require-corp");
  assert.equal((await fetch(`${origin}hearth-spark.gguf`, { method: "HEAD" })).status, 200);
  assert.equal((await fetch(`${origin}..%2fREADME.md`)).status, 404);
  assert.equal((await fetch(`${origin}missing`)).status, 404);
  assert.equal((await fetch(origin, { method: "POST" })).status, 405);
  server.kill("SIGTERM");
  const [code] = (await once(server, "exit")) as [number];
  assert.equal(code, 0);
});

test("workflow runs, stops, goes on, checks and draws", async () => {
  const folder = mkdtempSync(join(tmpdir(), "hearth-workflow-"));
  const [flow, wrong, kept] = ["flow.yaml", "wrong.yaml", "kept.json"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const ask = 'with: {prompt: "{{ question }}", temperature: 0}, output: {answer: content}, interrupt: after';
  const tell = "run: {type: expression, value: answer ~ more, output_key: told}";
  writeFileSync(flow, `nodes:\n  - {name: ask, uses: llm.chat, ${ask}}\n  - {name: tell, ${tell}}\n`);
  writeFileSync(wrong, "nodes: [{name: a, goto: b}]\n");
  const input = ["--input", '{"question": "What is 3 plus 4?"}', "--model", model];
  const stopped = await hearth(["workflow", "run", flow, ...input, "--checkpoint", kept]);
  assert.match(JSON.parse(stopped.stdout).answer, /7/);
  assert.match(stopped.stderr, /ask \.\.\.\nask: done, .*hearth workflow resume/s);
  const { code, stdout } = await hearth(["workflow", "resume", kept, "--state", '{"more": "!"}', "--json"]);
  assert.equal(code, 0);
  assert.match(JSON.parse(stdout.trim().split("\n").at(-1) as string).state.told, /7.*!$/);

  const faults = await hearth(["workflow", "validate", flow, wrong]);
  assert.equal(faults.code, 1);
  assert.match(faults.stdout, /wrong\.yaml:1:25: error: .* \[unknown-node\]\n/);
  const refused = await hearth(["workflow", "run", wrong]);
  assert.deepEqual([refused.code, refused.stderr], [2, faults.stdout]);
  assert.match((await hearth(["workflow", "graph", flow])).stdout, /^flowchart TD\n/);
  assert.match((await hearth(["workflow", "graph", flow, "--svg"])).stdout, /^<svg /);
  assert.match((await hearth(["workflow", "run", flow, "--input", "1"])).stderr, /--input must be a JSON object/);
  assert.equal((await hearth(["workflow", "sing", flow])).code, 2);
});
