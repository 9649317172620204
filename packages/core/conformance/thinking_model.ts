/** A model that thinks, for platforms to hand to the cases. */

const answer_begins = "{%- if add_generation_prompt %}\n    {{- '<|im_start|>assistant\\n' }}";
const thought_begins = "{%- if add_generation_prompt %}{{-'<|im_start|>assistant\\n<think>'}}";

/**
 * models/hearth-spark.gguf with a chat template that begins each answer with <think>. What the model says, it then
 * thinks, since nobody taught it to end that.
 */
export function thinking_model(file: Uint8Array): Uint8Array<ArrayBuffer> {
  const place = new TextDecoder("latin1").decode(file).indexOf(answer_begins);
  if (place < 0 || answer_begins.length !== thought_begins.length) {
    throw new Error("the bundled model's chat template has changed: change thinking_model.ts with it");
  }
  const changed = Uint8Array.from(file);
  changed.set(new TextEncoder().encode(thought_begins), place);
  return changed;
}
