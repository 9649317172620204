/** Models run in this tab, by @hearth/web. */

import type { Page, Place } from "../place";
import { capability_panel } from "./capability_panel";
import { bundled_model, ModelPicker } from "./model_picker";

let picker: ModelPicker | undefined;

export const place: Place = {
  words: {
    heading: "A language model in this tab",
    text: "It is loaded once, kept on this device, and computes here: what you write goes nowhere.",
    start: "Load the bundled model",
    other: "Choose another",
    promise: "Everything runs in this tab. Nothing you write leaves this device.",
  },
  first: bundled_model,
  furnish({ load }: Page) {
    picker = new ModelPicker(load);
    capability_panel();
  },
  async refresh() {
    await picker?.show_cached();
  },
};
