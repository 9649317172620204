import { basename } from "node:path";
import { type CommonLoadOptions, HearthError, Model } from "@hearth/core";
import { engine_load_options, type OptionTable } from "@hearth/core/platform";
import { common_source_options, open_resolved } from "@hearth/core/sources";
import { open_engine } from "./open_engine.js";
import { resolve_source, type Source, type SourceOptions } from "./sources/resolve.js";

export interface LoadOptions extends CommonLoadOptions, SourceOptions {
  /** What `create()` of npm webgpu gave, to be the device "gpu"; by default @hearth/node-gpu is that, or else npm webgpu. */
  webgpu?: GPU;
}

/** What is not of CommonLoadOptions. */
const platform_options: OptionTable = {
  ...common_source_options,
  cacheFolder: { type: "text" },
  cache: { type: "object" },
  webgpu: { type: "object" },
};

/**
 * Loads a model: a path, a file:, http(s): or hf: URL, a Blob, an ArrayBuffer or Uint8Array (which
 * must not change while the model is open), or an array of the parts of a split model. Files are mapped: a model is
 * ready as soon as its header is checked, and processes share its memory.
 *
 * Rejects with HearthError: NOT_FOUND, INVALID_MODEL, UNSUPPORTED_MODEL, ABORTED, NETWORK, INTEGRITY and others.
 */
export async function loadModel(source: Source, options: LoadOptions = {}): Promise<Model> {
  const onProgress = options.onProgress ?? (() => {});
  const { signal } = options;
  if (signal?.aborted) throw HearthError.aborted(signal);
  const engine_options = engine_load_options(options, platform_options);
  return open_resolved(
    (broken) => resolve_source(source, options, onProgress, broken),
    async (place) => {
      const engine = await open_engine(place, engine_options, options, onProgress);
      const { deviceReason: message } = engine.info;
      if (message) onProgress({ stage: "ready", loaded: 1, total: 1, file: place.path, message });
      const id = options.id ?? (place.path === undefined ? engine.info.name : basename(place.path));
      return new Model(engine, id);
    },
  );
}
