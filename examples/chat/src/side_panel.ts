/** The panel at the side: always there on wide screens, a drawer on narrow ones. */

import { by_id } from "./elements";

export interface SidePanel {
  open(): void;
  close(): void;
  /** As a drawer. */
  is_open(): boolean;
}

export function side_panel(): SidePanel {
  const side = by_id("side");
  const opener = by_id("open-side");
  const wide = matchMedia("(min-width: 60rem)");
  const is_open = () => side.classList.contains("open");
  const show = (open: boolean) => {
    const had_focus = side.contains(document.activeElement);
    side.classList.toggle("open", open);
    side.inert = !open && !wide.matches;
    opener.setAttribute("aria-expanded", String(open));
    if (open) side.querySelector("button")?.focus();
    else if (had_focus && !wide.matches) opener.focus();
  };
  opener.onclick = () => show(!is_open());
  by_id("close-side").onclick = () => show(false);
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && is_open()) show(false);
  });
  wide.onchange = () => show(false);
  show(false);
  return {
    open: () => (wide.matches ? side.querySelector<HTMLInputElement>("#address")?.focus() : show(true)),
    close: () => show(false),
    is_open,
  };
}
