// Puts the model that applications begin with into the package, before that is packed: node copy_model.mjs
import { copyFileSync } from "node:fs";

copyFileSync(new URL("../../models/hearth-spark.gguf", import.meta.url), new URL("model.gguf", import.meta.url));
