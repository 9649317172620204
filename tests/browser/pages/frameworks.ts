/** What applications of all frameworks tell their test, and let it do. */

import type { Model } from "@hearth/web";

export interface Acts {
  send: (text: string) => Promise<void>;
  stop: () => void;
  complete: (prompt: string) => Promise<string | undefined>;
}

export interface Tell {
  loads: (model: Promise<Model>) => Promise<Model>;
  acts: (acts: Acts) => void;
}

/** Shows the application; gives what takes it away. */
export type Start = (path: string, tell: Tell, options: object) => () => void;
