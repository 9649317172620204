/** What people see of a workflow while it runs, on standard error: its nodes, and on a terminal their answers, one after another. */

import type { WorkflowEvent } from "@hearth/core";
import { escaped } from "./escaped.js";

interface Shown {
  node: string;
  began: number;
  /** Of its answer. */
  unshown: string;
}

export class WorkflowScreen {
  /** By task: nodes of branches run at once. */
  readonly #nodes = new Map<number, Shown>();
  /** Whose answer is being written. */
  #writing: number | undefined;
  /** What waits for the end of that. */
  #unsaid = "";

  show(event: WorkflowEvent): void {
    switch (event.event) {
      case "node_started":
        this.#say(`${escaped(event.node)} ...\n`);
        this.#nodes.set(event.task, { node: escaped(event.node), began: performance.now(), unshown: "" });
        break;
      case "token":
        this.#write(event.task, event.text);
        break;
      case "node_finished":
        this.#end(event.task, "done");
        break;
      case "retry":
        this.#end(event.task, escaped(event.error.message));
        break;
      case "node_failed":
        // What ends the run is told at its end.
        this.#end(event.task, event.handled ? escaped(event.error.message) : "failed");
        break;
      case "done":
      case "error":
      case "interrupted":
        if (this.#writing !== undefined) this.#end(this.#writing, "stopped");
    }
  }

  #write(task: number, text: string): void {
    const shown = this.#nodes.get(task);
    if (!shown || !process.stderr.isTTY) return;
    shown.unshown += text;
    if (this.#writing === undefined) {
      process.stderr.write(`${shown.node}: `);
      this.#writing = task;
    }
    if (this.#writing !== task) return;
    process.stderr.write(escaped(shown.unshown, "\t\n"));
    shown.unshown = "";
  }

  #end(task: number, how: string): void {
    const shown = this.#nodes.get(task);
    if (!shown) return;
    this.#nodes.delete(task);
    if (this.#writing === task) {
      this.#writing = undefined;
      this.#say("\n");
    } else if (shown.unshown !== "") {
      this.#say(`${shown.node}: ${escaped(shown.unshown, "\t\n")}\n`);
    }
    const seconds = (performance.now() - shown.began) / 1000;
    this.#say(`${shown.node}: ${how}, ${seconds.toFixed(1)} s\n`);
    if (this.#writing !== undefined) return;
    process.stderr.write(this.#unsaid);
    this.#unsaid = "";
  }

  #say(line: string): void {
    if (this.#writing === undefined) process.stderr.write(line);
    else this.#unsaid += line;
  }
}
