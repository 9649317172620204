/** What a workflow gives: texts as they are, everything else as JSON. */

import { element } from "../elements";

export function show_outcome(place: HTMLElement, outcome: unknown): void {
  const is_object = typeof outcome === "object" && outcome !== null && !Array.isArray(outcome);
  const members = is_object ? Object.entries(outcome) : [["", outcome]];
  const rows = members.flatMap(([name, value]) => [
    ...(name === "" ? [] : [element("h3", { textContent: String(name) })]),
    element("p", {
      className: "written",
      textContent: typeof value === "string" ? value : JSON.stringify(value, null, 2),
    }),
  ]);
  place.replaceChildren(...rows);
  place.hidden = false;
}
