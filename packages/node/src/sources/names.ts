/** Names of models and what they stand for. Nothing here touches network or disk. */

import { createHash } from "node:crypto";
import { HearthError } from "@hearth/core";

/** hf:owner/repository/path/to/file.gguf, or hf:owner/repository@revision/...; HF_ENDPOINT names another host. */
export function hugging_face_url(name: string): URL {
  const match = /^hf:\/{0,2}([\w.-]+)\/([\w.-]+)(?:@([\w./-]+?))?\/([^?#]+)$/.exec(name);
  if (!match) throw new HearthError("INVALID_ARGUMENT", `${name}: expected hf:owner/repository/file.gguf`);
  const [, owner, repository, revision = "main", file = ""] = match;
  const host = process.env.HF_ENDPOINT ?? "https://huggingface.co";
  const path = file.split("/").map(encodeURIComponent).join("/");
  return new URL(`${host}/${owner}/${repository}/resolve/${encodeURIComponent(revision)}/${path}`);
}

/** All parts of a split model, whose first part is named; otherwise the URL itself. */
export function split_parts(url: URL): URL[] {
  const match = /-00001-of-(\d{5})\.gguf$/.exec(url.pathname);
  if (!match) return [url];
  const count = Number(match[1]);
  return Array.from({ length: count }, (_, index) => {
    const part = new URL(url);
    const number = String(index + 1).padStart(5, "0");
    part.pathname = url.pathname.replace(/-00001-of-/, `-${number}-of-`);
    return part;
  });
}

/**
 * Where a URL's file is kept, relative to the cache folder: files of one folder stay side by side under their own
 * names, as the engine wants the parts of a split model. Queries tell files apart, too.
 */
export function cache_path(url: URL): string {
  const folder = url.pathname.slice(0, url.pathname.lastIndexOf("/"));
  const file = decodeURIComponent(url.pathname.slice(folder.length + 1)).replaceAll(/[^\w.-]/g, "_");
  const key = createHash("sha256").update(`${url.origin}${folder}?${url.search}`).digest("hex").slice(0, 16);
  return `${url.hostname}-${key}/${file === "" || file.startsWith(".") ? "_" + file : file}`;
}
