/** Which of the engine's builds as WebAssembly runs on this platform. */

export { can_share_memory, type WasmFeatures, wasm_features } from "./features.js";
export { choose_module, type ModuleName, memory32_limit, memory64_limit } from "./module_choice.js";
