import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder for what a browser keeps: the next one with the same finds it. */
export function new_profile(): string {
  return mkdtempSync(join(tmpdir(), "hearth-browser-"));
}
