/** Every kernel, as WebGPU's own compiler reads it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { kernels } from "../../packages/gpu/dist/src/index.js";
import { allKernelNames, kernelText, parseKernelFile } from "../../packages/gpu/src/kernel_text.ts";
import { openDevice } from "./gpu.ts";

/** What the compiler says against a text; "" if nothing. */
async function faultOf(device: GPUDevice, code: string): Promise<string> {
  device.pushErrorScope("validation");
  device.createShaderModule({ code });
  return (await device.popErrorScope())?.message ?? "";
}

const isThere = (device: GPUDevice, name: string) =>
  (!name.includes("half=yes") || device.features.has("shader-f16")) &&
  (!name.includes("subgroups=yes") || device.features.has("subgroups"));

/** Of kernels whose operands lie in such memories: each fault with the kernel's name. */
async function faults(memoriesOf: (operands: number) => number[] | undefined): Promise<string[]> {
  const device = await openDevice();
  const names = allKernelNames(kernels).filter((name) => isThere(device, name));
  assert.ok(names.length > 0);
  const told: string[] = [];
  for (const name of names) {
    const { operands } = parseKernelFile(kernels.get(name.split("/")[0] as string) as string);
    const fault = await faultOf(device, kernelText(kernels, name, memoriesOf(operands.length)));
    if (fault !== "") told.push(`${name}: ${fault}`);
  }
  device.destroy();
  return told;
}

test("every kernel compiles where each operand has a block of its own", async () => {
  assert.deepEqual(await faults(() => undefined), []);
});

test("every kernel compiles where all operands lie in one block", async () => {
  assert.deepEqual(await faults((operands) => Array(operands).fill(0)), []);
});
