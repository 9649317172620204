/** Models in IndexedDB, where there is no private file system: blobs of some MiB each, and an entry once they are all there. */

import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { CacheEntry, Store, StoredFile, Writer } from "./store.js";

interface Schema extends DBSchema {
  entries: { key: string; value: CacheEntry };
  /** By the file's key and the blob's first byte. */
  blobs: { key: [string, number]; value: Blob };
}

/** What is lost at most when the page is closed while it downloads. */
const blob_size = 4 * 2 ** 20;

export class IndexedDbStore implements Store {
  readonly kind = "indexeddb";
  readonly #database: IDBPDatabase<Schema>;

  private constructor(database: IDBPDatabase<Schema>) {
    this.#database = database;
  }

  /** Undefined where there is none, or where it may not be used. */
  static async open(name: string): Promise<IndexedDbStore | undefined> {
    try {
      const database = await openDB<Schema>(name, 1, {
        upgrade: (created) => {
          created.createObjectStore("entries", { keyPath: "key" });
          created.createObjectStore("blobs");
        },
      });
      return new IndexedDbStore(database);
    } catch {
      return undefined;
    }
  }

  entries(): Promise<CacheEntry[]> {
    return this.#database.getAll("entries");
  }

  async partials(): Promise<{ key: string; size: number }[]> {
    const sizes = new Map<string, number>();
    const whole = new Set(await this.#database.getAllKeys("entries"));
    const { store } = this.#database.transaction("blobs");
    for await (const {
      key: [key],
      value,
    } of store) {
      if (!whole.has(key)) sizes.set(key, (sizes.get(key) ?? 0) + value.size);
    }
    return [...sizes].map(([key, size]) => ({ key, size }));
  }

  async open(entry: CacheEntry): Promise<StoredFile | undefined> {
    const blob = await this.partial(entry.key);
    return blob.size === entry.size ? { blob } : undefined;
  }

  /** One blob of all: it refers to theirs, nothing is copied. */
  async partial(key: string): Promise<Blob> {
    return new Blob(await this.#database.getAll("blobs", blobs_of(key)));
  }

  async writer(key: string): Promise<Writer> {
    const database = this.#database;
    let stored = (await this.partial(key)).size;
    let waiting: Uint8Array<ArrayBuffer>[] = [];
    let size = stored;
    const store_waiting = async () => {
      if (size === stored) return;
      const blob = new Blob(waiting);
      const at = stored;
      waiting = [];
      stored = size;
      await database.put("blobs", blob, [key, at]);
    };
    return {
      get size() {
        return size;
      },
      append: async (bytes) => {
        waiting.push(bytes.slice()); // the caller uses its buffer again
        size += bytes.length;
        if (size - stored >= blob_size) await store_waiting();
      },
      close: store_waiting,
    };
  }

  async commit(entry: CacheEntry): Promise<void> {
    await this.#database.put("entries", entry);
  }

  async touch(entry: CacheEntry): Promise<void> {
    await this.commit({ ...entry, lastUsed: Date.now() });
  }

  async delete(key: string): Promise<void> {
    const both = this.#database.transaction(["entries", "blobs"], "readwrite");
    await Promise.all([
      both.objectStore("entries").delete(key),
      both.objectStore("blobs").delete(blobs_of(key)),
      both.done,
    ]);
  }
}

function blobs_of(key: string): IDBKeyRange {
  return IDBKeyRange.bound([key, 0], [key, Infinity]);
}
