/** A folded part of the side panel in which the model does something with texts. */

import type { Model } from "@hearth/core";
import { element } from "./elements";
import { folding_panel } from "./panel";

interface TextField {
  id: string;
  label: string;
}

interface FormPanel {
  title: string;
  fields: TextField[];
  button: string;
  /** The model that is loaded, if one is. */
  model: () => Model | undefined;
  /** What is shown of the texts, in the order of their fields. */
  work: (model: Model, texts: string[]) => Promise<Node[]>;
}

export function form_panel({ title, fields, button, model, work }: FormPanel): void {
  const inputs = fields.map(({ id }) => element("textarea", { id, rows: 2, required: true }));
  const result = element("output", { className: "result", attributes: { for: fields.map(({ id }) => id).join(" ") } });
  const form = element(
    "form",
    { className: "fields" },
    ...inputs.map((input, index) => {
      const label = element("label", { htmlFor: input.id, textContent: fields[index]?.label ?? "" });
      return element("div", { className: "field" }, label, input);
    }),
    element("button", { type: "submit", textContent: button }),
    result,
  );
  form.onsubmit = async (event) => {
    event.preventDefault();
    const shown = await outcome(model(), (loaded) =>
      work(
        loaded,
        inputs.map(({ value }) => value),
      ),
    );
    result.replaceChildren(...shown);
  };
  folding_panel(title, [form]);
}

async function outcome(model: Model | undefined, work: (model: Model) => Promise<Node[]>): Promise<Node[]> {
  if (!model) return [failure("Load a model first")];
  return work(model).catch((error) => [failure((error as Error).message)]);
}

function failure(text: string): Node {
  return element("p", { className: "failure", textContent: text });
}
