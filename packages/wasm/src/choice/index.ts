/** Which of the engine's builds as WebAssembly runs on this platform. */

export { can_share_memory, has_shared_memory, wasm_features } from "./features.js";
export {
  check_need,
  choose_module,
  type MemoryNeed,
  memory32_limit,
  memory64_limit,
  open_in_module,
} from "./module_choice.js";
