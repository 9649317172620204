/**
 * Where models run: in this tab (tab/place.ts), on the server that the page came from (server/place.ts), or in this tab
 * with the one that the page was shipped with (bundle/place.ts). Each is the page's "#place" in a build of its own
 * (vite.config.ts); everything else is the same in all.
 */

import type { LoadProgress, Model } from "@hearth/core";

export interface LoadOptions {
  signal: AbortSignal;
  onProgress: (progress: LoadProgress) => void;
}

/** A model that may be chosen. */
export interface Choice {
  name: string;
  load(options: LoadOptions): Promise<Model>;
}

/** What of the page a place may use. */
export interface Page {
  load(choice: Choice): void;
  /** The side panel, where it is a drawer. */
  open_side(): void;
}

export interface Place {
  /** What the page says of it: where no model is loaded yet (`other` where there is a choice), and below an empty conversation. */
  readonly words: { heading: string; text: string; start: string; other?: string; promise: string };
  /** The model of the button `words.start`. */
  readonly first: Choice;
  /** Puts what the place has into the side panel. */
  furnish(page: Page): void;
  /** To be called when a model was loaded, or was not: what there is may have changed. */
  refresh(): Promise<void>;
}
