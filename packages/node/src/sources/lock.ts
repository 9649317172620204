/**
 * Lock files: one process at a time, also across containers and hosts that share a folder, and none for ever after a crash.
 *
 * Who holds one writes to it every few seconds; one that is silent for a lease is taken away. Times are compared only as the
 * file system gives them, or within one process: clocks of hosts differ.
 */

import { randomUUID } from "node:crypto";
import { readlinkSync } from "node:fs";
import { open, readFile, rm, stat, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { HearthError } from "@hearth/core";
import { release_at_exit } from "./lock_release.js";

export interface LockOptions {
  /** Ends the waiting. */
  signal?: AbortSignal;
  /** Told who holds the lock, once for each that is waited for. */
  onWait?: (holder: string) => void;
  /** Milliseconds between the holder's signs of life, and without one before the lock is taken away. */
  beat?: number;
  lease?: number;
}

export interface HeldLock {
  /** Aborted, with an error as its reason, when another has taken the lock: after this process was stopped for long. */
  signal: AbortSignal;
  /** Rejects with that error if so; to be called before what must not be done twice. */
  confirm: () => Promise<void>;
}

/** Runs `work` while holding `path`, waiting for whoever holds it now. */
export async function with_lock<T>(
  path: string,
  options: LockOptions,
  work: (lock: HeldLock) => Promise<T>,
): Promise<T> {
  const text = JSON.stringify({ pid: process.pid, ...place, token: randomUUID() });
  await acquire(path, text, options);
  const lost = new AbortController();
  const confirm = async () => {
    if (await is_ours(path, text)) return;
    lost.abort(new HearthError("IO", `${path}: another process has taken it over: load the model again`));
    throw lost.signal.reason;
  };
  let beat = Promise.resolve();
  const beating = setInterval(() => {
    beat = confirm().then(() => writeFile(path, text, { flag: "r+" }));
    beat.catch(() => {});
  }, options.beat ?? 5_000);
  beating.unref();
  const released = release_at_exit(path, text);
  try {
    return await work({ signal: lost.signal, confirm });
  } finally {
    clearInterval(beating);
    await beat.catch(() => {}); // so that it does not write to the next one's lock
    if (await is_ours(path, text)) await rm(path, { force: true });
    released();
  }
}

/** Which processes a holder's number can be compared with: those of the same container, too. */
const place = { host: hostname(), space: process_space() };

function process_space(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return ""; // not Linux
  }
}

const retry_ms = 100;

async function acquire(path: string, text: string, { signal, onWait, lease = 30_000 }: LockOptions): Promise<void> {
  let seen: Sight | undefined;
  let since = 0;
  let announced: string | undefined;
  while (!(await create(path, text))) {
    const sight = await look(path);
    if (!sight) continue; // it was just given back
    if (sight.text !== seen?.text || sight.modified !== seen.modified) since = performance.now();
    const silent = performance.now() - since > lease;
    if (silent || (await is_abandoned(path, sight, sight.text !== seen?.text, lease))) {
      await take_away(path, sight, lease);
      continue;
    }
    seen = sight;
    if (announced !== sight.text) onWait?.(holder_of(sight));
    announced = sight.text;
    await sleep(retry_ms, undefined, { signal });
  }
}

async function create(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: "wx" }); // fails where it exists
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** A lock as one who waits finds it. */
interface Sight {
  text: string;
  /** By the file system's clock. */
  modified: number;
}

async function look(path: string): Promise<Sight | undefined> {
  try {
    const file = await open(path); // opening has network file systems ask for the time anew
    try {
      return { modified: (await file.stat()).mtimeMs, text: await file.readFile("utf8") };
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Whether its holder has ended, or was silent for a lease when it was seen `first`. */
async function is_abandoned(path: string, sight: Sight, first: boolean, lease: number): Promise<boolean> {
  const { pid, host, space = place.space } = parse(sight.text);
  if (pid !== undefined && host === place.host && space === place.space) return !is_alive(pid);
  return first && (await now_at(path)) - sight.modified > lease;
}

function parse(text: string): { pid?: number; host?: string; space?: string } {
  try {
    return JSON.parse(text) as ReturnType<typeof parse>;
  } catch {
    return {}; // it was not written to its end
  }
}

function holder_of({ text }: Sight): string {
  const { pid, host } = parse(text);
  return pid === undefined ? "another process" : `process ${pid} on ${host}`;
}

function is_alive(pid: number): boolean {
  try {
    process.kill(pid, 0); // only asks whether it is there
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/** What time it is for the file system that has `path`. */
async function now_at(path: string): Promise<number> {
  const probe = `${path}.${randomUUID()}`;
  await writeFile(probe, "");
  const { mtimeMs } = await stat(probe);
  await rm(probe, { force: true });
  return mtimeMs;
}

/** Removes the lock that was seen, if it is that one still. Of several who want to, one at a time may. */
async function take_away(path: string, seen: Sight, lease: number): Promise<void> {
  const turn = `${path}.taking`;
  if (!(await create(turn, ""))) {
    const other = await look(turn); // at it for a moment, or ended in the middle of it
    if (other && (await now_at(path)) - other.modified > lease) await rm(turn, { force: true });
    return;
  }
  try {
    const sight = await look(path);
    if (sight?.text === seen.text && sight.modified === seen.modified) await rm(path, { force: true });
  } finally {
    await rm(turn, { force: true });
  }
}

async function is_ours(path: string, text: string): Promise<boolean> {
  try {
    return (await readFile(path, "utf8")) === text;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ENOENT"; // a disturbance says nothing
  }
}
