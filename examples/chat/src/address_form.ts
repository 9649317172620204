/** A field for where a model is in the web. */

import { element } from "./elements";

export function address_form(label: string, button: string, choose: (address: string) => void): HTMLElement {
  const input = element("input", {
    id: "address",
    type: "text",
    required: true,
    spellcheck: false,
    autocomplete: "off",
    placeholder: "hf:… or https://…",
  });
  const form = element(
    "form",
    { className: "field" },
    element("label", { htmlFor: "address", textContent: label }),
    element("div", { className: "joined" }, input, element("button", { type: "submit", textContent: button })),
  );
  form.onsubmit = (event) => {
    event.preventDefault();
    choose(input.value.trim());
  };
  return form;
}

/** What a model from there is called on the page. */
export function name_of(address: string): string {
  return address.split("/").pop() || address;
}
