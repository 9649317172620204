/** Lock files: one process at a time, also across processes, and none for ever after a crash. */

import { open, readFile, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

const retry_ms = 100;

/** Runs `work` while holding `path`, waiting for whoever holds it now. `signal` ends the waiting. */
export async function with_lock<T>(path: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  while (!(await try_lock(path))) {
    if (await is_abandoned(path)) {
      await rm(path, { force: true });
    } else {
      await sleep(retry_ms, undefined, { signal });
    }
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function try_lock(path: string): Promise<boolean> {
  try {
    const file = await open(path, "wx"); // fails where it exists
    await file.writeFile(JSON.stringify({ pid: process.pid, host: hostname() }));
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Milliseconds that a holder may take to write its name; it takes far less than one. */
const patience_ms = 10_000;

/** Whether its holder has ended. On another host nobody can say: no. */
async function is_abandoned(path: string): Promise<boolean> {
  try {
    const text = await readFile(path, "utf8");
    if (text === "") return Date.now() - (await stat(path)).mtimeMs > patience_ms;
    const { pid, host } = JSON.parse(text) as { pid: number; host: string };
    if (host !== hostname()) return false;
    process.kill(pid, 0); // only asks whether it is there
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}
