/** A figure over the last minute as a line, with its newest value beside its name. */

import { element } from "../elements";

const points = 60;
const [width, height] = [240, 36];
const namespace = "http://www.w3.org/2000/svg";

export class Chart {
  readonly node: HTMLElement;
  readonly #value = element("dd", { textContent: "–" });
  readonly #line = document.createElementNS(namespace, "path");
  readonly #unit: string;
  #values: number[] = [];

  constructor(name: string, unit = "") {
    this.#unit = unit;
    const drawing = document.createElementNS(namespace, "svg");
    drawing.setAttribute("viewBox", `-2 -2 ${width + 4} ${height + 4}`);
    drawing.setAttribute("aria-hidden", "true"); // the value is told as text
    drawing.append(this.#line);
    this.node = element("div", { className: "chart" }, element("dt", { textContent: name }), this.#value, drawing);
  }

  /** `value`: undefined where there is none; the line then stays where it was. */
  add(value: number | undefined): void {
    if (value !== undefined)
      this.#value.textContent = `${value.toFixed(value < 10 && this.#unit ? 1 : 0)} ${this.#unit}`;
    this.#values = [...this.#values, value ?? this.#values.at(-1) ?? 0].slice(-points);
    const most = Math.max(1, ...this.#values);
    const steps = this.#values.map((each, index) => {
      const x = width - ((this.#values.length - 1 - index) * width) / (points - 1);
      return `${x.toFixed(1)} ${(height - (each / most) * height).toFixed(1)}`;
    });
    this.#line.setAttribute("d", `M${steps.join("L")}`);
  }
}
