/** Gives back the locks of a process that ends by itself, by process.exit() or by a signal. */

import { readFileSync, rmSync } from "node:fs";

/** What is written in each lock that this process holds, by its path. */
const held = new Map<string, string>();
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** To be called when `path` is held, with what is written there; gives what to call when it is not held any more. */
export function release_at_exit(path: string, text: string): () => void {
  if (held.size === 0) watch();
  held.set(path, text);
  return () => {
    held.delete(path);
    if (held.size === 0) unwatch();
  };
}

function watch(): void {
  process.on("exit", release_all);
  for (const signal of signals) listen(signal);
}

/** In front of the program's own listeners, to count those that take themselves off when they are called, too. */
function listen(signal: NodeJS.Signals): void {
  if (!process.listeners(signal).includes(on_signal)) process.prependListener(signal, on_signal);
}

function unwatch(): void {
  process.off("exit", release_all);
  for (const signal of signals) process.off(signal, on_signal);
}

/**
 * A listener keeps Node.js from ending the process. So this one steps aside: what happens is what would happen without it.
 * Where the program listens, it decides, and process.exit() gives the locks back; where it does not, the signal ends it.
 */
function on_signal(signal: NodeJS.Signals): void {
  process.off(signal, on_signal);
  if (process.listenerCount(signal) > 0) {
    setImmediate(() => held.size > 0 && listen(signal));
    return;
  }
  release_all();
  process.kill(process.pid, signal);
}

function release_all(): void {
  for (const [path, text] of held) {
    try {
      if (readFileSync(path, "utf8") === text) rmSync(path);
    } catch {
      // It was taken away, or its folder was.
    }
  }
}
