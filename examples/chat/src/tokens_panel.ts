/** The pieces in which the model reads a text. */

import type { Model } from "@hearth/core";
import { element } from "./elements";
import { form_panel } from "./form_panel";

/** So many are shown; each is one request. */
const most_shown = 100;

export function tokens_panel(model: () => Model | undefined): void {
  form_panel({
    title: "Tokens of a text",
    fields: [{ id: "text-tokens", label: "Text" }],
    button: "Show",
    model,
    async work(model, [text = ""]) {
      const tokens = await model.tokenize(text);
      const shown = tokens.slice(0, most_shown);
      const texts = await Promise.all(shown.map((token) => model.detokenize([token], { withSpecial: true })));
      const pieces = texts.map((piece, index) =>
        element("span", { className: "token", textContent: piece, title: `Token ${shown[index]}` }),
      );
      const more = tokens.length > most_shown ? `; the first ${most_shown} are` : "";
      return [
        element("strong", { textContent: `${tokens.length} tokens${more}` }),
        element("div", { className: "tokens" }, ...pieces),
      ];
    },
  });
}
