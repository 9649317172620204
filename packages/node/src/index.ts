/** Language models in Node.js. The same names as @hearth/web: a program moves by changing the import. */

import { ModelRegistry, type RegistryOptions } from "@hearth/core";
import { type LoadOptions, loadModel } from "./load_model.js";
import type { Source } from "./sources/resolve.js";

export * from "@hearth/core";
export { type Capabilities, getCapabilities } from "./capabilities.js";
export { type LoadOptions, loadModel } from "./load_model.js";
export { type CacheEntry, type CacheUsage, ModelCache, type ModelCacheOptions } from "./sources/model_cache.js";
export type { Source } from "./sources/resolve.js";

/** Several models under their names: loaded, chosen per request, unloaded when memory runs short. */
export class Hearth extends ModelRegistry<Source, LoadOptions> {
  constructor(options: RegistryOptions = {}) {
    super(loadModel, options);
  }
}
