/** How near two texts are to each other in meaning, by their embeddings. */

import type { Model } from "@hearth/core";
import { element } from "./elements";
import { form_panel } from "./form_panel";

export function similarity_panel(model: () => Model | undefined): void {
  form_panel({
    title: "Compare texts",
    fields: [
      { id: "text-one", label: "One text" },
      { id: "text-other", label: "Another" },
    ],
    button: "Compare",
    model,
    async work(model, texts) {
      const [one = new Float32Array(), other = new Float32Array()] = await model.embed(texts);
      // Of vectors of length 1, the product is the cosine of the angle between them.
      const cosine = one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0);
      return [
        element("strong", { textContent: `Similarity ${cosine.toFixed(3)}` }),
        element("meter", { min: -1, max: 1, value: cosine, attributes: { "aria-label": "Similarity" } }),
        element("small", { textContent: `1: the same; by ${one.length} numbers of each text` }),
      ];
    },
  });
}
