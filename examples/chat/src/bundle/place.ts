/** The one model that this page was shipped with, in this tab. */

import { loadBundledModel } from "@hearth/web";
import { by_id, element } from "../elements";
import { bytes } from "../format";
import type { Choice, Page, Place } from "../place";
import { capability_panel } from "../tab/capability_panel";
import { carried } from "./carried";

const { name, model } = carried;
const bundled: Choice = { name, load: (options) => loadBundledModel(options) };

document.title = name;

export const place: Place = {
  words: {
    heading: name,
    text: `A language model that runs in this tab (${bytes(model.size)}). What you write goes nowhere.`,
    start: "Begin",
    promise: "Everything runs in this tab. Nothing you write leaves this device.",
  },
  first: bundled,
  furnish({ load }: Page) {
    const button = element(
      "button",
      { type: "button", className: "choice", onclick: () => load(bundled) },
      element("strong", { textContent: name }),
      element("small", { textContent: `${model.name}, ${bytes(model.size)}` }),
    );
    by_id("models").append(button);
    capability_panel();
  },
  async refresh() {},
};
