/** How answers are drawn, kept for the next visit. */

import type { SamplingOptions } from "@hearth/web";
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

export class Settings {
  #values: Partial<Values> = {};
  system = "";

  constructor() {
    try {
      const { system, ...values } = JSON.parse(localStorage.getItem(place) ?? "{}") as Partial<Values> & {
        system?: string;
      };
      this.#values = values;
      this.system = system ?? "";
    } catch {
      // What was kept is no use: start anew.
    }
    by_id("settings").append(this.#system_field(), ...fields.map((field) => this.#number_field(field)), this.#reset());
  }

  sampling(): SamplingOptions {
    return Object.fromEntries(Object.entries(this.#values).filter(([, value]) => value !== undefined));
  }

  #system_field(): HTMLElement {
    const input = element("textarea", {
      id: "system",
      rows: 2,
      value: this.system,
      placeholder: "How it should answer",
    });
    input.oninput = () => {
      this.system = input.value;
      this.#save();
    };
    return element(
      "div",
      { className: "field" },
      element("label", { htmlFor: "system", textContent: "System message" }),
      input,
    );
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
      for (const input of by_id("settings").querySelectorAll("input")) input.value = "";
      this.#save();
    };
    return button;
  }

  #save(): void {
    localStorage.setItem(place, JSON.stringify({ ...this.#values, system: this.system }));
  }
}
