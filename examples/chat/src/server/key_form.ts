/** The field for the server's key, there only where the server asks for one. */

import { by_id, element } from "../elements";
import { store_key, stored_key } from "./access";

export class KeyForm {
  readonly #form: HTMLFormElement;
  readonly #input = element("input", {
    id: "key",
    type: "password",
    autocomplete: "off",
    placeholder: "sk-hearth-…",
    value: stored_key(),
  });

  /** `changed`: the key is another. */
  constructor(changed: () => void) {
    this.#form = element(
      "form",
      { className: "field", hidden: stored_key() === "" },
      element("label", { htmlFor: "key", textContent: "The server's key" }),
      element("div", { className: "joined" }, this.#input, element("button", { type: "submit", textContent: "Use" })),
      element("small", { textContent: "Kept until this tab is closed" }),
    );
    this.#form.onsubmit = (event) => {
      event.preventDefault();
      store_key(this.#input.value.trim());
      changed();
    };
    by_id("models").append(this.#form);
  }

  /** `open`: has it seen. */
  ask(open: () => void): void {
    if (!this.#form.hidden) return;
    this.#form.hidden = false;
    open();
    this.#input.focus();
  }
}
