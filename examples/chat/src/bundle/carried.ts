/** What `hearth bundle` put beside this page, or into it where all is one file. */

export interface Carried {
  name: string;
  version: string;
  model: { name: string; size: number };
  /** Of a page that is one file the text of the workflow, otherwise its address. */
  workflow?: string;
}

const inside = document.getElementById("hearth-bundle")?.textContent;

export const carried: Carried = inside ? JSON.parse(inside) : await (await fetch("bundle.json")).json();
