/** Loads a model into a worker. */

import { HearthError } from "../errors.js";
import type { LoadProgress, ModelInfo } from "../types.js";
import type { Connection } from "./connection.js";
import type { Answer } from "./protocol.js";

export interface LoadingOptions {
  onProgress?: (progress: LoadProgress) => void;
  /** Gets every answer first, those that want help among them. */
  onAnswer?: (answer: Answer) => void;
  signal?: AbortSignal;
  /** Milliseconds that a worker whose loading was aborted may take to stop by itself; then the connection fails. */
  patience: number;
}

/** Rejects with ABORTED or TIMEOUT when the signal says so. Whoever started the worker ends it after a failure. */
export async function load_over<Load>(
  connection: Connection,
  load: Load,
  { onProgress, onAnswer, signal, patience }: LoadingOptions,
): Promise<{ info: ModelInfo; name: string }> {
  if (signal?.aborted) throw HearthError.aborted(signal);
  let abort: (() => void) | undefined;
  try {
    return await new Promise((resolve, reject) => {
      const listener = (answer: Answer) => {
        onAnswer?.(answer);
        if (answer.type === "loaded") resolve({ info: answer.info, name: answer.name });
        if (answer.type === "progress") {
          try {
            onProgress?.(answer.progress);
          } catch (error) {
            reject(error as Error); // a listener that throws ends loading, and hears of it
          }
        }
        return answer.type === "loaded";
      };
      const id = connection.send({ type: "load", load }, listener, reject);
      abort = () => {
        connection.cancel(id);
        setTimeout(() => connection.fail(HearthError.aborted(signal)), patience);
      };
      signal?.addEventListener("abort", abort, { once: true });
    });
  } catch (error) {
    throw signal?.aborted ? HearthError.aborted(signal) : error;
  } finally {
    if (abort) signal?.removeEventListener("abort", abort);
  }
}
