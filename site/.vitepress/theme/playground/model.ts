/** @hearth/web as it is, which finds its workers and the engine beside itself, and the bundled model, in this tab. */

import type { Model } from "@hearth/web";
import { withBase } from "vitepress";

const address = (path: string) => new URL(withBase(path), location.href).href;

export const hearth: Promise<typeof import("@hearth/web")> = import(
  /* @vite-ignore */ address("/hearth/dist/index.js")
);

export async function load_bundled_model(tell: (text: string) => void): Promise<Model> {
  const { loadModel } = await hearth;
  const model = await loadModel(address("/models/hearth-spark.gguf"), {
    onProgress: ({ stage, loaded, total }) => {
      const share = stage === "download" && total ? `: ${Math.round((100 * loaded) / total)} %` : "";
      tell(`Loading the model${share}`);
    },
  });
  tell("");
  return model;
}

/** Where it runs, and how. */
export function model_in_words(): string {
  const threads = crossOriginIsolated
    ? "on several threads"
    : "on one thread, because this page is not cross-origin isolated (a reload may help)";
  return `The bundled model runs in this tab, ${threads}. Nothing is sent anywhere.`;
}
