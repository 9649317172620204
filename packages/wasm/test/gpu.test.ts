/** How an instance's calls meet a GPU that nobody can wait for. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { HearthError } from "@hearth/core";
import { error_codes } from "@hearth/core/platform";
import type { GpuRunner } from "@hearth/gpu";
import { InstanceGpu } from "../src/gpu.js";

/** Is done with what it was asked for when the event loop comes round; each read gives the next of the numbers. */
function runner_of(numbers: number[]): GpuRunner {
  let waiting: (() => void)[] = [];
  return {
    ready: () => waiting.length === 0,
    settled: async () => {
      await new Promise(setImmediate);
      for (const take of waiting.splice(0)) take();
    },
    beginRead: (_block: number, _offset: number, size: number, take: (bytes: Uint8Array) => void) => {
      const number = numbers.shift() ?? 0;
      waiting.push(() => take(new Uint8Array(size).fill(number)));
    },
    dropReads: () => {
      waiting = [];
    },
  } as unknown as GpuRunner;
}

function gpu_with(numbers: number[]) {
  const memory = new Uint8Array(64);
  return {
    memory,
    gpu: new InstanceGpu(runner_of(numbers), (address, size) => memory.subarray(address, address + size)),
  };
}

test("a call that would wait is made again, with what it has read", async () => {
  const { gpu, memory } = gpu_with([3, 4]);
  let made = 0;
  const sum = await gpu.call(() => {
    ++made;
    for (const address of [8, 12]) {
      gpu.host.begin_read(1, 0, address, 4);
      if (gpu.host.wait() < 0) throw new Error("not there yet");
    }
    return (memory[8] ?? 0) + (memory[12] ?? 0);
  });
  assert.equal(sum, 7);
  assert.equal(made, 3);
});

test("a call is made when the step of answers is over, also where that reads once more", async () => {
  const { gpu, memory } = gpu_with([7, 8]);
  gpu.host.begin_read(1, 0, 20, 4);
  let over = 0;
  const step_is_over = () => {
    if (over++ === 0) gpu.host.begin_read(1, 0, 24, 4);
    return gpu.host.ready() === 1;
  };
  assert.deepEqual(await gpu.call(() => [memory[20], memory[24]], step_is_over), [7, 8]);
  assert.equal(over, 2);
});

test("a call that fails for another reason fails once", async () => {
  const { gpu } = gpu_with([]);
  let made = 0;
  const call = gpu.call(() => {
    ++made;
    throw new Error("no");
  });
  await assert.rejects(call, /no/);
  assert.equal(made, 1);
});

test("outside of such a call waiting is refused, and what was to be read is not written any more", async () => {
  const { gpu, memory } = gpu_with([5]);
  gpu.host.begin_read(1, 0, 8, 4);
  assert.equal(gpu.host.wait(), -1 - error_codes.indexOf("UNSUPPORTED"));
  const size = gpu.host.message(16, 48);
  assert.match(new TextDecoder().decode(memory.subarray(16, 16 + size)), /wait/);
  await gpu.settled();
  assert.equal(memory[8], 0);
  assert.equal(gpu.host.wait(), 0);
});

test("errors cross as statuses with their message", () => {
  const failing = {
    createBlock: () => {
      throw new HearthError("OUT_OF_MEMORY", "full");
    },
  } as unknown as GpuRunner;
  const memory = new Uint8Array(64);
  const gpu = new InstanceGpu(failing, (address, size) => memory.subarray(address, address + size));
  assert.equal(gpu.host.create_block(4), -1 - error_codes.indexOf("OUT_OF_MEMORY"));
  assert.equal(gpu.host.message(0, 64), 4);
  assert.equal(new TextDecoder().decode(memory.subarray(0, 4)), "full");
});
