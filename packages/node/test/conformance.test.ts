/** The cases that every package of Hearth passes, on this one. */

import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { cases, type Platform, thinking_model, workflow_cases } from "@hearth/core/conformance";
import * as api from "@hearth/node";

const folder = mkdtempSync(join(tmpdir(), "hearth-conformance-"));
const broken = join(folder, "broken.gguf");
writeFileSync(broken, "no model");

const model = fileURLToPath(new URL("../../../../models/hearth-spark.gguf", import.meta.url));
const thinking = join(folder, "thinking.gguf");
writeFileSync(thinking, thinking_model(readFileSync(model)));

const platform: Platform = {
  api: api as unknown as Platform["api"],
  model,
  thinking: async () => thinking,
  broken,
  missing: join(folder, "missing.gguf"),
};

for (const { name, run } of [...cases, ...workflow_cases]) test(name, () => run(platform));
