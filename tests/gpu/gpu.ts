/** WebGPU in Node.js, on Chromium's SwiftShader unless VK_ICD_FILENAMES names another driver. */

import { existsSync } from "node:fs";
import {
  type GpuRunner,
  kernels,
  type OpenOptions,
  openGpu,
  PARAMETER_WORDS,
} from "../../packages/gpu/dist/src/index.js";
import { parseKernelFile } from "../../packages/gpu/src/kernel_text.ts";

const swiftshader = "/usr/lib/chromium/vk_swiftshader_icd.json";
if (process.env.VK_ICD_FILENAMES === undefined) {
  if (!existsSync(swiftshader)) throw new Error(`${swiftshader} is missing: install the package chromium`);
  process.env.VK_ICD_FILENAMES = swiftshader;
}
// What reads the variable is loaded after it is set.
const { create, globals } = await import("webgpu");
Object.assign(globalThis, globals);
export const gpu: GPU = create([]);

/** A device as the runner would open it. */
export async function openDevice(): Promise<GPUDevice> {
  const adapter = await gpu.requestAdapter();
  if (!adapter) throw new Error("there is no adapter");
  const requiredFeatures = (["subgroups"] as const).filter((feature) => adapter.features.has(feature));
  return adapter.requestDevice({ requiredFeatures });
}

/** The same GPU, and the devices that were opened of it. */
export function watchedGpu(): { webgpu: GPU; devices: GPUDevice[] } {
  const devices: GPUDevice[] = [];
  const watched = {
    wgslLanguageFeatures: gpu.wgslLanguageFeatures,
    requestAdapter: async (options: GPURequestAdapterOptions) => {
      const adapter = (await gpu.requestAdapter(options)) as GPUAdapter;
      const requestDevice = adapter.requestDevice.bind(adapter);
      return Object.assign(Object.create(null), {
        features: adapter.features,
        limits: adapter.limits,
        info: adapter.info,
        requestDevice: async (descriptor: GPUDeviceDescriptor) => {
          const device = await requestDevice(descriptor);
          devices.push(device);
          return device;
        },
      });
    },
  };
  return { webgpu: watched as unknown as GPU, devices };
}

/** A runner, and the device that it computes on. */
export async function openRunner(options: OpenOptions = {}): Promise<{ runner: GpuRunner; device: GPUDevice }> {
  const { webgpu, devices } = watchedGpu();
  const runner = await openGpu(webgpu, options);
  return { runner, device: devices[0] as GPUDevice };
}

/** An operand: a block, and its first word there. */
export type Operand = readonly [block: number, word: number];

/** The list of one command. All blocks have as many bytes; an operand of block 0 is nowhere. */
export function listOf(
  runner: GpuRunner,
  name: string,
  values: Record<string, number>,
  operands: Operand[],
  blockBytes: number,
  groups = 1,
) {
  const file = parseKernelFile(kernels.get(name.split("/")[0] as string) as string);
  const parameters = new Uint32Array(PARAMETER_WORDS);
  const floats = new Float32Array(parameters.buffer);
  file.parameters.forEach(({ name: key, type }, i) => {
    const into = type === "f32" ? floats : parameters;
    const value = values[key];
    if (value === undefined) throw new Error(`${name} has the parameter ${key}`);
    into[i] = value;
  });
  operands.forEach(([block, word], i) => {
    parameters[file.parameters.length + i] = block === 0 ? 0xffffffff : word;
  });
  const bindings = operands.flatMap(([block]) => [block, 0, 0, 0, block === 0 ? 0 : blockBytes, 0]);
  return {
    commands: Uint32Array.of(runner.kernel(name), groups, 1, 1, 0, operands.length),
    bindings: Uint32Array.from(bindings),
    parameters,
    data: new Uint32Array(),
  };
}

/** Copies so many words from the beginning of a block to that of another. */
export function copyOf(runner: GpuRunner, words: number, from: number, to: number) {
  const operands: Operand[] = [
    [from, 0],
    [to, 0],
  ];
  return listOf(runner, "copy", { words }, operands, 4096);
}

export async function floatsIn(runner: GpuRunner, block: number, count: number): Promise<number[]> {
  let floats: number[] = [];
  runner.beginRead(block, 0, count * 4, (bytes) => {
    floats = [...new Float32Array(bytes.slice().buffer)];
  });
  await runner.settled();
  return floats;
}

export function bytesOf(...floats: number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(floats).buffer);
}
