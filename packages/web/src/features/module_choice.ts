export { choose_module, type ModuleName, memory32_limit, memory64_limit } from "@hearth/core/wasm";
