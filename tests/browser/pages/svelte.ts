/** An application with the stores of @hearth/svelte. */

import { mount, unmount } from "svelte";
import App from "./App.svelte";
import type { Start } from "./frameworks.js";

export const start: Start = (path, tell, options) => {
  const target = document.body.appendChild(document.createElement("main"));
  const app = mount(App, { target, props: { path, tell, options } });
  return () => unmount(app);
};
