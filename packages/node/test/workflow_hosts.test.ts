/** What workflows reach outside: servers that are allowed, and values that stay. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { executeLlmYaml, type HearthError, openStore } from "@hearth/node";

let server: Server;
let other: Server;
const asked: { path: string; method: string; body: string; authorization?: string }[] = [];

const origin_of = (listening: Server) => `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;

async function listen(): Promise<Server> {
  const listening = createServer(async (request, response) => {
    let body = "";
    for await (const piece of request) body += piece;
    const { url = "", method = "", headers } = request;
    asked.push({ path: url, method, body, authorization: headers.authorization });
    const to = new URL(url, "http://localhost").searchParams.get("to");
    if (to) return void response.writeHead(Number(url.slice(1, 4)), { location: to }).end();
    if (url === "/again") return void response.writeHead(302, { location: url }).end();
    if (url === "/slow") return; // and no answer
    const status = url === "/busy" ? 503 : 200;
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ path: url, body }));
  });
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  return listening;
}

before(async () => {
  [server, other] = await Promise.all([listen(), listen()]);
});
after(() => {
  for (const listening of [server, other]) {
    listening.close();
    listening.closeAllConnections();
  }
});

async function get(path: string, allowOrigins = [origin_of(server)], more = ""): Promise<Record<string, unknown>> {
  asked.length = 0;
  const url = JSON.stringify(origin_of(server) + path);
  const yaml = `nodes: [{name: ask, uses: http.get, with: {url: ${url}, headers: {authorization: secret}}${more}}]`;
  return (await executeLlmYaml(yaml, {}, { allowOrigins })).state;
}

const fails =
  (code: string, says = "") =>
  (error: HearthError) => {
    assert.equal(error.code, code, error.message);
    assert.ok(error.message.includes(says), error.message);
    return true;
  };

test("an allowed server is asked, and another one never", async () => {
  const { status, json } = await get("/a");
  assert.deepEqual([status, json], [200, { path: "/a", body: "" }]);
  const way_out = `give allowOrigins: ["${origin_of(server)}"]`;
  await assert.rejects(get("/a", []), fails("UNSUPPORTED", way_out));
  await assert.rejects(get("/a", ["https://127.0.0.1"]), fails("UNSUPPORTED", way_out));
  assert.deepEqual(asked, []);
  await assert.rejects(get("/a", ["*"]), fails("INVALID_ARGUMENT", "'*' is no origin"));
  await assert.rejects(get("/busy"), fails("SERVER", "503"));
  await assert.rejects(get("/slow", undefined, ", timeout_ms: 50"), fails("TIMEOUT"));
});

test("redirects are followed where each server is allowed, without what was meant for the first", async () => {
  const elsewhere = `${origin_of(other)}/b`;
  assert.deepEqual((await get("/302?to=/b")).json, { path: "/b", body: "" });
  await assert.rejects(get(`/302?to=${elsewhere}`), fails("UNSUPPORTED", `redirects to ${origin_of(other)}`));
  assert.equal(asked.length, 1);
  const both = [origin_of(server), origin_of(other)];
  assert.deepEqual((await get(`/307?to=${elsewhere}`, both)).json, { path: "/b", body: "" });
  assert.deepEqual(
    asked.map(({ authorization }) => authorization),
    ["secret", undefined],
  );
  await assert.rejects(get("/302?to=file:///etc/passwd"), fails("UNSUPPORTED"));
  await assert.rejects(get("/again"), fails("SERVER", "without an end"));
});

test("a body is sent on by 307, and not by 303", async () => {
  for (const [status, method, body] of [
    [307, "POST", '{"n":1}'],
    [303, "GET", ""],
  ] as const) {
    asked.length = 0;
    const url = JSON.stringify(`${origin_of(server)}/${status}?to=/c`);
    const yaml = `nodes: [{uses: http.post, with: {url: ${url}, json: {n: 1}}}]`;
    await executeLlmYaml(yaml, {}, { allowOrigins: [origin_of(server)] });
    assert.deepEqual([asked[1]?.method, asked[1]?.body], [method, body]);
  }
});

const keep = `
nodes:
  - {name: a, uses: storage.put, with: {key: "../../a", value: {n: 1}}}
  - {name: b, uses: storage.put, with: {key: "b\\0/é", value: null, namespace: ".."}}
`;
const look = `
nodes:
  - {name: a, uses: storage.get, with: {key: "../../a"}, output: a}
  - {name: list, uses: storage.list, with: {namespace: ".."}, output: list}
`;

test("what a store keeps stays for other programs, in files of its folder alone", async () => {
  const parent = mkdtempSync(join(tmpdir(), "hearth-store-"));
  const folder = join(parent, "deep", "store");
  const program = `
    import { executeLlmYaml, openStore } from "@hearth/node";
    await executeLlmYaml(process.argv[1], {}, { store: openStore(process.argv[2]) });
  `;
  const cwd = fileURLToPath(new URL("../..", import.meta.url));
  execFileSync(process.execPath, ["--input-type=module", "-e", program, keep, folder], { cwd });
  const store = openStore(folder);
  const { state } = await executeLlmYaml(look, {}, { store });
  assert.deepEqual((state.a as { value: unknown }).value, { n: 1 });
  assert.deepEqual((state.list as { keys: unknown }).keys, ["b\0/é"]);
  const files = readdirSync(parent, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".json"));
  assert.deepEqual(files.sort(), [
    "deep/store/%2E%2E/b%00%2F%C3%A9.json",
    "deep/store/default/%2E%2E%2F%2E%2E%2Fa.json",
  ]);

  await Promise.all(Array.from({ length: 20 }, (_, n) => store.put("", "A", { n })));
  assert.ok(((await store.get("", "A")) as { n: number }).n < 20);
  assert.deepEqual(await store.list("", ""), ["A"]);
  await store.delete("", "A");
  await store.delete("", "A");
  assert.equal(await store.get("", "A"), undefined);
  await assert.rejects(store.put("", "x".repeat(300), 1), fails("INVALID_ARGUMENT", "224 are the most"));
  await assert.rejects(store.put("", "x", "x".repeat(2 ** 24)), fails("INVALID_ARGUMENT", "16777216 bytes"));
  writeFileSync(join(parent, files.find((name) => name.includes("default")) as string), "{");
  await assert.rejects(executeLlmYaml(look, {}, { store }), fails("INTEGRITY", "put the value again"));
});

test("the command line keeps the same in the same files", async () => {
  const folder = mkdtempSync(join(tmpdir(), "hearth-store-"));
  const [file, kept] = [join(folder, "keep.yaml"), join(folder, "kept")];
  writeFileSync(file, keep);
  const hearth = fileURLToPath(new URL("../../../../build/hearth", import.meta.url));
  execFileSync(hearth, ["workflow", "run", file, "--store", kept, "--json"]);
  const { state } = await executeLlmYaml(look, {}, { store: openStore(kept) });
  assert.deepEqual((state.a as { value: unknown }).value, { n: 1 });
  assert.deepEqual((state.list as { keys: unknown }).keys, ["b\0/é"]);
});

test("without a store, values last as long as the run", async () => {
  await executeLlmYaml(keep);
  const { state } = await executeLlmYaml(look);
  assert.equal((state.a as { found: boolean }).found, false);
});
