/** Light or dark: as the system has it, until the button is pressed. */

import { by_id } from "./elements";

const place = "hearth-chat-theme";

export function theme_button(): void {
  const button = by_id("theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const is_dark = () => (localStorage.getItem(place) ?? (system.matches ? "dark" : "light")) === "dark";
  const show = () => {
    document.documentElement.dataset.theme = is_dark() ? "dark" : "light";
    button.textContent = is_dark() ? "☀" : "☾";
  };
  button.onclick = () => {
    localStorage.setItem(place, is_dark() ? "light" : "dark");
    show();
  };
  system.onchange = show;
  show();
}
