export { can_share_memory, type WasmFeatures, wasm_features } from "@hearth/core/wasm";
