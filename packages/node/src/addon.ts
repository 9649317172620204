/** Finds and loads the native addon. */

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { HearthError } from "@hearth/core";
import type * as Addon from "./addon_types.js";

export type { Addon };

/** Where the addon may be: what HEARTH_ADDON names, the package's own for this platform, a build of the repository. */
function candidates(): string[] {
  const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
  const own = [
    here(`../../native/${process.platform}-${process.arch}/hearth.node`),
    here("../../../../build/hearth.node"),
  ];
  return process.env.HEARTH_ADDON === undefined ? own : [process.env.HEARTH_ADDON];
}

let loaded: typeof Addon | undefined;

/** NOT_FOUND where this platform has no addon; INTERNAL where it cannot be loaded. */
export function load_addon(): typeof Addon {
  if (loaded) return loaded;
  const path = candidates().find((candidate) => existsSync(candidate));
  if (path === undefined) {
    throw new HearthError(
      "NOT_FOUND",
      `there is no native addon for ${process.platform}-${process.arch}; looked for ${candidates().join(", ")}`,
    );
  }
  try {
    loaded = createRequire(import.meta.url)(path) as typeof Addon;
  } catch (error) {
    throw new HearthError("INTERNAL", `the native addon ${path} does not load: ${(error as Error).message}`, {
      cause: error,
    });
  }
  return loaded;
}
