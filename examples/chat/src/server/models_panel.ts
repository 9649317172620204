/** The models that the server has: loaded or not, to choose, to unload, and to download more. */

import type { ServerModel } from "@hearth/core";
import { address_form, name_of } from "../address_form";
import { announce, by_id, element } from "../elements";
import { bytes } from "../format";
import type { Choice, Page } from "../place";
import { ask, server, wants_a_key } from "./access";
import { KeyForm } from "./key_form";
import { pull } from "./pull";

/** One that the server has, by its name there. */
export function choice_of(name: string): Choice {
  return { name, load: (options) => server().loadModel(name, name, options) };
}

/** One that it downloads first. */
function choice_in_web(address: string): Choice {
  const name = name_of(address);
  return { name, load: async (options) => choice_of(await pull(address, options)).load(options) };
}

export class ModelsPanel {
  readonly #list = element("ul", { className: "cached" });
  readonly #failure = element("p", { className: "failure", hidden: true, attributes: { role: "alert" } });
  readonly #key_form: KeyForm;
  readonly #page: Page;

  /** `key_changed`: the page asks by another key from now on. */
  constructor(page: Page, key_changed: () => void) {
    this.#key_form = new KeyForm(() => {
      key_changed();
      void this.refresh();
    });
    this.#page = page;
    const address = address_form("Download to the server", "Download", (source) => page.load(choice_in_web(source)));
    by_id("models").append(this.#failure, this.#list, address);
    addEventListener("focus", () => void this.refresh());
    void this.refresh();
  }

  async refresh(): Promise<void> {
    await this.#show_failure_of(async () => {
      const models = await server().serverModels();
      this.#list.replaceChildren(...models.map((model) => this.#entry(model)));
    });
  }

  async #show_failure_of(action: () => Promise<void>): Promise<void> {
    this.#failure.hidden = true;
    try {
      await action();
    } catch (error) {
      if (wants_a_key(error)) this.#key_form.ask(() => this.#page.open_side());
      this.#failure.textContent = (error as Error).message;
      this.#failure.hidden = false;
    }
  }

  #entry({ id, loaded, memory = 0 }: ServerModel): HTMLElement {
    const choose = element(
      "button",
      { type: "button", className: "choice" },
      element("strong", { textContent: id }),
      element("small", { textContent: loaded ? `loaded, ${bytes(memory)}` : "not loaded" }),
    );
    choose.onclick = () => this.#page.load(choice_of(id));
    if (!loaded) return element("li", {}, choose);
    const unload = element("button", {
      type: "button",
      className: "quiet icon",
      textContent: "⏏",
      title: "Unload",
      attributes: { "aria-label": `Unload ${id}` },
    });
    unload.onclick = () => void this.#unload(id);
    return element("li", {}, choose, unload);
  }

  async #unload(id: string): Promise<void> {
    await this.#show_failure_of(async () => {
      await ask("v1/hearth/unload", { body: { model: id } });
      announce(`${id} was unloaded`);
      await this.refresh();
    });
  }
}
