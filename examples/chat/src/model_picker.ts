/** The ways to a model: bundled, kept on this device, an address, a file. */

import { ModelCache, type Source } from "@hearth/web";
import { announce, by_id, element } from "./elements";
import { bytes } from "./format";

export interface Choice {
  source: Source;
  name: string;
}

const bundled = new URL("../../../models/hearth-spark.gguf", import.meta.url).href;

export const bundled_model: Choice = { source: bundled, name: "Hearth Spark" };

export class ModelPicker {
  readonly #cache = new ModelCache();
  readonly #cached = element("ul", { className: "cached" });
  readonly #choose: (choice: Choice) => void;

  constructor(choose: (choice: Choice) => void) {
    this.#choose = choose;
    by_id("models").append(this.#bundled(), this.#address(), this.#file(), this.#cached);
    this.#accept_dropped_files();
    void this.show_cached();
  }

  /** To be called when a download has ended, too. */
  async show_cached(): Promise<void> {
    const entries = await this.#cache.list().catch(() => []);
    const kept = entries.filter(({ url }) => url !== bundled);
    this.#cached.replaceChildren(...kept.map(({ url, name, size }) => this.#cached_entry(url, name, size)));
  }

  #bundled(): HTMLElement {
    const button = element("button", { type: "button", className: "choice" });
    button.append(
      element("strong", { textContent: bundled_model.name }),
      element("small", { textContent: "bundled, 2.4 MB, very small" }),
    );
    button.onclick = () => this.#choose(bundled_model);
    return button;
  }

  #address(): HTMLElement {
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
      element("label", { htmlFor: "address", textContent: "From the web" }),
    );
    form.append(
      element("div", { className: "joined" }, input, element("button", { type: "submit", textContent: "Load" })),
    );
    form.onsubmit = (event) => {
      event.preventDefault();
      const source = input.value.trim();
      this.#choose({ source, name: source.split("/").pop() || source });
    };
    return form;
  }

  #file(): HTMLElement {
    const input = element("input", { id: "file", type: "file", multiple: true, attributes: { accept: ".gguf" } });
    input.onchange = () => {
      this.#choose_files([...(input.files ?? [])]);
      input.value = "";
    };
    const label = element("label", { htmlFor: "file", textContent: "From a file (or drop it anywhere)" });
    return element("div", { className: "field" }, label, input);
  }

  #choose_files(files: File[]): void {
    const parts = files.sort((a, b) => a.name.localeCompare(b.name));
    const [first] = parts;
    if (first) this.#choose({ source: parts, name: first.name });
  }

  #accept_dropped_files(): void {
    document.addEventListener("dragover", (event) => event.preventDefault());
    document.addEventListener("drop", (event) => {
      event.preventDefault();
      this.#choose_files([...(event.dataTransfer?.files ?? [])]);
    });
  }

  #cached_entry(url: string, name: string, size: number): HTMLElement {
    const load = element("button", { type: "button", className: "choice" });
    load.append(
      element("strong", { textContent: name }),
      element("small", { textContent: `on this device, ${bytes(size)}` }),
    );
    load.onclick = () => this.#choose({ source: url, name });
    const remove = element("button", {
      type: "button",
      className: "quiet icon",
      textContent: "✕",
      attributes: { "aria-label": `Delete ${name}` },
    });
    remove.onclick = async () => {
      await this.#cache.delete(url);
      announce(`${name} was deleted`);
      await this.show_cached();
    };
    return element("li", {}, load, remove);
  }
}
