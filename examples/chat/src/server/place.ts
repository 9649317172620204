/** Models run on the server that the page came from. */

import { HearthError } from "@hearth/core";
import type { Choice, Page, Place } from "../place";
import { server } from "./access";
import { KeysPanel } from "./keys_panel";
import { metrics_panel } from "./metrics_panel";
import { choice_of, ModelsPanel } from "./models_panel";

let panel: ModelsPanel | undefined;

/** One that is loaded, or else the first. */
const first: Choice = {
  name: "The server's model",
  async load(options) {
    const models = await server().serverModels({ signal: options.signal });
    const model = models.find(({ loaded }) => loaded) ?? models[0];
    if (!model) throw new HearthError("NOT_FOUND", "the server has no model: download one");
    return choice_of(model.id).load(options);
  },
};

export const place: Place = {
  words: {
    heading: "Your own language models",
    text: "They run on the server that this page came from: what you write goes there, and nowhere else.",
    start: "Begin",
    other: "Choose another",
    promise: `Answers come from ${location.host}.`,
  },
  first,
  furnish(page: Page) {
    panel = new ModelsPanel(page, () => void keys.refresh());
    metrics_panel();
    const keys = new KeysPanel();
  },
  async refresh() {
    await panel?.refresh();
  },
};
