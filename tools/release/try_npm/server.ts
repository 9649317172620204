// What a program for Node.js imports: tsc checks it.
import { createHearth } from "@hearth/ai-sdk";
import { HearthError } from "@hearth/core";
import { generateText, type Hearth, loadModel } from "@hearth/node";

export const provider = createHearth({ load: loadModel, models: { small: "model.gguf" } });

export async function answer(hearth: Hearth): Promise<string> {
  try {
    const model = await hearth.loadModel("model.gguf");
    return (await generateText({ model, prompt: "What is 37 + 48?" })).text;
  } catch (error) {
    return error instanceof HearthError ? error.code : "";
  }
}
