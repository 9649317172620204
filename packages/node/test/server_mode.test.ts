/** The cases that every package of Hearth passes, with their models behind a server. */

import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { cases, type Platform, thinking_model, workflow_cases } from "@hearth/core/conformance";
import * as api from "@hearth/node";
import { HearthServer } from "./hearth_server.js";

const folder = mkdtempSync(join(tmpdir(), "hearth-server-"));
const file = (name: string) => join(folder, `${name}.gguf`);
const of_repository = (path: string) => fileURLToPath(new URL(`../../../../${path}`, import.meta.url));
copyFileSync(of_repository("models/hearth-spark.gguf"), file("spark"));
writeFileSync(file("thinking"), thinking_model(readFileSync(file("spark"))));
writeFileSync(file("broken"), "no model");

const server = await HearthServer.start(of_repository("build/hearth"), file("spark"), file("thinking"), file("broken"));
after(() => server.stop());

class Hearth extends api.Hearth {
  constructor(options: object = {}) {
    super({ mode: "server", endpoint: server.endpoint, ...options } as api.HearthOptions);
  }
}

const platform = {
  api: {
    ...api,
    Hearth,
    loadModel: (source: never, options?: api.LoadOptions) => new Hearth().loadModel(source, options?.id, options),
  },
  model: "spark",
  thinking: async () => "thinking",
  broken: "broken",
  missing: "missing",
} as unknown as Platform;

for (const { name, run } of [...cases, ...workflow_cases]) test(name, () => run(platform));
