/** The engine as WebAssembly. It computes on the thread that calls it, and the pool's workers; see docs/wasm.md. */

export { type EngineOptions, type Source, WasmEngine } from "./engine.js";
export { open_model } from "./engine_model.js";
export { importing } from "./importing.js";
export { type Pool, start_pool } from "./pool.js";
export { load_workflow_interpreter } from "./workflow.js";
