/**
 * How a page and a worker notice that the other is gone: each holds a Web Lock as long as it lives, which the browser
 * gives to whoever waits for it when its holder ends, however that happens.
 */

const held = new Set<string>();

/** Settled when the lock is held. Without a name, or without Web Locks, nobody will notice. */
export async function hold_until_the_end(name: string | undefined): Promise<void> {
  if (name === undefined || !navigator.locks || held.has(name)) return;
  held.add(name);
  await new Promise<void>((resolve, reject) => {
    const holding = navigator.locks.request(name, () => {
      resolve();
      return new Promise<never>(() => {});
    });
    holding.catch(reject);
  });
}

/** Settled when the holder of the lock has ended; rejects with an AbortError when `signal` says so. */
export async function when_dead(name: string | undefined, signal?: AbortSignal): Promise<void> {
  if (name === undefined || !navigator.locks) return new Promise(() => {});
  await navigator.locks.request(name, signal ? { signal } : {}, () => {});
}

/** A name that no other page has. */
export function life_name(): string {
  const [a, b] = crypto.getRandomValues(new Uint32Array(2));
  return `hearth:alive:${a}-${b}`;
}
