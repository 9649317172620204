/** What loadModel takes, and what of it goes to the worker. */

import { HearthError } from "@hearth/core";
import { hugging_face_url, split_parts } from "@hearth/core/sources";

type Bytes = Blob | ArrayBuffer | Uint8Array | FileSystemFileHandle;

/**
 * An address (http:, https:, blob:, hf:owner/repository:Q4_K_M, relative to the page; of a .json file: a manifest of chunks), a
 * File, Blob, ArrayBuffer, Uint8Array or FileSystemFileHandle, or the list of a split model's parts.
 */
export type Source = string | URL | Bytes | (string | URL | Bytes)[];

/**
 * One part of a model, with its SHA-256 where its repository tells that, or the name of a repository that has it: something
 * that can be posted to a worker.
 */
export type PartSource =
  | { url: string; sha256?: string }
  | { name: string; blob: Blob }
  | { name: string; handle: FileSystemFileHandle };

/** `base` is what relative addresses are relative to, `endpoint` another host for hf: names. */
export function part_sources(source: Source, base: string | undefined, endpoint?: string): PartSource[] {
  const list = Array.isArray(source) ? source : [source];
  if (list.length === 0) throw new HearthError("INVALID_ARGUMENT", "the list of parts is empty");
  return list.flatMap((part): PartSource[] => {
    if (typeof part !== "string" && !(part instanceof URL)) return [bytes_source(part)];
    const url = address(String(part), base, endpoint);
    const urls = Array.isArray(source) ? [url] : split_parts(url);
    return urls.map(({ href }) => ({ url: href }));
  });
}

function address(name: string, base: string | undefined, endpoint: string | undefined): URL {
  if (name.startsWith("hf:")) return hugging_face_url(name, endpoint) ?? new URL(name); // its server has to be asked
  let url: URL;
  try {
    url = new URL(name, base);
  } catch (error) {
    throw new HearthError("INVALID_ARGUMENT", `${name}: this is no address`, { cause: error });
  }
  if (["http:", "https:", "blob:"].includes(url.protocol)) return url;
  throw new HearthError(
    "INVALID_ARGUMENT",
    `${name}: '${url.protocol}' is no kind of source; there are http:, https:, blob: and hf:`,
  );
}

function bytes_source(part: Bytes): PartSource {
  if (part instanceof Blob) return { name: part instanceof File ? part.name : "memory", blob: part };
  // A Blob is not part of JavaScript's heap, so that a worker can read it without a copy of the whole.
  if (part instanceof ArrayBuffer) return { name: "memory", blob: new Blob([part]) };
  if (part instanceof Uint8Array) {
    const own = part.buffer instanceof ArrayBuffer ? (part as Uint8Array<ArrayBuffer>) : new Uint8Array(part);
    return { name: "memory", blob: new Blob([own]) };
  }
  if (typeof FileSystemFileHandle === "function" && part instanceof FileSystemFileHandle)
    return { name: part.name, handle: part };
  throw new HearthError(
    "INVALID_ARGUMENT",
    "a model is loaded from an address, a File, Blob, ArrayBuffer, Uint8Array or FileSystemFileHandle, or a list of those",
  );
}

/** The last part of an address's path, or a file's name. */
export function source_name(part: PartSource): string {
  return "url" in part ? url_name(part.url) : part.name;
}

export function url_name(url: string): string {
  const name = new URL(url).pathname.split("/").pop() || "model";
  try {
    return decodeURIComponent(name);
  } catch {
    return name; // a stray percent sign
  }
}
