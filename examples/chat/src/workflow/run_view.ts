/** What a run does, node by node, with the text that models write. */

import type { WorkflowEvent } from "@hearth/web";
import { element, keep_at_end } from "../elements";

export class RunView {
  readonly #list: HTMLElement;
  /** Those that run, by their names: where they are shown, and what was written. */
  readonly #running = new Map<string, { item: HTMLElement; written: HTMLElement }>();

  constructor(list: HTMLElement) {
    this.#list = list;
    list.replaceChildren();
  }

  show(event: WorkflowEvent): void {
    if (event.event === "node_started") this.#begin(event.node);
    else if (event.event === "token") this.#running.get(event.node)?.written.append(event.text);
    else if (event.event === "node_finished") this.#end(event.node, "");
    else if (event.event === "node_failed") this.#end(event.node, event.error.message);
  }

  stop(): void {
    for (const name of [...this.#running.keys()]) this.#end(name, "stopped");
  }

  fail(message: string): void {
    const last = this.#list.querySelector(".failed .failure");
    this.stop();
    if (last?.textContent === message) return;
    const failure = element("p", { className: "failure", textContent: message, attributes: { role: "alert" } });
    keep_at_end(() => this.#list.append(element("li", { className: "failed" }, failure)));
  }

  #begin(name: string): void {
    const written = element("p", { className: "written" });
    const item = element("li", { className: "running" }, element("strong", { textContent: name }), written);
    this.#running.set(name, { item, written });
    keep_at_end(() => this.#list.append(item));
  }

  #end(name: string, failure: string): void {
    const ended = this.#running.get(name);
    this.#running.delete(name);
    ended?.item.classList.remove("running");
    if (!failure) return;
    ended?.item.classList.add("failed");
    ended?.item.append(element("p", { className: "failure", textContent: failure }));
  }
}
