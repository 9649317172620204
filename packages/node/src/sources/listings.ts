/** Lists of what repositories have, as small files in the cache folder (listings/): apps/store reads and writes the same. */

import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { checked_page, type Listings } from "@hearth/core/sources";

export function listings_in(folder: string): Listings {
  const path_of = (url: string) =>
    join(folder, "listings", `${createHash("sha256").update(url).digest("hex").slice(0, 32)}.json`);
  return {
    async read(url) {
      try {
        return checked_page(JSON.parse(await readFile(path_of(url), "utf8")));
      } catch {
        return undefined; // none yet, or not ours
      }
    },
    async write(url, page) {
      const path = path_of(url);
      const begun = `${path}.${process.pid}.new`;
      try {
        await mkdir(join(folder, "listings"), { recursive: true });
        await writeFile(begun, JSON.stringify({ url, ...page }));
        await rename(begun, path);
      } catch {
        // A folder that cannot be written to, or a full disk: the model itself will tell.
      }
    },
  };
}
