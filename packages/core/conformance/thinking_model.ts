/** A model that thinks, for platforms to hand to the cases. */

import list from "./cases.json" with { type: "json" };

/**
 * models/hearth-spark.gguf with the chat template that cases.json describes, which begins each answer with <think>.
 */
export function thinking_model(file: Uint8Array): Uint8Array<ArrayBuffer> {
  const { find, replace } = list.thinking;
  const place = new TextDecoder("latin1").decode(file).indexOf(find);
  if (place < 0 || find.length !== replace.length) {
    throw new Error("the bundled model's chat template has changed: change cases.json with it");
  }
  const changed = Uint8Array.from(file);
  changed.set(new TextEncoder().encode(replace), place);
  return changed;
}
