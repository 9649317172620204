/** How loading gets on: a bar, the speed, the time that is left. */

import type { LoadProgress, LoadStage } from "@hearth/core";
import { announce, by_id, element } from "./elements";
import { bytes, duration } from "./format";

const names: Record<LoadStage, string> = {
  check_cache: "Looking for it",
  download: "Downloading",
  verify: "Checking",
  store: "Storing",
  read: "Reading",
  parse: "Opening",
  initialize: "Starting",
  ready: "Ready",
};

/** Speeds are of the last seconds: networks change. */
const window_ms = 5000;

export class ProgressView {
  readonly #place = by_id("progress");
  readonly #bar = element("progress", { max: 1, attributes: { "aria-label": "Loading the model" } });
  readonly #text = element("p");
  readonly #cancel = element("button", { type: "button", className: "quiet", textContent: "Cancel" });
  #stage: LoadStage | undefined;
  #samples: { time: number; loaded: number }[] = [];

  constructor(name: string, cancel: () => void) {
    this.#cancel.onclick = cancel;
    const heading = element("p", { className: "progress-name", textContent: name });
    this.#place.replaceChildren(
      heading,
      this.#bar,
      element("div", { className: "progress-row" }, this.#text, this.#cancel),
    );
    this.#place.hidden = false;
  }

  show({ stage, loaded, total }: LoadProgress): void {
    if (stage !== this.#stage) {
      this.#stage = stage;
      this.#samples = [];
      announce(names[stage]);
    }
    const counts = total > 1;
    if (counts) this.#bar.value = loaded / total;
    else this.#bar.removeAttribute("value");
    this.#text.textContent = [
      names[stage],
      ...(counts ? [`${bytes(loaded)} of ${bytes(total)}`, ...this.#rate(loaded, total)] : []),
    ].join(" · ");
  }

  focus(): void {
    this.#cancel.focus();
  }

  hide(): void {
    this.#place.hidden = true;
  }

  #rate(loaded: number, total: number): string[] {
    const time = performance.now();
    this.#samples.push({ time, loaded });
    const recent = this.#samples.filter((sample) => time - sample.time <= window_ms);
    this.#samples = recent;
    const first = recent[0] ?? { time, loaded };
    const seconds = (time - first.time) / 1000;
    if (seconds < 0.5 || loaded <= first.loaded) return [];
    const speed = (loaded - first.loaded) / seconds;
    return [`${bytes(speed)}/s`, `${duration((total - loaded) / speed)} left`];
  }
}
