/** Lists of what repositories have, kept in the browser's own cache of answers. */

import { checked_page, type Listings } from "@hearth/core/sources";

const name = "hearth-listings";

/** Undefined where there is no such cache, as on pages that are not secure. */
export function browser_listings(): Listings | undefined {
  if (typeof caches !== "object") return undefined;
  return {
    async read(url) {
      try {
        const kept = await (await caches.open(name)).match(url);
        return kept && checked_page(await kept.json());
      } catch {
        return undefined; // not in this window, or not ours
      }
    },
    async write(url, page) {
      try {
        await (await caches.open(name)).put(url, Response.json(page));
      } catch {
        // No room, or not in this window: the model itself will tell.
      }
    },
  };
}
