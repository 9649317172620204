/** A part of the side panel that is folded until it is wanted. */

import { by_id, element } from "./elements";

export function folding_panel(
  title: string,
  content: Node[],
  on_toggle: (open: boolean) => void = () => {},
): HTMLDetailsElement {
  const summary = element("summary", {}, element("h3", { textContent: title }));
  const panel = element("details", {}, summary, ...content);
  panel.ontoggle = () => on_toggle(panel.open);
  by_id("side").append(panel);
  return panel;
}
