/** What `hearth bundle` put beside this page, or into it where all is one file. */

import type { Schema } from "../workflow/input_form";

export interface Workflow {
  /** Beside the page, or of `files`. */
  file: string;
  name: string;
  description: string;
  inputSchema: Schema | null;
  /** Texts by their paths, where all is one file. */
  files?: Record<string, string>;
}

export interface Carried {
  name: string;
  version: string;
  model: { name: string; size: number };
  workflow?: Workflow;
}

const inside = document.getElementById("hearth-bundle")?.textContent;

export const carried: Carried = inside ? JSON.parse(inside) : await (await fetch("bundle.json")).json();
