/** What the packages for platforms need besides the API, which they pass on to users. */

export { call_arguments, reply_value } from "./calls.js";
export {
  type EngineCalls,
  type EngineExtras,
  empty_result,
  engine_calls,
  generation_json,
  type OnEvent,
} from "./engine.js";
export { error_codes } from "./error_codes.js";
export { json_text } from "./json.js";
export { next_turn } from "./next_turn.js";
export type { Option, OptionTable } from "./option.js";
export { type EngineLoadOptions, generation_options, load_options } from "./option_table.js";
export { engine_load_options } from "./options.js";
export { messages_of } from "./tools.js";
