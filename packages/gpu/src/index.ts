/** Hearth's GPU kernels, and what runs them by WebGPU wherever that is: the engine's side is engine/hearth_gpu.h. */

export { HearthError } from "@hearth/core";
export { type KernelFiles, kernelText } from "./kernel_text.js";
export { kernels } from "./kernels.js";
export { type OpenOptions, openGpu } from "./open.js";
export type { KernelTime } from "./profile.js";
export { COMMAND_WORDS, type CommandList, type GpuProperties, type GpuRunner, PARAMETER_WORDS } from "./runner.js";
export { WebGpuRunner } from "./webgpu_runner.js";
