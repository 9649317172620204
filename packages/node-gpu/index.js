/** Where the library is that @hearth/node reaches GPUs by: for this platform, or where the repository was built. */

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const places = [`native/${process.platform}-${process.arch}/libhearth_gpu.so`, "../../build/libhearth_gpu.so"];

/** Its path; undefined where this platform has none. */
export const library = places
  .map((place) => fileURLToPath(new URL(place, import.meta.url)))
  .find((path) => existsSync(path));
