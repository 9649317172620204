// Answers as they are written, over Fastify: node fastify.mjs MODEL [PORT]
//   curl -N localhost:8080/answer --json '{"prompt": "What is 3 plus 4?"}'
import { Readable } from "node:stream";
import { loadModel, streamText } from "@hearth/node";
import Fastify from "fastify";

const [path = "../../models/hearth-spark.gguf", port = "8080"] = process.argv.slice(2);
const model = await loadModel(path, { contextSize: 512, cachePositions: 8 * 512 });

const app = Fastify();

app.post("/answer", async (request, reply) => {
  const stream = streamText({ model, prompt: request.body.prompt, maxTokens: 200 });
  request.raw.socket.once("close", () => stream.abort());
  reply.type("text/plain");
  return Readable.fromWeb(stream.textStream); // Fastify reads it as fast as the client does
});

app.addHook("onClose", () => model.dispose());
console.log(`${await app.listen({ port: Number(port) })}/answer`);
process.once("SIGTERM", () => app.close());
