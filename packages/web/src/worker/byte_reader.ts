/** Reads parts of a model synchronously, as the engine needs it. Nothing is kept in JavaScript's heap. */

import { has_sync_access } from "../cache/opfs_store.js";
import type { Part } from "../sources/part_resolver.js";

/** As a source of @hearth/wasm. */
export interface ByteReader {
  name: string;
  size: number;
  /** Fills `into` from byte `offset` and returns how many bytes it got. `into` may be a view of shared memory. */
  read(offset: number, into: Uint8Array): number;
  close(): void;
}

/** TypeScript's DOM types leave out what only workers have. */
declare class FileReaderSync {
  readAsArrayBuffer(blob: Blob): ArrayBuffer;
}

/** Undefined on a page's thread, where nothing can be read synchronously. */
export async function open_reader(part: Part): Promise<ByteReader | undefined> {
  return (await file_reader(part)) ?? blob_reader(part);
}

/** Two to three times as fast as a Blob's slices, where the browser lets several readers have the file. */
async function file_reader({ name, handle }: Part): Promise<ByteReader | undefined> {
  if (!handle || !has_sync_access(handle)) return undefined;
  try {
    const file = await handle.createSyncAccessHandle({ mode: "read-only" });
    return {
      name,
      size: file.getSize(),
      read: (offset, into) => file.read(into, { at: offset }),
      close: () => file.close(),
    };
  } catch {
    return undefined; // another tab has it, in a browser that knows no read-only mode
  }
}

/** What passes through JavaScript's heap at once. */
const slice_size = 16 * 2 ** 20;

function blob_reader({ name, blob }: Part): ByteReader | undefined {
  if (typeof FileReaderSync !== "function") return undefined;
  const reader = new FileReaderSync();
  return {
    name,
    size: blob.size,
    read: (offset, into) => {
      const end = offset + Math.min(into.length, slice_size);
      const bytes = new Uint8Array(reader.readAsArrayBuffer(blob.slice(offset, end)));
      into.set(bytes);
      return bytes.length;
    },
    close: () => {},
  };
}
