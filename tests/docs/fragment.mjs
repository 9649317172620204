/** What a fragment of the documentation has at hand: all of @hearth/node, and what the text before it speaks of. */

import * as hearth from "@hearth/node";

const model = await hearth.loadModel("models/hearth-spark.gguf");
const texts = ["a cat", "a dog"];
const { signal } = new AbortController();
Object.assign(globalThis, hearth, { model, texts, signal });
