// What a page imports: Vite bundles it, tsc checks it.
import { createLanguageModel } from "@hearth/prompt-api";
import { useChat, useModel } from "@hearth/react";
import { loadModel, streamText } from "@hearth/web";

export async function answer(address: string): Promise<string> {
  const model = await loadModel(address);
  let text = "";
  for await (const piece of streamText({ model, prompt: "What is 37 + 48?" })) text += piece;
  return text;
}

export const LanguageModel = createLanguageModel({ model: "model.gguf" });

export function Chat(): string {
  const model = useModel("model.gguf");
  return useChat({ model })
    .messages.map(({ content }) => content)
    .join("\n");
}

Object.assign(globalThis, { answer, LanguageModel, Chat });
