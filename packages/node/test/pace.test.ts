/** Streams go no faster than their readers, within reason. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { generateText, loadModel, type StreamedText, streamText } from "@hearth/node";

const path = fileURLToPath(new URL("../../../../models/hearth-spark.gguf", import.meta.url));
const load = () => loadModel(path, { threads: 1, contextSize: 512, cachePositions: 2048 });
const story = { prompt: "Tell me a story", temperature: 0, ignoreEnd: true };
const endless = { ...story, maxTokens: -1 };

/** Tokens that were written when a reader of one piece had waited as long as the whole answer takes. */
async function written(read_one: (stream: StreamedText) => Promise<unknown>): Promise<number> {
  const model = await load();
  const stream = streamText({ model, ...endless });
  await read_one(stream);
  await generateText({ model, ...endless });
  stream.abort();
  const { usage } = await stream.settled;
  await model.dispose();
  return usage.completionTokens;
}

test("an answer is held while its reader does not keep up", async () => {
  assert.ok((await written((stream) => stream.textStream.getReader().read())) < 350);
  assert.ok((await written((stream) => stream[Symbol.asyncIterator]().next())) < 350);
});

test("it is not where the whole is wanted, or nobody has begun to read", async () => {
  assert.ok((await written(async () => {})) > 400);
  const read_one_and_all = async (stream: StreamedText) => {
    void stream.response;
    await stream.textStream.getReader().read();
  };
  assert.ok((await written(read_one_and_all)) > 400);
});
