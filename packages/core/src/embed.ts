/** Many texts to vectors or scores, some at a time: between them a signal is seen, and answers of the same model go on. */

import type { EngineModel } from "./engine.js";
import { HearthError } from "./errors.js";
import { type EmbeddingOptions, embedding_options } from "./option_table.js";
import { check_options, check_value } from "./options.js";
import type { RankedDocument } from "./types.js";

/** A text, or its tokens, which are taken as they are. */
export type TextOrTokens = string | number[];

export interface EmbedOptions extends EmbeddingOptions {
  /** Rejects with ABORTED or TIMEOUT once the texts that are being computed are done. */
  signal?: AbortSignal;
  /** Told how many texts are done, whenever it is some more. */
  onProgress?: (progress: { done: number; total: number }) => void;
}

/** Characters that the engine gets at once, or one text: some thousand tokens, several full batches. */
const charactersAtOnce = 16384;

/** About as many as a token has. */
const charactersOfToken = 4;

/** Behind the last text that goes to the engine with that of number `first`, each with `more` characters around it. */
function end_of_part(texts: TextOrTokens[], first: number, more = 0): number {
  const characters_of = (text: TextOrTokens) =>
    more + (typeof text === "string" ? text.length : charactersOfToken * text.length);
  let end = first;
  let characters = 0;
  do characters += characters_of(texts[end++] as TextOrTokens);
  while (end < texts.length && characters + characters_of(texts[end] as TextOrTokens) <= charactersAtOnce);
  return end;
}

export async function embed_texts(
  engine: EngineModel,
  texts: TextOrTokens[],
  given: EmbedOptions,
): Promise<Float32Array[]> {
  check_options(given, {
    ...embedding_options,
    signal: { type: "object" },
    onProgress: { type: "function" },
  });
  for (const text of texts) check_value("text", { type: Array.isArray(text) ? "tokens" : "text" }, text);
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

/** The best first, equals as they were given. */
export async function rerank_documents(
  engine: EngineModel,
  query: string,
  documents: string[],
): Promise<RankedDocument[]> {
  const ranked: RankedDocument[] = [];
  do {
    const first = ranked.length;
    const end = documents.length === 0 ? 0 : end_of_part(documents, first, query.length);
    ranked.push(...(await engine.rerank(query, documents.slice(first, end), first, documents.length)));
  } while (ranked.length < documents.length);
  return ranked.sort((one, other) => other.score - one.score || one.index - other.index);
}
