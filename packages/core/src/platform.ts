/** What the packages for platforms need besides the API, which they pass on to users. */

export { empty_result } from "./engine.js";
export { json_text } from "./json.js";
export { type EngineLoadOptions, engine_load_options, type OptionTable } from "./options.js";
