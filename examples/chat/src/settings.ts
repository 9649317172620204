/** How answers are drawn, kept for the next visit. */

import type { SamplingOptions, Tool } from "@hearth/core";
import { calculator } from "./calculator";
import { by_id, element } from "./elements";

interface Field {
  name: keyof Values;
  label: string;
  hint: string;
  min: number;
  max: number;
  step: number;
}

interface Values {
  temperature: number | undefined;
  topP: number | undefined;
  topK: number | undefined;
  maxTokens: number | undefined;
  seed: number | undefined;
}

const fields: Field[] = [
  {
    name: "temperature",
    label: "Temperature",
    hint: "0 always takes the likeliest word; higher is freer",
    min: 0,
    max: 2,
    step: 0.1,
  },
  {
    name: "topP",
    label: "Top P",
    hint: "Only words that make up this share of the probability",
    min: 0,
    max: 1,
    step: 0.05,
  },
  { name: "topK", label: "Top K", hint: "Only this many of the likeliest words; 0: all", min: 0, max: 1000, step: 1 },
  {
    name: "maxTokens",
    label: "Longest answer",
    hint: "In tokens, of about four letters",
    min: 1,
    max: 100000,
    step: 1,
  },
  { name: "seed", label: "Seed", hint: "The same seed gives the same answer", min: 0, max: 2 ** 32 - 1, step: 1 },
];

const place = "hearth-chat-settings";

/** Settings that are no numbers. */
interface Texts {
  system: string;
  /** A JSON schema that answers are held to; "": any text is an answer. */
  schema: string;
  /** Whether answers may use the calculator. */
  calculates: boolean;
}

export class Settings {
  #values: Partial<Values> = {};
  #texts: Texts = { system: "", schema: "", calculates: false };

  constructor() {
    try {
      const { values, texts } = JSON.parse(localStorage.getItem(place) ?? "{}");
      this.#values = { ...values };
      this.#texts = { ...this.#texts, ...texts };
    } catch {
      // What was kept is no use: start anew.
    }
    by_id("settings").append(
      this.#text_field("system", "System message", "How it should answer"),
      this.#text_field("schema", "Answer in JSON of this schema", '{"type": "object", …}'),
      this.#calculator_field(),
      ...fields.map((field) => this.#number_field(field)),
      this.#reset(),
    );
  }

  get system(): string {
    return this.#texts.system.trim();
  }

  get schema(): string {
    return this.#texts.schema.trim();
  }

  /** Where answers are held to a schema, they have no room for calls. */
  get tools(): Tool[] {
    return this.#texts.calculates && this.schema === "" ? [calculator] : [];
  }

  sampling(): SamplingOptions {
    return Object.fromEntries(Object.entries(this.#values).filter(([, value]) => value !== undefined));
  }

  #text_field(name: "system" | "schema", label: string, placeholder: string): HTMLElement {
    const input = element("textarea", { id: name, rows: 2, value: this.#texts[name], placeholder, spellcheck: false });
    input.oninput = () => {
      this.#texts[name] = input.value;
      this.#save();
    };
    return element("div", { className: "field" }, element("label", { htmlFor: name, textContent: label }), input);
  }

  #calculator_field(): HTMLElement {
    const input = element("input", { id: "calculates", type: "checkbox", checked: this.#texts.calculates });
    input.onchange = () => {
      this.#texts.calculates = input.checked;
      this.#save();
    };
    const label = element("label", { htmlFor: "calculates", textContent: "It may use a calculator" });
    return element("div", { className: "field check" }, input, label);
  }

  #number_field({ name, label, hint, min, max, step }: Field): HTMLElement {
    const id = `setting-${name}`;
    const input = element("input", {
      id,
      type: "number",
      min: String(min),
      max: String(max),
      step: String(step),
      inputMode: "decimal",
      value: String(this.#values[name] ?? ""),
      placeholder: "default",
      attributes: { "aria-describedby": `${id}-hint` },
    });
    input.onchange = () => {
      this.#values[name] = input.value === "" || !input.checkValidity() ? undefined : input.valueAsNumber;
      input.value = String(this.#values[name] ?? "");
      this.#save();
    };
    return element(
      "div",
      { className: "field row" },
      element("label", { htmlFor: id, textContent: label }),
      input,
      element("small", { id: `${id}-hint`, textContent: hint }),
    );
  }

  #reset(): HTMLElement {
    const button = element("button", { type: "button", className: "quiet", textContent: "Back to the defaults" });
    button.onclick = () => {
      this.#values = {};
      for (const input of by_id("settings").querySelectorAll<HTMLInputElement>("input[type=number]")) input.value = "";
      this.#save();
    };
    return button;
  }

  #save(): void {
    localStorage.setItem(place, JSON.stringify({ values: this.#values, texts: this.#texts }));
  }
}
