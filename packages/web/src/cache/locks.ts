/** Locks that all tabs and workers of an origin share. Without Web Locks (pages over plain http) there is no waiting. */

import { HearthError } from "@hearth/core";

export interface LockOptions {
  /** Ends the waiting. */
  signal?: AbortSignal;
  /** Called where somebody else has it. */
  onWait?: () => void;
}

/** Runs `work` while no one else has the lock. */
export async function with_lock<T>(name: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  if (!navigator.locks) return work();
  const { signal, onWait } = options;
  let done: { result: T } | undefined;
  const was_free = await if_free(name, async () => {
    done = { result: await work() };
  });
  if (was_free && done) return done.result;
  onWait?.();
  let begun = false;
  try {
    return (await navigator.locks.request(name, signal ? { signal } : {}, () => {
      begun = true;
      return work();
    })) as T;
  } catch (error) {
    throw !begun && signal?.aborted ? HearthError.aborted(signal) : error;
  }
}

/** Holds the lock together with others who hold it like this, until the function that it gives is called. */
export async function hold(name: string): Promise<() => void> {
  if (!navigator.locks) return () => {};
  return new Promise((resolve, reject) => {
    const held = navigator.locks.request(
      name,
      { mode: "shared" },
      () => new Promise<void>((release) => resolve(release)),
    );
    held.catch(reject);
  });
}

/** Runs `work` if nobody has the lock, and tells whether. */
export async function if_free(name: string, work: () => Promise<void>): Promise<boolean> {
  if (!navigator.locks) return work().then(() => true);
  return navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
    if (lock) await work();
    return lock !== null;
  });
}
