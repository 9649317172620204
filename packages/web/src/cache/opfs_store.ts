/**
 * Models in the origin's private file system: a folder each, with `data` and, once that is whole, `entry.json`. The date
 * of `used` says when it was last used: a file whose content is replaced cannot be read meanwhile.
 */

import type { CacheEntry, Store, StoredFile, Writer } from "./store.js";

/** Only dedicated workers have it, and TypeScript's DOM types do not. */
export interface SyncAccessHandle {
  read(into: Uint8Array, options?: { at?: number }): number;
  write(bytes: Uint8Array, options?: { at?: number }): number;
  getSize(): number;
  truncate(size: number): void;
  flush(): void;
  close(): void;
}
type WithSyncAccess = FileSystemFileHandle & {
  createSyncAccessHandle(options?: { mode?: "read-only" }): Promise<SyncAccessHandle>;
};

export function has_sync_access(handle: FileSystemFileHandle): handle is WithSyncAccess {
  return "createSyncAccessHandle" in handle;
}

type Folder = FileSystemDirectoryHandle & { keys(): AsyncIterable<string> };

export class OpfsStore implements Store {
  readonly kind = "opfs";
  readonly #root: Folder;

  private constructor(root: Folder) {
    this.#root = root;
  }

  /** Undefined where there is none, or where it may not be used (private windows). */
  static async open(name: string): Promise<OpfsStore | undefined> {
    try {
      const root = await navigator.storage.getDirectory();
      return new OpfsStore((await root.getDirectoryHandle(name, { create: true })) as Folder);
    } catch {
      return undefined;
    }
  }

  async entries(): Promise<CacheEntry[]> {
    const entries: CacheEntry[] = [];
    for await (const key of this.#root.keys()) {
      const entry = await this.#entry(key);
      if (entry) entries.push(entry);
    }
    return entries;
  }

  async partials(): Promise<{ key: string; size: number }[]> {
    const partials: { key: string; size: number }[] = [];
    for await (const key of this.#root.keys()) {
      if (!(await this.#entry(key))) partials.push({ key, size: (await this.partial(key)).size });
    }
    return partials;
  }

  async open(entry: CacheEntry): Promise<StoredFile | undefined> {
    try {
      const handle = await (await this.#root.getDirectoryHandle(entry.key)).getFileHandle("data");
      const blob = await handle.getFile();
      return blob.size === entry.size ? { blob, handle } : undefined;
    } catch (error) {
      return undefined_if_missing(error);
    }
  }

  async partial(key: string): Promise<Blob> {
    try {
      return await (await (await this.#root.getDirectoryHandle(key)).getFileHandle("data")).getFile();
    } catch (error) {
      return undefined_if_missing(error) ?? new Blob();
    }
  }

  async writer(key: string): Promise<Writer> {
    const folder = await this.#root.getDirectoryHandle(key, { create: true });
    const handle = await folder.getFileHandle("data", { create: true });
    return has_sync_access(handle) ? sync_writer(await handle.createSyncAccessHandle()) : stream_writer(handle);
  }

  async commit(entry: CacheEntry): Promise<void> {
    const folder = await this.#root.getDirectoryHandle(entry.key);
    const file = await (await folder.getFileHandle("entry.json", { create: true })).createWritable();
    await file.write(JSON.stringify(entry));
    await file.close(); // only now, and all at once, it is in the file
  }

  async touch({ key }: CacheEntry): Promise<void> {
    const folder = await this.#root.getDirectoryHandle(key);
    const file = await (await folder.getFileHandle("used", { create: true })).createWritable();
    await file.write("1");
    await file.close();
  }

  async delete(key: string): Promise<void> {
    try {
      const folder = await this.#root.getDirectoryHandle(key);
      // The entry first: without it, nothing of what is left is served.
      await folder.removeEntry("entry.json").catch(undefined_if_missing);
      await this.#root.removeEntry(key, { recursive: true });
    } catch (error) {
      undefined_if_missing(error);
    }
  }

  async #entry(key: string): Promise<CacheEntry | undefined> {
    try {
      const folder = await this.#root.getDirectoryHandle(key);
      const file = await (await folder.getFileHandle("entry.json")).getFile();
      const entry = JSON.parse(await file.text()) as CacheEntry;
      const used = await folder
        .getFileHandle("used")
        .then((handle) => handle.getFile())
        .catch(undefined_if_missing);
      return { ...entry, lastUsed: used?.lastModified ?? entry.lastUsed };
    } catch {
      return undefined;
    }
  }
}

function undefined_if_missing(error: unknown): undefined {
  if ((error as Error).name !== "NotFoundError") throw error;
}

/** Written at once, so that whatever ends the worker, what has come is there. */
function sync_writer(file: SyncAccessHandle): Writer {
  let size = file.getSize();
  return {
    get size() {
      return size;
    },
    append: async (bytes) => {
      const written = file.write(bytes, { at: size });
      size += written;
      if (written < bytes.length) throw new DOMException("the disk is full", "QuotaExceededError");
    },
    close: async () => {
      file.flush();
      file.close();
    },
  };
}

/** Outside workers, what is written is there when the file is closed. */
async function stream_writer(handle: FileSystemFileHandle): Promise<Writer> {
  let { size } = await handle.getFile();
  const file = await handle.createWritable({ keepExistingData: true });
  await file.seek(size);
  return {
    get size() {
      return size;
    },
    append: async (bytes) => {
      await file.write(bytes);
      size += bytes.length;
    },
    close: () => file.close(),
  };
}
