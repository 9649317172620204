/** Has the server download a model. */

import { HearthError, type LoadProgress } from "@hearth/core";
import type { LoadOptions } from "../place";
import { ask } from "./access";

interface PullEvent {
  progress?: LoadProgress;
  model?: { reference: string };
  error?: { message: string };
}

/** What the model is called when it is there, also where another has its name. */
export async function pull(address: string, { signal, onProgress }: LoadOptions): Promise<string> {
  const reply = await ask("v1/models/pull", { body: { model: address }, signal });
  for await (const { progress, model, error } of events<PullEvent>(reply)) {
    if (error) throw new HearthError("SERVER", error.message);
    if (progress) onProgress(progress);
    if (model) return model.reference;
  }
  throw new HearthError("NETWORK", "the server's answer broke off");
}

/** The JSON of each event, which is one line of the stream. */
async function* events<Event>({ body }: Response): AsyncGenerator<Event> {
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
    const lines = (rest + read.value).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.startsWith("data: {")) yield JSON.parse(line.slice("data: ".length));
  }
}
