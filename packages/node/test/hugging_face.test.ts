/** hf: names, at a server that answers as Hugging Face does. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { loadModel, ModelCache } from "@hearth/node";
import { cached, cached_path, cacheFolder, load, model, send, server, sha256, sha256_of } from "./server.js";

/** Has the server list these files, so many at once, and what it says of each. */
function list(paths: string[], at_once = 1000, more: object = {}): void {
  const entries: object[] = paths.map((path) => ({ type: "file", path, size: model.length, oid: "0", ...more }));
  entries.unshift({ type: "directory", path: "Q4_K_M.gguf", size: 0, oid: "0" });
  server.answers.set("/api/models/owner/model/tree/main", ({ url = "" }, response) => {
    const begin = Number(new URL(url, server.origin).searchParams.get("cursor") ?? 0);
    const next = `<${server.origin}/api/models/owner/model/tree/main?recursive=true&cursor=${begin + at_once}>; rel="next"`;
    if (begin + at_once < entries.length) response.setHeader("link", next);
    response.end(JSON.stringify(entries.slice(begin, begin + at_once)));
  });
}

beforeEach(() => {
  process.env.HF_ENDPOINT = `${server.origin}/`;
});
afterEach(() => {
  delete process.env.HF_ENDPOINT;
});

const repository = [
  "README.md",
  "imatrix-Q4_K_M.gguf",
  "mmproj-Q4_K_M.gguf",
  "m-BF16.gguf",
  "m-F16.gguf",
  "m-IQ4_XS.gguf",
  "m-Q4_K_M.gguf",
  "m-Q4_K_S.gguf",
  "UD/m-UD-Q4_K_XL.gguf",
  "m.q2_k.gguf",
];

/** Which file was fetched for a name. */
async function file_of(name: string): Promise<string | undefined> {
  server.asked = [];
  await load(name, { reload: true });
  return /\/owner\/model\/resolve\/[^/]+\/(.*)/.exec(server.asked.at(-1)?.url ?? "")?.[1];
}

test("a file's name, at a revision", async () => {
  await load("hf:owner/some-model/m.gguf");
  await load("hf:owner/some-model@v2/folder/m.gguf");
  assert.deepEqual(
    server.asked.map(({ url }) => url).filter((url) => url.includes("/resolve/")),
    ["/owner/some-model/resolve/main/m.gguf", "/owner/some-model/resolve/v2/folder/m.gguf"],
  );
});

test("a quantisation finds the file that has it in its name, as a word, in large letters or small", async () => {
  list(repository, 3);
  for (const [quantization, file] of [
    ["Q4_K_M", "m-Q4_K_M.gguf"],
    ["f16", "m-F16.gguf"],
    ["Q2_K", "m.q2_k.gguf"],
    ["iq4_xs", "m-IQ4_XS.gguf"],
    ["UD-Q4_K_XL", "UD/m-UD-Q4_K_XL.gguf"],
  ]) {
    assert.equal(await file_of(`hf:owner/model:${quantization}`), file);
  }
});

test("a repository's name stands for the best that fits, and it is told what there is", async () => {
  list(repository);
  assert.equal(await file_of("hf:owner/model"), "m-Q4_K_M.gguf");
  const told = (await load("hf:owner/model")).map(({ message = "" }) => message).join();
  assert.match(told, /^hf:owner\/model has .*Q4_K_M is taken, the best of about 4 bits that fits into .* of memory/);
  list(["z-Q8_0.gguf", "a-Q8_0.gguf"]);
  assert.equal(await file_of("hf:owner/model"), "a-Q8_0.gguf");
});

test("a quantisation that none or several have is an error that lists what there is", async () => {
  list(repository);
  await assert.rejects(load("hf:owner/model:Q4_K"), {
    code: "NOT_FOUND",
    message: /Q4_K .*nearest is Q4_K_M; .*Q4_K_M \(\d+ MB\), Q4_K_S/,
  });
  list(["a-Q8_0.gguf", "b-Q8_0.gguf"]);
  await assert.rejects(load("hf:owner/model:Q8_0"), { code: "INVALID_ARGUMENT", message: /a-Q8_0\.gguf, b-Q8_0/ });
  list(["README.md"]);
  await assert.rejects(load("hf:owner/model"), { code: "NOT_FOUND", message: /no GGUF file/ });
});

