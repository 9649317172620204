/** What the packages for platforms need besides the API, which they pass on to users. */

export { empty_result } from "./engine.js";
export { json_text } from "./json.js";
export type { OptionTable } from "./option.js";
export { type EngineLoadOptions, engine_load_options } from "./options.js";
