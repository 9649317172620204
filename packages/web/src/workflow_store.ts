/** What workflows keep, in a database of the site's. */

import { HearthError } from "@hearth/core";
import type { WorkflowStore } from "@hearth/core/workflow";
import { type DBSchema, type IDBPDatabase, openDB } from "idb";

interface Schema extends DBSchema {
  /** By namespace and key. */
  values: { key: [string, string]; value: unknown };
}

/** The values that workflows keep under this name: they stay when the page is closed, and all tabs of the site see them. */
export function openStore(name: string): WorkflowStore {
  if (typeof name !== "string" || name === "") {
    throw new HearthError("INVALID_ARGUMENT", "a store has a name, which is a string that is not empty");
  }
  return new DatabaseStore(name);
}

class DatabaseStore implements WorkflowStore {
  readonly #name: string;
  #database: Promise<IDBPDatabase<Schema>> | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  get(namespace: string, key: string): Promise<unknown> {
    return this.#do((database) => database.get("values", [namespace, key]));
  }

  async put(namespace: string, key: string, value: unknown): Promise<void> {
    await this.#do((database) => database.put("values", value, [namespace, key]));
  }

  delete(namespace: string, key: string): Promise<void> {
    return this.#do((database) => database.delete("values", [namespace, key]));
  }

  async list(namespace: string, prefix: string): Promise<string[]> {
    // Lists come behind all texts.
    const range = IDBKeyRange.bound([namespace, prefix], [namespace, []]);
    const keys = await this.#do((database) => database.getAllKeys("values", range));
    return keys.map(([, key]) => key).filter((key) => key.startsWith(prefix));
  }

  async #do<T>(work: (database: IDBPDatabase<Schema>) => Promise<T>): Promise<T> {
    try {
      this.#database ??= this.#open();
      return await work(await this.#database);
    } catch (error) {
      const is_full = (error as Error).name === "QuotaExceededError";
      const what = is_full ? "the browser grants this site no more storage" : (error as Error).message;
      throw new HearthError(is_full ? "CACHE_QUOTA" : "IO", `the store '${this.#name}': ${what}`, { cause: error });
    }
  }

  #open(): Promise<IDBPDatabase<Schema>> {
    const forget = () => {
      this.#database = undefined;
    };
    const opening = openDB<Schema>(`hearth-store-${this.#name}`, 1, {
      upgrade: (created) => void created.createObjectStore("values"),
      // Somebody wants to delete it.
      blocking: (_current, _blocked, { target }) => {
        forget();
        (target as IDBDatabase).close();
      },
      terminated: forget,
    });
    opening.catch(forget);
    return opening;
  }
}
