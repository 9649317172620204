/** The ways to a model: bundled, kept on this device, an address, a file. */

import { loadModel, ModelCache, type Source } from "@hearth/web";
import { address_form, name_of } from "../address_form";
import { announce, by_id, element } from "../elements";
import { bytes } from "../format";
import type { Choice } from "../place";

const bundled = new URL("../../../../models/hearth-spark.gguf", import.meta.url).href;

export const bundled_model: Choice = choice("Hearth Spark", bundled);

function choice(name: string, source: Source): Choice {
  return { name, load: (options) => loadModel(source, options) };
}

export class ModelPicker {
  readonly #cache = new ModelCache();
  readonly #cached = element("ul", { className: "cached" });
  readonly #choose: (choice: Choice) => void;

  constructor(choose: (choice: Choice) => void) {
    this.#choose = choose;
    const address = address_form("From the web", "Load", (source) => choose(choice(name_of(source), source)));
    by_id("models").append(this.#bundled(), address, this.#file(), this.#cached);
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
    if (first) this.#choose(choice(first.name, parts));
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
    load.onclick = () => this.#choose(choice(name, url));
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
