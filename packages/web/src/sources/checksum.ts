/** SHA-256 of bytes as they pass. */

import { HearthError } from "@hearth/core";
import { integrity_error } from "@hearth/core/sources";
import { createSHA256 } from "hash-wasm";

type Bytes = Uint8Array<ArrayBuffer>;

/** A stretch of a file, one after the other; those without a checksum are passed on as they are. */
export interface Span {
  url: string;
  /** In bytes; Infinity: to the end. */
  size: number;
  sha256?: string;
}

/**
 * Passes on `bytes`, which begin after the `have` bytes of `before`, and checks every span at its end: INTEGRITY where
 * it differs. What is there of a span that was interrupted is read again.
 */
export async function* checked(
  bytes: AsyncIterable<Bytes>,
  spans: Span[],
  have: number,
  before: () => Promise<Blob>,
): AsyncGenerator<Bytes> {
  if (spans.every(({ sha256 }) => sha256 === undefined)) return yield* bytes;
  const hash = await createSHA256();
  const waiting = [...spans];
  let left = waiting[0]?.size ?? 0;
  const add = (chunk: Bytes) => {
    for (let rest = chunk; rest.length > 0; ) {
      const part = rest.subarray(0, Math.min(rest.length, left));
      hash.update(part);
      left -= part.length;
      rest = rest.subarray(part.length);
      if (left === 0) end();
      if (part.length === 0 && waiting.length === 0) return; // more than the spans say: sizes are checked elsewhere
    }
  };
  const end = () => {
    const span = waiting.shift();
    if (!span) return;
    const found = hash.digest();
    const wanted = span.sha256?.toLowerCase() ?? found;
    if (found !== wanted) throw integrity_error(span.url, found, wanted);
    hash.init();
    left = waiting[0]?.size ?? 0;
  };

  // Spans that are there as a whole were checked when they arrived.
  let begin = 0;
  for (let next = waiting[0]; next && begin + next.size <= have && waiting.length > 1; next = waiting[0]) {
    begin += next.size;
    waiting.shift();
    left = waiting[0]?.size ?? 0;
  }
  if (have > begin) for await (const chunk of slices((await before()).slice(begin, have))) add(chunk);
  for await (const chunk of bytes) {
    add(chunk);
    yield chunk;
  }
  if (waiting.length > 0) end();
}

/** Reads all of `blob`. INTEGRITY where its SHA-256 is not the one that is `wanted`, in lower case. */
export async function verify(
  blob: Blob,
  wanted: string,
  name: string,
  report: (loaded: number) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const hash = await createSHA256();
  let loaded = 0;
  report(loaded);
  for await (const chunk of slices(blob)) {
    if (signal?.aborted) throw HearthError.aborted(signal);
    hash.update(chunk);
    loaded += chunk.length;
    report(loaded);
  }
  const found = hash.digest();
  if (found !== wanted) throw integrity_error(name, found, wanted);
}

async function* slices(blob: Blob): AsyncGenerator<Bytes> {
  const step = 4 * 2 ** 20;
  for (let begin = 0; begin < blob.size; begin += step) {
    yield new Uint8Array(await blob.slice(begin, begin + step).arrayBuffer());
  }
}
