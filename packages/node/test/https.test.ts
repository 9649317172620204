/** Models by HTTPS: whose certificates count, and where redirects lead. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { cached, load, model, server } from "./server.js";

const folder = mkdtempSync(join(tmpdir(), "hearth-certificate-"));
const [key, cert] = ["key.pem", "cert.pem"].map((name) => join(folder, name)) as [string, string];
let secure = createServer();
let origin = "";
let asked: string[] = [];

before(async () => {
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost"];
  execFileSync("openssl", ["req", "-x509", ...kind, "-keyout", key, "-out", cert], { stdio: "ignore" });
  secure = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, ({ url = "" }, response) => {
    asked.push(url);
    if (url === "/back.gguf") response.writeHead(302, { location: `${server.origin}/plain.gguf` }).end();
    else response.end(model);
  });
  secure.listen(0, "127.0.0.1");
  await once(secure, "listening");
  origin = `https://127.0.0.1:${(secure.address() as AddressInfo).port}`;
});
after(() => {
  secure.close();
  secure.closeAllConnections();
});

test("a certificate that nobody trusts is refused at once", async () => {
  asked = [];
  const refused = { code: "SERVER", message: /certificate is not trusted.*NODE_EXTRA_CA_CERTS/ };
  await assert.rejects(load(`${origin}/m.gguf`), refused);
  assert.deepEqual(asked, []);
});

test("redirects lead to https: and not away from it", async () => {
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
  try {
    server.answers.set("/m.gguf", (_, response) => response.writeHead(302, { location: `${origin}/m.gguf` }).end());
    await load(`${server.origin}/m.gguf`);
    server.asked = [];
    const refused = { code: "SERVER", message: /back\.gguf: it redirects to http:.*plain\.gguf/ };
    await assert.rejects(load(`${origin}/back.gguf`), refused);
    assert.deepEqual(server.asked, []);
    assert.deepEqual(cached(), ["m.gguf"]);
  } finally {
    delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
  }
});

test("redirects in a circle, and to what is no address of a file, end", async () => {
  server.answers.set("/m.gguf", (_, response) => response.writeHead(302, { location: "/m.gguf" }).end());
  await assert.rejects(load(`${server.origin}/m.gguf`), { code: "SERVER", message: /without an end/ });
  server.answers.set("/m.gguf", (_, response) => response.writeHead(302, { location: "file:///etc/passwd" }).end());
  await assert.rejects(load(`${server.origin}/m.gguf`), { code: "SERVER", message: /no address of a file/ });
});
