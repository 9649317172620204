/** Where files are kept. Nothing here touches network or disk. */

import { createHash } from "node:crypto";

/**
 * Where a URL's file is kept, relative to the cache folder: files of one folder stay side by side under their own
 * names, as the engine wants the parts of a split model. Queries tell files apart, too.
 */
export function cache_path(url: URL): string {
  const folder = url.pathname.slice(0, url.pathname.lastIndexOf("/"));
  const file = readable(url.pathname.slice(folder.length + 1)).replaceAll(/[^\w.-]/g, "_");
  const key = createHash("sha256").update(`${url.origin}${folder}?${url.search}`).digest("hex").slice(0, 16);
  const prefix = file === "" || file.startsWith(".") ? "_" : "";
  return `${url.hostname}-${key}/${prefix}${file}`;
}

function readable(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name; // a stray percent sign
  }
}
