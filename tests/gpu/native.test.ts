/** @hearth/node by its own library: Vulkan, on Mesa's driver that computes on the processor unless there is another. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { generateText, getCapabilities, loadModel } from "../../packages/node/dist/src/index.js";

const file = new URL("../../models/hearth-spark.gguf", import.meta.url);
const folder = mkdtempSync(join(tmpdir(), "hearth-gpu-"));
after(() => rmSync(folder, { recursive: true }));

/** While HEARTH_GPU_LIBRARY names another library than the built one. */
async function with_library(path: string, body: () => Promise<void>) {
  process.env.HEARTH_GPU_LIBRARY = path;
  try {
    await body();
  } finally {
    delete process.env.HEARTH_GPU_LIBRARY;
  }
}

test("a library of another version is refused, and it is said which to install", async () => {
  const path = join(folder, "libhearth_gpu.so");
  const input = 'const char* hearth_gpu_version(void) { return "0.0.1"; }';
  execFileSync("cc", ["-shared", "-fPIC", "-o", path, "-x", "c", "-"], { input });
  await with_library(path, () =>
    assert.rejects(loadModel(file, { device: "vulkan" }), {
      code: "UNSUPPORTED",
      message: /of another version of Hearth: 0\.0\.1, and .* npm install @hearth\/node-gpu@/,
    }),
  );
});

test("where the library is lost, 'vulkan' and 'cuda' are refused, and 'auto' is the CPU", async () => {
  await with_library("/no/such/library.so", async () => {
    for (const device of ["vulkan", "cuda"]) {
      await assert.rejects(loadModel(file, { device }), { code: "UNSUPPORTED", message: /\/no\/such\/library\.so/ });
    }
    const model = await loadModel(file, { device: "auto" });
    assert.match(model.info.device, /^cpu \(/);
    assert.match(model.info.deviceReason, /\/no\/such\/library\.so.*npm install webgpu/);
    await model.dispose();
  });
});

test("the GPU is told of, and the way to it, which is a device of its own", async () => {
  const { gpu, webgpu } = await getCapabilities();
  assert.ok(gpu.available, gpu.available ? "" : gpu.reason);
  assert.ok(gpu.name.length > 0 && ["cuda", "vulkan"].includes(gpu.by));
  assert.equal(webgpu, undefined);
  const model = await loadModel(file, { device: gpu.by });
  assert.equal(model.info.device, `gpu (${gpu.name})`);
  await model.dispose();
});

test("answers are those of the processor, JavaScript goes on meanwhile, and kernels are timed", async () => {
  const answer = async (device: string) => {
    const model = await loadModel(file, { device, profile: true });
    let turns = 0;
    let going = true;
    const turn = () => {
      turns += 1;
      if (going) setImmediate(turn);
    };
    turn();
    const { text } = await generateText({ model, prompt: "What is 3 plus 4?", temperature: 0, maxTokens: 6 });
    going = false;
    const { device: name } = model.info;
    const times = await model.profile();
    await model.dispose();
    return { name, text, turns, times };
  };
  const expected = await answer("cpu");
  const found = await answer("gpu");
  assert.match(found.name, /^gpu \(/);
  assert.equal(found.text, expected.text);
  assert.deepEqual(expected.times, []);
  assert.ok(found.times.some(({ kernel, calls, ms }) => kernel.startsWith("norm") && calls > 6 && ms > 0));
  // Steps on this thread would leave one for each token.
  assert.ok(found.turns > 60, `${found.turns} turns of the event loop`);
});
