/** One process downloads; others wait, but not for one that is gone. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { beforeEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type LoadProgress, loadModel } from "@hearth/node";
import { with_lock } from "../src/sources/lock.js";
import { cached_path, cacheFolder, load, server } from "./server.js";

let path: string;
beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), "hearth-lock-")), "lock");
});

const elsewhere = JSON.stringify({ pid: process.pid, host: "another-host" });
const quick = { beat: 20, lease: 400 };

test("a lock that nobody holds any more holds up nobody", async () => {
  await load(`${server.origin}/m.gguf`);
  const file = cached_path("m.gguf");
  rmSync(file);
  writeFileSync(`${file}.lock`, JSON.stringify({ pid: 2 ** 22 + 1, host: hostname() }));
  await load(`${server.origin}/m.gguf`);
  for (const holder of ["", elsewhere]) {
    rmSync(file);
    writeFileSync(`${file}.lock`, holder);
    utimesSync(`${file}.lock`, 0, 0);
    await load(`${server.origin}/m.gguf`);
  }
});

test("a holder of another host that gives signs of life is waited for, and one that gives none any more is not", async () => {
  writeFileSync(path, elsewhere);
  const beating = setInterval(() => writeFileSync(path, elsewhere, { flag: "r+" }), quick.beat);
  const waited: string[] = [];
  const holding = with_lock(path, { ...quick, onWait: (holder) => waited.push(holder) }, async () => performance.now());
  await sleep(2 * quick.lease);
  clearInterval(beating);
  const stopped = performance.now();
  assert.equal(readFileSync(path, "utf8"), elsewhere);
  assert.ok((await holding) - stopped > 0.5 * quick.lease);
  assert.deepEqual(waited, [`process ${process.pid} on another-host`]);
  assert.ok(!existsSync(path));
});

test("a lock that was written by a clock in the future is taken away, too", async () => {
  writeFileSync(path, elsewhere);
  utimesSync(path, Date.now() / 1000 + 3600, Date.now() / 1000 + 3600);
  await with_lock(path, quick, async () => {});
});

test("whoever holds it gives signs of life, and is alone, however many take away an abandoned one", async () => {
  writeFileSync(path, "");
  utimesSync(path, 0, 0);
  let inside = 0;
  const work = async () => {
    assert.equal(++inside, 1);
    await sleep(1.2 * quick.lease);
    inside -= 1;
  };
  await Promise.all([1, 2, 3].map(() => with_lock(path, quick, work)));
});

test("whose lock was taken away hears of it, and leaves the other's", async () => {
  await with_lock(path, quick, async (lock) => {
    writeFileSync(path, elsewhere);
    await once(lock.signal, "abort");
    await assert.rejects(lock.confirm(), { code: "IO", message: /taken it over/ });
  });
  assert.equal(readFileSync(path, "utf8"), elsewhere);
});

test("waiting says for whom, and can be aborted", async () => {
  await load(`${server.origin}/m.gguf`);
  const file = cached_path("m.gguf");
  rmSync(file);
  writeFileSync(`${file}.lock`, JSON.stringify({ pid: process.ppid, host: hostname() }));
  const controller = new AbortController();
  const onProgress = ({ message }: LoadProgress) => {
    if (message?.includes(`waiting for process ${process.ppid} on ${hostname()}`)) controller.abort();
  };
  const loading = loadModel(`${server.origin}/m.gguf`, { cacheFolder, onProgress, signal: controller.signal });
  await assert.rejects(loading, { code: "ABORTED" });
});

/** A process that holds the lock, and does `more` when it has it; and how it ends. */
async function hold_in_a_process(more: string) {
  const program = `
    const { existsSync } = await import("node:fs");
    const { with_lock } = await import(${JSON.stringify(new URL("../src/sources/lock.js", import.meta.url).href)});
    await with_lock(${JSON.stringify(path)}, {}, async () => {
      console.log(existsSync(${JSON.stringify(path)}));
      ${more};
      await new Promise((resolve) => setTimeout(resolve, 60_000));
    });`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program]);
  const ended = once(child, "exit");
  const output = createInterface(child.stdout)[Symbol.asyncIterator]();
  const line = async () => (await output.next()).value as string;
  assert.equal(await line(), "true");
  return { child, ended, line };
}

test("a process that ends gives its locks back, and signals do what they would do without them", async () => {
  for (const [more, signal, end] of [
    ["", "SIGTERM", [null, "SIGTERM"]],
    ["", "SIGINT", [null, "SIGINT"]],
    ["process.exit(4)", undefined, [4, null]],
    ["process.once('SIGTERM', () => process.exit(3)); console.log('ready')", "SIGTERM", [3, null]],
  ] as const) {
    const { child, ended, line } = await hold_in_a_process(more);
    if (more.includes("ready")) await line();
    if (signal) child.kill(signal);
    assert.deepEqual(await ended, end);
    assert.ok(!existsSync(path), `${more} ${signal}`);
  }
});

test("a program that goes on after a signal keeps its locks", async () => {
  const { child, ended, line } = await hold_in_a_process(`
    process.on('SIGTERM', () => console.log('going on'));
    console.log('ready')`);
  await line();
  for (let times = 0; times < 2; ++times) {
    child.kill("SIGTERM");
    assert.equal(await line(), "going on");
    assert.ok(existsSync(path));
  }
  child.kill("SIGINT");
  assert.deepEqual(await ended, [null, "SIGINT"]);
  assert.ok(!existsSync(path));
});
