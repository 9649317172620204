/** Calls that read from a GPU which they cannot wait for: made again, and computed once. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import type { CommandList, GpuRunner } from "../../packages/gpu/dist/src/index.js";
import { RepeatedCall } from "../../packages/wasm/dist/src/repeated_call.js";
import { bytesOf, copyOf, openRunner } from "./gpu.ts";

let runner: GpuRunner;
let device: GPUDevice;
/** Lists that the GPU was given. */
let computed: number;
let times: number;
beforeEach(async () => {
  ({ runner, device } = await openRunner());
  computed = times = 0;
  const submit = runner.submit.bind(runner);
  runner.submit = (list: CommandList) => {
    ++computed;
    submit(list);
  };
});
afterEach(() => runner.close());

/** Reads a number, as the engine does: it is there once it was waited for. */
function read(call: RepeatedCall, block: number): number {
  let number = Number.NaN;
  call.beginRead(block, 0, 4, (bytes) => {
    number = new Float32Array(bytes.slice().buffer)[0] as number;
  });
  call.wait();
  return number;
}

/** Reads twice, where the second number is computed of the first. */
function doubling(call: RepeatedCall, blocks: readonly [number, number, number]): () => number {
  return () => {
    ++times;
    const [a, b, c] = blocks;
    call.write(a, 0, bytesOf(5));
    call.submit(copyOf(runner, 1, a, b));
    const first = read(call, b);
    call.write(a, 0, bytesOf(2 * first));
    call.submit(copyOf(runner, 1, a, c));
    return read(call, c);
  };
}

const threeBlocks = () => [runner.createBlock(4096), runner.createBlock(4096), runner.createBlock(4096)] as const;

test("what was computed is not computed again", async () => {
  const call = new RepeatedCall(runner);
  assert.equal(await call.run(doubling(call, threeBlocks())), 10);
  assert.deepEqual([times, computed], [3, 2]);
});

test("behind anything else that the GPU did it is", async () => {
  const call = new RepeatedCall(runner);
  const blocks = threeBlocks();
  const make = doubling(call, blocks);
  const found = await call.run(() => {
    try {
      return make();
    } finally {
      // When the call has its first number, another's comes between.
      if (times === 2) {
        call.spoil();
        runner.write(blocks[0], 0, bytesOf(77));
      }
    }
  });
  assert.equal(found, 10);
  assert.deepEqual([times, computed], [3, 4]);
});

test("a call that asks for something else the next time gets what that computes", async () => {
  const call = new RepeatedCall(runner);
  const [a, b, c] = threeBlocks();
  const found = await call.run(() => {
    // Where memory lies is not the same each time.
    const to = ++times % 2 === 0 ? b : c;
    call.write(a, 0, bytesOf(3));
    call.submit(copyOf(runner, 1, a, to));
    read(call, to);
    call.submit(copyOf(runner, 1, to, a));
    return read(call, a);
  });
  assert.equal(found, 3);
});

test("a call that loses its GPU begins anew on another", async () => {
  const call = new RepeatedCall(runner);
  let blocks = threeBlocks();
  const found = await call.run(() => {
    if (times === 1) device.destroy();
    try {
      return doubling(call, blocks)();
    } catch (error) {
      if ((error as { code: string }).code !== "DEVICE_LOST") throw error;
      runner.reopen();
      call.begin_anew();
      blocks = threeBlocks();
      return doubling(call, blocks)();
    }
  });
  assert.equal(found, 10);
});
