/** How a model comes and goes, by the options that hooks of all frameworks take. */

import type { CommonLoadOptions, LoadProgress, Model } from "@hearth/core";

export interface Loading {
  /** Calls a platform's `loadModel` with these options, among others. */
  load: (options: { onProgress: (progress: LoadProgress) => void; signal: AbortSignal }) => Promise<Model>;
  unload: (model: Model) => unknown;
}

export type LoadingOptions<Source, Options extends CommonLoadOptions> = Omit<Options, "signal"> & {
  /** Takes the place of the platform's loadModel: a registry's, say, which needs an `unload`, too. */
  load?: (source: Source, options: Options) => Promise<Model>;
  /** Gives the model back. Default: it is disposed. */
  unload?: (model: Model) => unknown;
};

/** `options` are asked for when they count. */
export function loading_of<Source, Options extends CommonLoadOptions>(
  source: Source,
  options: () => LoadingOptions<Source, Options>,
  loadModel: (source: Source, options: Options) => Promise<Model>,
): Loading {
  return {
    load: ({ onProgress, signal }) => {
      const { load = loadModel, unload: _, ...others } = options();
      const both = (progress: LoadProgress) => {
        onProgress(progress);
        others.onProgress?.(progress);
      };
      return load(source, { ...others, onProgress: both, signal } as unknown as Options);
    },
    unload: (model) => {
      const { unload = () => model.dispose() } = options();
      return unload(model);
    },
  };
}
