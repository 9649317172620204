// Answers questions over HTTP, as they are written:
//   curl -N localhost:8080/answer --json '{"prompt": "What is 3 plus 4?"}'

import { createServer } from "node:http";
import { loadModel, streamText } from "@hearth/node";

// A very small model, to begin with. Any GGUF file will do, by its path, its address, or as "hf:owner/repository:Q4_K_M".
const source = process.env.MODEL ?? "model.gguf";
const port = Number(process.env.PORT ?? 8080);

// Requests share the cache of keys and values: room for eight conversations of 512 positions.
const model = await loadModel(source, { contextSize: 512, cachePositions: 8 * 512 });

const server = createServer(async (request, response) => {
  if (request.method !== "POST" || request.url !== "/answer") return response.writeHead(404).end("POST /answer\n");
  const prompt = await prompt_of(request).catch(() => undefined);
  if (typeof prompt !== "string") return response.writeHead(400).end('Expected JSON: {"prompt": "..."}\n');
  const stream = streamText({ model, prompt, maxTokens: 200 });
  response.on("close", () => stream.abort()); // whoever goes away costs nothing more
  response.writeHead(200, { "content-type": "text/plain; charset=utf-8" });
  try {
    for await (const text of stream) response.write(text);
  } catch (error) {
    if (!response.destroyed) console.error(error.message);
  }
  response.end();
});

server.listen(port, () =>
  console.log(`${model.info.name} answers at http://localhost:${server.address().port}/answer`),
);

process.once("SIGTERM", async () => {
  server.close();
  await model.dispose();
});

async function prompt_of(request) {
  let body = "";
  for await (const piece of request) {
    body += piece;
    if (body.length > 1e6) throw new Error("too long");
  }
  return JSON.parse(body).prompt;
}
