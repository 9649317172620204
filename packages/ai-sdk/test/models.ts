/** Models that the tests load, each once. */

import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { thinking_model } from "@hearth/core/conformance";
import { loadModel, type Model } from "@hearth/node";

export const spark_path = fileURLToPath(new URL("../../../../models/hearth-spark.gguf", import.meta.url));

const testdata =
  process.env.HEARTH_TESTDATA ?? fileURLToPath(new URL("../../../../../shared/testdata", import.meta.url));
export const stories_path = join(testdata, "models/stories260K/stories260K.gguf");
export const stories_are_missing = existsSync(stories_path) ? false : `${stories_path} is missing`;

export const load_spark = (options = {}): Promise<Model> => loadModel(spark_path, { threads: 2, ...options });

/** One that thinks before it answers. */
export function load_thinking(): Promise<Model> {
  const path = join(mkdtempSync(join(tmpdir(), "hearth-ai-sdk-")), "thinking.gguf");
  writeFileSync(path, thinking_model(readFileSync(spark_path)));
  return loadModel(path, { threads: 2 });
}
