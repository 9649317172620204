/** The model that a page was shipped with (docs/bundles.md). */

import { HearthError, type HearthErrorCode, type Model } from "@hearth/core";
import { ModelCache } from "../cache/model_cache.js";
import { cache_options, type LoadOptions, loadModel } from "../load_model.js";

export interface BundledModelOptions extends LoadOptions {
  /** The manifest of its chunks. Default: model/manifest.json beside the page, where `hearth bundle` puts it. */
  manifestUrl?: string | URL;
}

/** What the script that `hearth bundle` adds to its page says of itself. */
interface BundledPage {
  /** When the page will not be loaded anew any more to become cross-origin isolated. */
  settled: Promise<void>;
}

/** With these, the model of the page's last version may still do. */
const not_to_be_had: HearthErrorCode[] = [
  "NETWORK",
  "NOT_FOUND",
  "SERVER",
  "INTEGRITY",
  "INVALID_MODEL",
  "CACHE_QUOTA",
];

/**
 * Loads the model that the page was shipped with, as loadModel does from its manifest. Where the manifest has become
 * that of another model, which cannot be had (there is no network, or its files are broken), the one that came before
 * is loaded instead, and `onProgress` hears why: what worked goes on working.
 */
export async function loadBundledModel(options: BundledModelOptions = {}): Promise<Model> {
  const { manifestUrl = "model/manifest.json", ...load } = options;
  await (globalThis as { hearthBundle?: BundledPage }).hearthBundle?.settled;
  try {
    return await loadModel(manifestUrl, load);
  } catch (error) {
    const before =
      error instanceof HearthError && not_to_be_had.includes(error.code) && (await kept_before(manifestUrl, load));
    if (!before) throw error;
    const message = `the page's new model could not be had, and the one from before is taken: ${error.message}`;
    load.onProgress?.({ stage: "check_cache", loaded: 0, total: 1, file: before.name, message });
    return loadModel(before, { ...load, integrity: undefined });
  }
}

async function kept_before(manifest: string | URL, { cache }: LoadOptions): Promise<File | undefined> {
  const options = cache_options(cache);
  if (options === false) return undefined;
  const kept = new ModelCache(options);
  try {
    const blob = await kept.open(manifest);
    return blob && new File([blob], (await kept.find(manifest))?.name ?? "model");
  } catch {
    return undefined; // a browser that keeps nothing
  }
}
