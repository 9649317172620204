/** What a page that is one file has as @hearth/web: the same, with the model and the engine that it carries. */

import type { Model } from "@hearth/core";
import { type BundledModelOptions, loadModel } from "../../../web/src/index.js";
import { carried_text, take_model } from "./carried.js";

export * from "../../../web/src/index.js";

let model: Promise<Blob> | undefined;

/** The model that is in the page. */
export async function loadBundledModel({ manifestUrl: _, ...options }: BundledModelOptions = {}): Promise<Model> {
  const { model: described } = JSON.parse(carried_text("hearth-bundle"));
  const { name, size: total } = described as { name: string; size: number };
  model ??= take_model((loaded) => options.onProgress?.({ stage: "read", loaded, total, file: name }));
  return loadModel(new File([await model], name), options);
}
