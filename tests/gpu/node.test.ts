/** @hearth/node on a GPU without its own library: the addon's thread hands its steps to npm webgpu on this one. */

import assert from "node:assert/strict";
import { registerHooks } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { generateText, getCapabilities, loadModel, streamText } from "../../packages/node/dist/src/index.js";
import { gpu, watchedGpu } from "./gpu.ts";

const file = new URL("../../models/hearth-spark.gguf", import.meta.url);
/** Of 260 thousand parameters, for what computes much. */
const small = join(
  process.env.HEARTH_TESTDATA ?? fileURLToPath(new URL("../../../shared/testdata", import.meta.url)),
  "models/stories260K/stories260K.gguf",
);

process.env.HEARTH_GPU_LIBRARY = "/no/such/library.so";

/** A WebGPU that finds no GPU. */
const none = { requestAdapter: async () => null } as unknown as GPU;

// One model for all of it: what takes time here is to compile its kernels, for each device.
test("answers on the GPU are those of the processor, also when it is lost: on another, the second time on the processor", async () => {
  const { webgpu, devices } = watchedGpu();
  const request = { prompt: "Once upon a time", raw: true, maxTokens: 8, temperature: 0, ignoreEnd: true };
  const processor = await loadModel(small, { device: "cpu" });
  const { text: expected } = await generateText({ model: processor, ...request });
  await processor.dispose();

  const model = await loadModel(small, { device: "gpu", webgpu, profile: true });
  const named = model.info.device;
  assert.match(named, /^gpu \(/);
  assert.deepEqual(await model.profile(), []);
  /** Its device goes when it has begun. */
  const answer = async () => {
    const stream = streamText({ model, ...request });
    await stream.textStream.getReader().read();
    devices.at(-1)?.destroy();
    return stream.result;
  };
  const anew = await answer();
  assert.equal(anew.text, expected);
  assert.match(anew.warnings.join(), /went away.*on a device that was opened anew/);
  assert.equal(model.info.device, named);

  const { text, warnings } = await generateText({ model, ...request });
  assert.equal(text, expected);
  assert.deepEqual(warnings, []);
  const times = await model.profile();
  assert.ok(times.some(({ kernel, calls }) => kernel.startsWith("norm") && calls > request.maxTokens));
  assert.ok(times.every(({ ms }, i) => ms >= (times[i + 1]?.ms ?? 0)));

  const onProcessor = await answer();
  assert.equal(onProcessor.text, expected);
  assert.match(onProcessor.warnings.join(), /went away.*on the CPU/);
  assert.match(model.info.device, /^cpu \(/);
  assert.match(model.info.deviceReason, /went away/);
  await model.dispose();
});

test("without a GPU the device 'gpu' is refused, and 'auto' is the CPU and says why", async () => {
  await assert.rejects(loadModel(file, { device: "gpu", webgpu: none }), {
    code: "UNSUPPORTED",
    message: /no GPU here/,
  });
  const messages: (string | undefined)[] = [];
  const model = await loadModel(file, {
    device: "auto",
    webgpu: none,
    onProgress: ({ stage, message }) => stage === "ready" && messages.push(message),
  });
  assert.match(model.info.device, /^cpu \(/);
  assert.match(model.info.deviceReason, /no GPU here/);
  assert.equal(messages.at(-1), model.info.deviceReason);
  await model.dispose();
});

test("without npm webgpu it is said how to install it, and what the library lacks", async () => {
  // It is not installed where @hearth/node looks for it here.
  const message = /\/no\/such\/library\.so.*npm install webgpu/;
  await assert.rejects(loadModel(file, { device: "gpu" }), { code: "UNSUPPORTED", message });
  const { gpu: found, webgpu } = await getCapabilities();
  assert.ok(!found.available && message.test(found.reason));
  assert.equal(webgpu, undefined);
});

test("npm webgpu is taken where there is no library", async () => {
  const installed = import.meta.resolve("webgpu");
  const hooks = registerHooks({
    resolve: (name, context, next) => next(name === "webgpu" ? installed : name, context),
  });
  const { gpu: found, webgpu } = await getCapabilities();
  assert.ok(found.available && found.by === "webgpu" && webgpu?.description === found.name);
  const model = await loadModel(file, { device: "gpu" });
  assert.match(model.info.device, /^gpu \(/);
  await model.dispose();
  hooks.deregister();
});

test("'auto' takes no driver that computes on the processor", async () => {
  const model = await loadModel(file, { device: "auto", webgpu: gpu });
  assert.match(model.info.device, /^cpu \(/);
  assert.match(model.info.deviceReason, /computes on the processor/);
  await model.dispose();
});
