/** Language models in Node.js. The same names as @hearth/web: a program moves by changing the import. */

import { Hearth as CoreHearth, type HearthOptions } from "@hearth/core";
import { type LoadOptions, loadModel } from "./load_model.js";
import type { Source } from "./sources/resolve.js";
import { with_unix_socket } from "./unix_socket.js";

export * from "@hearth/core";
export { type Capabilities, getCapabilities } from "./capabilities.js";
export { type LoadOptions, loadModel } from "./load_model.js";
export { type CacheEntry, type CacheUsage, ModelCache, type ModelCacheOptions } from "./sources/model_cache.js";
export type { Source } from "./sources/resolve.js";
export { executeLlmYaml, validateWorkflow, workflowGraph } from "./workflow.js";
export { openStore } from "./workflow_store.js";

/**
 * Several models under their names, here or with `mode: "server"` on a server; `loadModel` takes a name there. Its
 * `endpoint` may also be "unix:" and the path of a socket.
 */
export class Hearth extends CoreHearth<Source, LoadOptions> {
  constructor(options: HearthOptions = {}) {
    super(with_unix_socket(options), loadModel);
  }
}
