/** SHA-256 of files, as hex. */

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { HearthError, type LoadProgress } from "@hearth/core";
import { integrity_error } from "@hearth/core/sources";

export interface VerifyContext {
  signal: AbortSignal | undefined;
  onProgress: (progress: LoadProgress) => void;
}

/** Reads a file to its end. INTEGRITY where its SHA-256 is not the one that is `wanted`, in lower case. */
export async function verify(path: string, wanted: string, context: VerifyContext, name = path): Promise<void> {
  const found = await sha256_of(path, context);
  if (found !== wanted) throw integrity_error(name, found, wanted);
}

/** The same of a file in memory. */
export function verify_bytes(bytes: Uint8Array, wanted: string): void {
  const found = createHash("sha256").update(bytes).digest("hex");
  if (found !== wanted) throw integrity_error("the model's bytes", found, wanted);
}

async function sha256_of(path: string, { signal, onProgress }: VerifyContext): Promise<string> {
  const { size: total } = await stat(path);
  const hash = createHash("sha256");
  let loaded = 0;
  onProgress({ stage: "verify", loaded, total, file: path });
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 }) as AsyncIterable<Buffer>) {
    if (signal?.aborted) throw HearthError.aborted(signal);
    hash.update(chunk);
    loaded += chunk.length;
    onProgress({ stage: "verify", loaded, total, file: path });
  }
  return hash.digest("hex");
}
