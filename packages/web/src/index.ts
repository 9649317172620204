/** Language models in the browser. The same names as @hearth/node: a program moves by changing the import. */

import { Hearth as CoreHearth, type HearthOptions } from "@hearth/core";
import { type LoadOptions, loadModel } from "./load_model.js";
import type { Source } from "./sources/source.js";

export * from "@hearth/core";
export { type BundledModelOptions, loadBundledModel } from "./bundle/load_bundled_model.js";
export { type CacheUsage, ModelCache, type ModelCacheOptions } from "./cache/model_cache.js";
export type { CacheEntry } from "./cache/store.js";
export { type Capabilities, getCapabilities, type MissingFeature } from "./features/capabilities.js";
export { type LoadOptions, loadModel, type WorkerOptions } from "./load_model.js";
export type { Source } from "./sources/source.js";
export { executeLlmYaml, validateWorkflow, workflowGraph } from "./workflow.js";
export { openStore } from "./workflow_store.js";

/** Several models under their names, here or with `mode: "server"` on a server; `loadModel` takes a name there. */
export class Hearth extends CoreHearth<Source, LoadOptions> {
  constructor(options: HearthOptions = {}) {
    super(options, loadModel);
  }
}
