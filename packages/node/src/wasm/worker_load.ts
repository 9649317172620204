/** What the engine's worker loads a model from. */

import type { ModuleName } from "@hearth/core";
import type { EngineLoadOptions } from "@hearth/core/platform";

export interface WorkerLoad {
  module: ModuleName;
  /** Either the model's files, or its parts in memory. */
  paths: string[];
  memory: Uint8Array[];
  options: EngineLoadOptions;
}