test("the parts of a split model are one file", async () => {
  const parts = [1, 2].map((part) => `Q8_0/m-Q8_0-0000${part}-of-00002.gguf`);
  list(parts);
  await load("hf:owner/model:Q8_0").catch(() => {}); // its bytes are those of a model that is not split
  const fetched = server.asked.map(({ url }) => url).filter((url) => url.includes("/resolve/"));
  assert.deepEqual(
    fetched,
    parts.map((part) => `/owner/model/resolve/main/${part}`),
  );
});

test("a revision, another endpoint, and headers go to the server that is asked", async () => {
  list(["m-Q8_0.gguf"]);
  const seen: unknown[] = [];
  server.answers.set("/api/models/owner/model/tree/v2", ({ headers }, response) => {
    seen.push(headers.authorization);
    response.end(
      JSON.stringify([
        { type: "file", path: "folder/m Q8_0.gguf" },
        { type: "file", path: "m-Q8_0.gguf" },
      ]),
    );
  });
  process.env.HF_ENDPOINT = "http://127.0.0.1:1";
  await load("hf:owner/model@v2:Q8_0", { hfEndpoint: server.origin, headers: { authorization: "Bearer x" } });
  assert.deepEqual(seen, ["Bearer x"]);
  assert.equal(server.asked.at(-1)?.url, "/owner/model/resolve/v2/m-Q8_0.gguf");
});

const file = "/owner/model/resolve/main/m-Q8_0.gguf";
const with_checksum = { lfs: { oid: sha256 } };
const damaged = Buffer.from(model).fill(0, model.length - 1000);
const answer_file = (body: Uint8Array) => server.answers.set(file, (...answer) => send(body, ...answer));

for (const name of ["hf:owner/model:Q8_0", "hf:owner/model/m-Q8_0.gguf"]) {
  test(`${name} is held to the checksum and the size that its repository lists`, async () => {
    list(["m-Q8_0.gguf"], 1000, with_checksum);
    answer_file(damaged);
    await assert.rejects(load(name), { code: "INTEGRITY", message: new RegExp(`SHA-256 .* not ${sha256}`) });
    answer_file(model.subarray(0, 5000));
    await assert.rejects(load(name), { code: "INTEGRITY", message: /it has 5000 bytes/ });
    assert.deepEqual(cached(), []);
    server.answers.delete(file);
    await load(name);
    assert.equal((await new ModelCache({ folder: cacheFolder }).list())[0]?.sha256, sha256);
    await assert.rejects(load(name, { integrity: "0".repeat(64) }), { code: "INTEGRITY" });
  });
}

test("what the repository has made new is fetched anew, once", async () => {
  list(["m-Q8_0.gguf"], 1000, { lfs: { oid: sha256_of(damaged) } });
  answer_file(damaged);
  await loadModel("hf:owner/model", { cacheFolder }).then((loaded) => loaded.dispose());
  list(["m-Q8_0.gguf"], 1000, with_checksum);
  server.answers.delete(file);
  for (let times = 0; times < 2; ++times) await load("hf:owner/model");
  assert.equal(server.asked.filter(({ url }) => url === file).length, 2);
  assert.deepEqual(readFileSync(cached_path("m-Q8_0.gguf")), model);
});

