// Answers as they are written, over Express: node express.mjs MODEL [PORT]
//   curl -N localhost:8080/answer --json '{"prompt": "What is 3 plus 4?"}'

import { loadModel, streamText } from "@hearth/node";
import express from "express";

const [path = "../../models/hearth-spark.gguf", port = "8080"] = process.argv.slice(2);
// Requests share the cache of keys and values: room for eight conversations of 512 positions.
const model = await loadModel(path, { contextSize: 512, cachePositions: 8 * 512 });

const app = express();
app.use(express.json());

app.post("/answer", async (request, response, next) => {
  try {
    const stream = streamText({ model, prompt: request.body.prompt, maxTokens: 200 });
    response.on("close", () => stream.abort()); // whoever goes away costs nothing more
    response.type("text/plain");
    for await (const text of stream) response.write(text);
    response.end();
  } catch (error) {
    next(error);
  }
});

const server = app.listen(Number(port), () => console.log(`http://localhost:${server.address().port}/answer`));

process.once("SIGTERM", async () => {
  server.close();
  await model.dispose();
});
