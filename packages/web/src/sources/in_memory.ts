import type { WantedFile } from "../cache/model_cache.js";

/** Outside JavaScript's heap: the browser keeps blobs elsewhere, on disk if they are large. */
export async function in_memory({ bytes }: WantedFile): Promise<Blob> {
  const blobs: Blob[] = [];
  let waiting: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  const step = 4 * 2 ** 20;
  for await (const chunk of bytes(0, async () => new Blob())) {
    waiting.push(chunk.slice()); // its buffer is used again
    size += chunk.length;
    if (size < step) continue;
    blobs.push(new Blob(waiting));
    waiting = [];
    size = 0;
  }
  return new Blob([...blobs, ...waiting]);
}
