/** Many texts to vectors, some at a time: between them a signal is seen, and answers of the same model go on. */

import type { EngineModel } from "./engine.js";
import { HearthError } from "./errors.js";
import { type EmbeddingOptions, embedding_options } from "./option_table.js";
import { check_options, check_value } from "./options.js";

export interface EmbedOptions extends EmbeddingOptions {
  /** Rejects with ABORTED or TIMEOUT once the texts that are being computed are done. */
  signal?: AbortSignal;
  /** Told how many texts are done, whenever it is some more. */
  onProgress?: (progress: { done: number; total: number }) => void;
}

/** Characters that the engine gets at once, or one text: some thousand tokens, several full batches. */
const charactersAtOnce = 16384;

function end_of_part(texts: string[], first: number): number {
  let end = first;
  let characters = 0;
  do characters += (texts[end++] as string).length;
  while (end < texts.length && characters + (texts[end] as string).length <= charactersAtOnce);
  return end;
}

export async function embed_texts(engine: EngineModel, texts: string[], given: EmbedOptions): Promise<Float32Array[]> {
  check_options(given, {
    ...embedding_options,
    signal: { type: "object" },
    onProgress: { type: "function" },
  });
  for (const text of texts) check_value("text", { type: "text" }, text);
  const { signal, onProgress, ...options } = given;
  const vectors: Float32Array[] = [];
  while (vectors.length < texts.length) {
    if (signal?.aborted) throw HearthError.aborted(signal);
    const first = vectors.length;
    const end = end_of_part(texts, first);
    const values = await engine.embed(texts.slice(first, end), options, first, texts.length, signal);
    const size = values.length / (end - first);
    for (let i = 0; i < end - first; i++) vectors.push(values.slice(i * size, (i + 1) * size));
    onProgress?.({ done: end, total: texts.length });
  }
  return vectors;
}
