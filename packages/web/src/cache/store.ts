/** Where cached models lie. One implementation per kind of storage; what is kept, and for how long, is decided above. */

import type { FileState } from "@hearth/core/sources";

export interface CacheEntry {
  /** Where it is kept. */
  key: string;
  url: string;
  name: string;
  /** In bytes. */
  size: number;
  /** What tells this file from later ones of its address; missing where it stands for whatever comes. */
  validator?: string;
  /** When its content changed last, as far as the storage says, in milliseconds since 1970. */
  modified?: number;
  /** As hex, where it was checked. */
  sha256?: string;
  /** Whether it was fetched again because it was broken. */
  refetched?: boolean;
  /** Milliseconds since 1970. */
  created: number;
  lastUsed: number;
}

/** A file that is whole. `handle` where it can be read through one, which is faster. */
export interface StoredFile {
  blob: Blob;
  handle?: FileSystemFileHandle;
}

/** Blobs that are no files do not change. */
export function state_of(blob: Blob): FileState {
  return { size: blob.size, modified: (blob as Partial<File>).lastModified };
}

/** A file being written, at its end only. Closing keeps what was written, for the next time. */
export interface Writer {
  /** Bytes that are there. */
  readonly size: number;
  /** The bytes belong to the caller again when this is settled; they are in storage at the latest when `close` is. */
  append(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  close(): Promise<void>;
}

export interface Store {
  readonly kind: "opfs" | "indexeddb";
  /** Of files that are whole. */
  entries(): Promise<CacheEntry[]>;
  /** Of files that are not. */
  partials(): Promise<{ key: string; size: number }[]>;
  /** Undefined where its data is missing or not as long as its entry says. */
  open(entry: CacheEntry): Promise<StoredFile | undefined>;
  /** What is there of a file that is not whole. */
  partial(key: string): Promise<Blob>;
  writer(key: string): Promise<Writer>;
  /** Makes a file whole. */
  commit(entry: CacheEntry): Promise<void>;
  /** Notes that it is used now. */
  touch(entry: CacheEntry): Promise<void>;
  /** Whole or not. */
  delete(key: string): Promise<void>;
}
