/** The cases that every package of Hearth passes, on this one. */

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { cases, type Platform } from "@hearth/core/conformance";
import * as api from "@hearth/node";

const folder = mkdtempSync(join(tmpdir(), "hearth-conformance-"));
const broken = join(folder, "broken.gguf");
writeFileSync(broken, "no model");

const platform: Platform = {
  api: api as unknown as Platform["api"],
  model: fileURLToPath(new URL("../../../../models/hearth-spark.gguf", import.meta.url)),
  broken,
  missing: join(folder, "missing.gguf"),
};

for (const { name, run } of cases) test(name, () => run(platform));
