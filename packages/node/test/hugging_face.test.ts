/** hf: names, at a server that answers as Hugging Face does. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { ModelCache } from "@hearth/node";
import { cached, cacheFolder, load, server } from "./server.js";

/** Has the server list these files, so many at once. */
function list(paths: string[], at_once = 1000): void {
  const entries = paths.map((path) => ({ type: "file", path, size: 1, oid: "0" }));
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
    server.asked.map(({ url }) => url),
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

test("a repository's name stands for its Q4_K_M, or else its first model", async () => {
  list(repository);
  assert.equal(await file_of("hf:owner/model"), "m-Q4_K_M.gguf");
  list(["z-Q8_0.gguf", "a-Q8_0.gguf"]);
  assert.equal(await file_of("hf:owner/model"), "a-Q8_0.gguf");
});

test("a quantisation that none or several have is an error that lists what there is", async () => {
  list(repository);
  await assert.rejects(load("hf:owner/model:Q4_K"), { code: "NOT_FOUND", message: /Q4_K .*m-Q4_K_M\.gguf, m-Q4_K_S/ });
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

test("without a network, what the cache has of the repository is what there is", async () => {
  list(repository);
  await load("hf:owner/model:Q4_K_M");
  server.fails = true;
  await load("hf:owner/model:q4_k_m");
  await load("hf:owner/model");
  await assert.rejects(load("hf:owner/model:Q8_0"), { code: "NETWORK" });
  const cache = new ModelCache({ folder: cacheFolder });
  assert.deepEqual(
    await Promise.all(["", ":Q4_K_M", ":Q8_0", "/m-Q4_K_M.gguf"].map((rest) => cache.has(`hf:owner/model${rest}`))),
    [true, true, false, true],
  );
  await assert.rejects(cache.put("hf:owner/model:Q4_K_M", new Blob(["x"])), { code: "INVALID_ARGUMENT" });
  assert.deepEqual(cached(), ["m-Q4_K_M.gguf"]);
});

test("what is no name, and what the server refuses", async () => {
  for (const name of ["hf:owner", "hf:owner/model:", "hf:owner/model/", "hf:owner/model:Q4:K"]) {
    await assert.rejects(load(name), { code: "INVALID_ARGUMENT", message: /expected hf:owner/ });
  }
  server.answers.set("/api/models/owner/model/tree/main", (_, response) => response.writeHead(401).end());
  await assert.rejects(load("hf:owner/model"), { code: "SERVER", message: /401/ });
  server.answers.set("/api/models/owner/model/tree/main", (_, response) => response.end("<html>Sign in</html>"));
  await assert.rejects(load("hf:owner/model"), { code: "SERVER", message: /does not list files/ });
});
