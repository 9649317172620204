/** The keys of the server's callers, for who manages it. */

import { announce, by_id, element } from "../elements";
import { folding_panel } from "../panel";
import { ask, store_key, stored_key } from "./access";

/** As the server tells it; with `key` this once, when it was made. */
interface Key {
  id: string;
  name: string;
  scopes: string[];
  models?: string[];
  disabled: boolean;
  key?: string;
}

export class KeysPanel {
  readonly #list = element("ul", { className: "cached" });
  readonly #failure = element("p", { className: "failure", hidden: true, attributes: { role: "alert" } });
  readonly #issued = element("div", { className: "field", hidden: true });
  readonly #panel: HTMLDetailsElement;

  constructor() {
    const content = element("div", { className: "stack" }, this.#failure, this.#issued, this.#list, this.#form());
    this.#panel = folding_panel("Keys", [content], (open) => {
      if (open) void this.#do(async () => {});
      else this.#forget_issued();
    });
    void this.refresh();
  }

  /** To be called when the page has another key: the panel is there for those alone who may use it. */
  async refresh(): Promise<void> {
    const caller = await answer<Partial<Key>>("v1/hearth/caller").catch(() => ({}) as Partial<Key>);
    // A server without keys tells of no id.
    this.#panel.hidden = !(caller.id && caller.scopes?.includes("admin"));
    if (this.#panel.hidden) this.#panel.open = false;
  }

  #form(): HTMLElement {
    const name = element("input", { id: "key-name", required: true, autocomplete: "off", maxLength: 100 });
    const admin = element("input", { id: "key-admin", type: "checkbox" });
    const form = element(
      "form",
      { className: "fields" },
      element(
        "div",
        { className: "field" },
        element("label", { htmlFor: name.id, textContent: "A new key for" }),
        element("div", { className: "joined" }, name, element("button", { type: "submit", textContent: "Make" })),
      ),
      element(
        "div",
        { className: "field check" },
        admin,
        element("label", { htmlFor: admin.id, textContent: "It may manage the server" }),
      ),
    );
    form.onsubmit = (event) => {
      event.preventDefault();
      const wanted = { name: name.value.trim(), scopes: ["models", ...(admin.checked ? ["admin"] : [])] };
      void this.#do(async () => {
        this.#show_issued(await answer<Key>("v1/keys", "POST", wanted));
        form.reset();
      });
    };
    return form;
  }

  #entry(key: Key): HTMLElement {
    const { id, name, scopes, models, disabled } = key;
    const what = [id, ...scopes, ...(models ? [`only ${models.join(", ")}`] : []), ...(disabled ? ["disabled"] : [])];
    const button = (word: string, act: () => Promise<void>) =>
      element("button", {
        type: "button",
        className: "quiet",
        textContent: word,
        onclick: () => void this.#do(act),
        attributes: { "aria-label": `${word} ${name}`, "data-act": `${id} ${word === "Rotate"}` },
      });
    const toggle = button(disabled ? "Enable" : "Disable", async () => {
      await answer(`v1/keys/${id}`, "PATCH", { disabled: !disabled });
      announce(`${name} was ${disabled ? "enabled" : "disabled"}`);
    });
    const rotate = button("Rotate", async () => {
      if (!confirm(`Give ${name} a new key? The one that it has opens nothing from then on.`)) return;
      const issued = await answer<Key>(`v1/keys/${id}/rotate`, "POST");
      if (stored_key().includes(`-${id}-`)) take_as_own(issued.key ?? "");
      this.#show_issued(issued);
    });
    const words = element("span", { className: "words" }, element("strong", { textContent: name }));
    words.append(element("small", { textContent: what.join(" · ") }));
    return element("li", {}, words, toggle, rotate);
  }

  #forget_issued(): void {
    this.#issued.replaceChildren();
    this.#issued.hidden = true;
  }

  /** What callers are to present, until the panel is folded. */
  #show_issued({ name, key = "" }: Key): void {
    const field = element("input", { id: "issued", readOnly: true, value: key });
    const copy = element("button", { type: "button", textContent: "Copy" });
    copy.onclick = async () => {
      field.select();
      // Pages that come from other machines by plain HTTP have no clipboard.
      const copied = await navigator.clipboard?.writeText(key).then(
        () => true,
        () => false,
      );
      announce(copied ? "The key was copied" : "The key is selected: copy it");
    };
    const label = element("label", { htmlFor: field.id, textContent: `The key of ${name}, shown this once` });
    this.#issued.replaceChildren(label, element("div", { className: "joined" }, field, copy));
    this.#issued.hidden = false;
    field.focus();
    field.select();
  }

  /** Does it and shows the keys as they are then, or what went wrong. */
  async #do(act: () => Promise<void>): Promise<void> {
    this.#failure.hidden = true;
    try {
      await act();
      const { data } = await answer<{ data: Key[] }>("v1/keys");
      const focused = document.activeElement?.getAttribute("data-act");
      this.#list.replaceChildren(...data.map((key) => this.#entry(key)));
      if (focused) this.#list.querySelector<HTMLElement>(`[data-act="${focused}"]`)?.focus();
    } catch (error) {
      this.#failure.textContent = (error as Error).message;
      this.#failure.hidden = false;
    }
  }
}

async function answer<T>(path: string, method?: string, body?: object): Promise<T> {
  return (await ask(path, { method, body })).json();
}

/** The page's own key was rotated. */
function take_as_own(key: string): void {
  store_key(key);
  by_id<HTMLInputElement>("key").value = key;
}
