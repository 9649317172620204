import type { OptionTable } from "../option.js";
import type { Integrity } from "./integrity.js";

/** How a model's files are fetched and checked, as far as that is the same on every platform. */
export interface CommonSourceOptions {
  /**
   * Sent with every request, for example { authorization: "Bearer ..." }; in Node.js to the server of the address alone, and
   * to no other that it redirects to.
   */
  headers?: Record<string, string>;
  /** The SHA-256 of the file as hex, or the list of those of a split model's parts. INTEGRITY where one differs. */
  integrity?: Integrity;
  /** Whether what the cache has is fetched anew. It stays until the new file is whole. Default: false. */
  reload?: boolean;
  /** Where hf: names are looked up; default: https://huggingface.co, in Node.js HF_ENDPOINT where that is set. */
  hfEndpoint?: string;
}

/** Of CommonSourceOptions. */
export const common_source_options: OptionTable = {
  headers: { type: "object" },
  integrity: { type: "any" },
  reload: { type: "flag" },
  hfEndpoint: { type: "text" },
};
