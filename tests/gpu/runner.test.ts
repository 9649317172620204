/** Lists of commands on a real WebGPU: what they compute, and what is said of what cannot be. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { type GpuRunner, HearthError, openGpu } from "../../packages/gpu/dist/src/index.js";
import { LastingRunner } from "../../packages/gpu/dist/src/lasting_runner.js";
import { bytesOf, copyOf, floatsIn, listOf, openRunner, watchedGpu } from "./gpu.ts";

const BYTES = 4096;

let runner: GpuRunner;
let device: GPUDevice;
beforeEach(async () => {
  ({ runner, device } = await openRunner());
});
afterEach(() => runner.close());

const codeIs = (code: string) => (error: unknown) => error instanceof HearthError && error.code === code;

test("what is written is read again, once the runner is ready", async () => {
  const block = runner.createBlock(BYTES);
  runner.write(block, 8, bytesOf(1, 2));
  let read: number[] = [];
  runner.beginRead(block, 8, 8, (bytes) => {
    read = [...new Float32Array(bytes.slice().buffer)];
  });
  assert.equal(runner.ready(), false);
  assert.deepEqual(read, []);
  await runner.settled();
  assert.equal(runner.ready(), true);
  assert.deepEqual(read, [1, 2]);
});

test("a command sees what those before it wrote, in its own list and in earlier ones", async () => {
  const [from, to] = [runner.createBlock(BYTES), runner.createBlock(BYTES)];
  runner.write(from, 0, bytesOf(1, 2, 3));
  runner.submit(
    listOf(
      runner,
      "copy",
      { words: 3 },
      [
        [from, 0],
        [to, 1],
      ],
      BYTES,
    ),
  );
  runner.write(from, 0, bytesOf(7));
  runner.submit(copyOf(runner, 1, from, to));
  assert.deepEqual(await floatsIn(runner, to, 4), [7, 1, 2, 3]);
});

test("operands may lie in one block, where one is written", async () => {
  const block = runner.createBlock(BYTES);
  runner.write(block, 0, bytesOf(1, 2, 3, 10, 20, 30));
  runner.submit(
    listOf(
      runner,
      "copy",
      { words: 3 },
      [
        [block, 3],
        [block, 0],
      ],
      BYTES,
    ),
  );
  assert.deepEqual(await floatsIn(runner, block, 6), [10, 20, 30, 10, 20, 30]);
});

test("a block's number is given out again, and nothing of the block before is bound", async () => {
  const to = runner.createBlock(BYTES);
  const first = runner.createBlock(BYTES);
  runner.write(first, 0, bytesOf(5));
  runner.submit(copyOf(runner, 1, first, to));
  runner.destroyBlock(first);
  await runner.settled();
  const second = runner.createBlock(BYTES);
  assert.equal(second, first);
  runner.write(second, 0, bytesOf(6));
  runner.submit(
    listOf(
      runner,
      "copy",
      { words: 1 },
      [
        [second, 0],
        [to, 1],
      ],
      BYTES,
    ),
  );
  assert.deepEqual(await floatsIn(runner, to, 2), [5, 6]);
});

test("what is asked for while a kernel is compiled keeps its order, and is copied", async () => {
  const [from, to] = [runner.createBlock(BYTES), runner.createBlock(BYTES)];
  const bytes = bytesOf(1);
  const lists = [0, 1, 2].map((word) =>
    listOf(
      runner,
      "copy",
      { words: 1 },
      [
        [from, 0],
        [to, word],
      ],
      BYTES,
    ),
  );
  lists.forEach((list, i) => {
    bytes.set(bytesOf(i + 1));
    runner.write(from, 0, bytes);
    runner.submit(list);
    list.parameters.fill(0);
  });
  runner.destroyBlock(from);
  assert.deepEqual(await floatsIn(runner, to, 3), [1, 2, 3]);
});

test("reads that are dropped take nothing", async () => {
  const block = runner.createBlock(BYTES);
  runner.beginRead(block, 0, 4, () => assert.fail("it was dropped"));
  runner.dropReads();
  await runner.settled();
});

test("a kernel that there is not is UNSUPPORTED by its name", () => {
  assert.throws(() => runner.kernel("abacus/beads=10"), /there is no kernel 'abacus\/beads=10'/);
  assert.throws(() => runner.kernel("abacus/beads=10"), codeIs("UNSUPPORTED"));
});

test("what the driver refuses is UNSUPPORTED in its words, by the time that the runner is ready", async () => {
  const [from, to] = [runner.createBlock(16), runner.createBlock(16)];
  // A window that is larger than its block.
  runner.submit(copyOf(runner, 1, from, to));
  await assert.rejects(runner.settled(), codeIs("UNSUPPORTED"));
  await assert.rejects(runner.settled(), /size/);
  assert.throws(() => runner.ready(), codeIs("UNSUPPORTED"));
});

test("a block for which there is no memory is OUT_OF_MEMORY", async (test) => {
  // Other drivers may have as much as they say that a block may take.
  if (!runner.properties.name.includes("SwiftShader")) return test.skip();
  runner.createBlock(runner.properties.blockBytes);
  await assert.rejects(runner.settled(), codeIs("OUT_OF_MEMORY"));
});

test("a device that is lost is DEVICE_LOST, for what waits and for all that follows", async () => {
  const block = runner.createBlock(BYTES);
  runner.beginRead(block, 0, 4, () => {});
  device.destroy();
  await assert.rejects(runner.settled(), codeIs("DEVICE_LOST"));
  runner.write(block, 0, bytesOf(1));
  assert.throws(() => runner.ready(), codeIs("DEVICE_LOST"));
});

test("a runner that lost its device goes on with another, which has nothing of what was there", async () => {
  const before = runner.createBlock(BYTES);
  runner.beginRead(before, 0, 4, () => assert.fail("it is lost"));
  device.destroy();
  // When the loss is told, the other device is there.
  while (true) {
    try {
      assert.equal(runner.ready(), false);
    } catch (error) {
      assert.ok(codeIs("DEVICE_LOST")(error));
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  runner.reopen();
  const [from, to] = [runner.createBlock(BYTES), runner.createBlock(BYTES)];
  runner.destroyBlock(before);
  runner.write(from, 0, bytesOf(4, 2));
  runner.submit(copyOf(runner, 2, from, to));
  assert.ok(from > before);
  assert.deepEqual(await floatsIn(runner, to, 2), [4, 2]);
});

test("where no other device is there, it is said why", async () => {
  const { webgpu, devices } = watchedGpu();
  const lost = await openGpu(webgpu);
  webgpu.requestAdapter = async () => null;
  assert.throws(() => lost.reopen(), codeIs("UNSUPPORTED"));
  lost.beginRead(lost.createBlock(BYTES), 0, 4, () => {});
  devices[0]?.destroy();
  await assert.rejects(lost.settled(), codeIs("DEVICE_LOST"));
  assert.throws(() => lost.reopen(), /no GPU here/);
  lost.close();
});

test("a device that never opens is waited for no longer than one may", async ({ mock }) => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const lost = new HearthError("DEVICE_LOST", "it went");
  const gone = { blockCount: 1, settled: () => Promise.reject(lost), close() {} } as unknown as GpuRunner;
  const lasting = new LastingRunner(gone, () => new Promise(() => {}));
  const told = assert.rejects(lasting.settled(), lost);
  await Promise.resolve();
  mock.timers.tick(10_000);
  await told;
  assert.throws(() => lasting.reopen(), /within 10000 ms/);
});

test("a profile has each kernel's time, by the GPU's own clock", async () => {
  const { runner: profiled } = await openRunner({ profile: true });
  const [from, to] = [profiled.createBlock(BYTES), profiled.createBlock(BYTES)];
  const copy = profiled.kernel("copy");
  profiled.write(from, 0, bytesOf(3));
  profiled.submit(copyOf(profiled, 1, from, to));
  assert.deepEqual(await floatsIn(profiled, to, 1), [3]);
  assert.deepEqual(profiled.kernelTime(copy), { calls: 0, seconds: 0 });
  profiled.beginProfile();
  for (let list = 0; list < 3; ++list) profiled.submit(copyOf(profiled, 1, from, to));
  assert.deepEqual(await floatsIn(profiled, to, 1), [3]);
  const { calls, seconds } = profiled.kernelTime(copy);
  assert.equal(calls, 3);
  assert.ok(seconds > 0 && seconds < 10, `${seconds} s`);
  profiled.close();
});

test("a driver without a clock says so where a profile is asked for", async () => {
  const { webgpu } = watchedGpu();
  const { requestAdapter } = webgpu;
  webgpu.requestAdapter = async (options) =>
    Object.assign((await requestAdapter(options)) ?? {}, { features: new Set() });
  await assert.rejects(openGpu(webgpu, { profile: true }), codeIs("UNSUPPORTED"));
  await assert.rejects(openGpu(webgpu, { profile: true }), /gives no times/);
});

test("where there is no WebGPU, or no adapter, it is UNSUPPORTED", async () => {
  await assert.rejects(openGpu(undefined), codeIs("UNSUPPORTED"));
  const none = { requestAdapter: async () => null } as unknown as GPU;
  await assert.rejects(openGpu(none), codeIs("UNSUPPORTED"));
});