test("HF_TOKEN goes to the endpoint, headers to the server of the address, and neither where that redirects to", async () => {
  const seen: unknown[] = [];
  const other = createServer(({ headers }, response) => {
    seen.push(headers.authorization, headers["x-key"]);
    response.end(model);
  });
  other.listen(0, "127.0.0.1");
  await once(other, "listening");
  const origin = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  list(["m-Q8_0.gguf"]);
  server.answers.set(file, (_, response) => response.writeHead(302, { location: `${origin}/real` }).end());
  process.env.HF_TOKEN = "secret";
  try {
    await load("hf:owner/model:Q8_0", { headers: { "x-key": "mine" } });
    await load(`${server.origin}/m.gguf`);
    await load(`${origin}/elsewhere.gguf`);
    for (const { url, headers } of server.asked) assert.equal(headers.authorization, "Bearer secret", url);
    assert.equal(server.asked[0]?.headers["x-key"], "mine");
    assert.deepEqual(seen, [undefined, undefined, undefined, undefined]);
    await load("hf:owner/model:Q8_0", { headers: { Authorization: "Bearer x" }, reload: true });
    assert.equal(server.asked.at(-1)?.headers.authorization, "Bearer x");
  } finally {
    delete process.env.HF_TOKEN;
    other.close();
  }
});

test("without a network, what the cache has of the repository is what there is", async () => {
  list(repository);
  await load("hf:owner/model:Q4_K_M");
  server.fails = true;
  await load("hf:owner/model:q4_k_m");
  await load("hf:owner/model");
  await assert.rejects(load("hf:owner/model:Q8_0"), { code: "NETWORK", message: /it had .*m-Q4_K_M\.gguf, m-Q4_K_S/ });
  const cache = new ModelCache({ folder: cacheFolder });
  assert.deepEqual(
    await Promise.all(["", ":Q4_K_M", ":Q8_0", "/m-Q4_K_M.gguf"].map((rest) => cache.has(`hf:owner/model${rest}`))),
    [true, true, false, true],
  );
  await assert.rejects(cache.put("hf:owner/model:Q4_K_M", new Blob(["x"])), { code: "INVALID_ARGUMENT" });
  assert.deepEqual(cached(), ["m-Q4_K_M.gguf"]);
});

test("what does not fit is not taken, unless it is named or its weights are streamed", async () => {
  list(["m-Q4_K_M.gguf", "m-Q2_K.gguf"], 1000, { size: 2 ** 52 });
  await assert.rejects(load("hf:owner/model"), { code: "MODEL_TOO_LARGE", message: /Q4_K_M \(4503599.6 GB\)/ });
  for (const [name, options] of [
    ["hf:owner/model:Q4_K_M", {}] as const,
    ["hf:owner/model", { memoryLimit: 2 ** 20 }] as const,
  ]) {
    await assert.rejects(load(name, options), { code: "INTEGRITY" }); // it came, and has not that size
  }
});

test("a list that is the same still is not sent again", async () => {
  const conditions: unknown[] = [];
  server.answers.set("/api/models/owner/model/tree/main", ({ headers }, response) => {
    conditions.push(headers["if-none-match"]);
    if (headers["if-none-match"] === 'W/"1"') return void response.writeHead(304).end();
    const entries = ["m-Q4_K_M.gguf", "m-Q8_0.gguf"].map((path) => ({ type: "file", path, size: model.length }));
    response.setHeader("etag", 'W/"1"').end(JSON.stringify(entries));
  });
  for (let times = 0; times < 2; ++times) await load("hf:owner/model:Q4_K_M");
  assert.deepEqual(conditions, [undefined, 'W/"1"']);
  writeFileSync(join(cacheFolder, "listings", readdirSync(join(cacheFolder, "listings"))[0] as string), "{");
  await load("hf:owner/model:Q4_K_M");
  assert.equal(conditions.at(-1), undefined);
});

test("what is no name, and what the server refuses", async () => {
  for (const name of ["hf:owner", "hf:owner/model:", "hf:owner/model/", "hf:owner/model:Q4:K"]) {
    await assert.rejects(load(name), { code: "INVALID_ARGUMENT", message: /expected hf:owner/ });
  }
  server.answers.set("/api/models/owner/model/tree/main", (_, response) => response.writeHead(401).end());
  await assert.rejects(load("hf:owner/model"), { code: "SERVER", message: /401.*HF_TOKEN/ });
  server.answers.set("/api/models/owner/model/tree/main", (_, response) => response.end("<html>Sign in</html>"));
  await assert.rejects(load("hf:owner/model"), { code: "SERVER", message: /does not list files/ });
});
