/** The object that `create()` hands to its monitor, and the events that it dispatches. */

import { EventHandlerAttribute } from "./event_handler.js";
import type { CreateMonitor } from "./types.js";

/** The precision that the specification asks for, which tells no model by its size. */
const steps = 2 ** 16;

export class DownloadMonitor extends EventTarget implements CreateMonitor {
  readonly #ondownloadprogress = new EventHandlerAttribute<ProgressEvent>(this, "downloadprogress");
  #last = -1;

  get [Symbol.toStringTag](): string {
    return "CreateMonitor";
  }

  get ondownloadprogress(): ((event: ProgressEvent) => void) | null {
    return this.#ondownloadprogress.value;
  }

  set ondownloadprogress(handler: ((event: ProgressEvent) => void) | null) {
    this.#ondownloadprogress.value = handler;
  }

  /** Told of each fraction once, from 0 on, and never of less than before. */
  tell(fraction: number): void {
    const loaded = Math.floor(Math.min(fraction, 1) * steps) / steps;
    if (loaded <= this.#last) return;
    if (this.#last < 0 && loaded > 0) this.tell(0);
    this.#last = loaded;
    this.dispatchEvent(new ProgressEvent("downloadprogress", { loaded, total: 1, lengthComputable: true }));
  }
}
