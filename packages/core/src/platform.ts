/** What the packages for platforms need besides the API, which they pass on to users. */

export { json_text } from "./json.js";
