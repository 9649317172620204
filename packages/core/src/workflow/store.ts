/** What `storage` and `memory` ask of a store, and one that lasts as long as a run. */

import type { WorkflowStore } from "./types.js";

export interface StoreRequest {
  op: "get" | "put" | "delete" | "list";
  namespace: string;
  key: string;
  prefix: string;
  value: unknown;
}

export async function ask_store(store: WorkflowStore, { op, namespace, key, prefix, value }: StoreRequest) {
  switch (op) {
    case "get": {
      const found = await store.get(namespace, key);
      return { value: found ?? null, found: found !== undefined };
    }
    case "put":
      await store.put(namespace, key, value);
      return {};
    case "delete":
      await store.delete(namespace, key);
      return {};
    case "list":
      return { keys: await store.list(namespace, prefix) };
  }
}

export class MemoryStore implements WorkflowStore {
  readonly #namespaces = new Map<string, Map<string, unknown>>();

  async get(namespace: string, key: string): Promise<unknown> {
    return this.#namespaces.get(namespace)?.get(key);
  }

  async put(namespace: string, key: string, value: unknown): Promise<void> {
    const values = this.#namespaces.get(namespace) ?? new Map<string, unknown>();
    this.#namespaces.set(namespace, values.set(key, value));
  }

  async delete(namespace: string, key: string): Promise<void> {
    this.#namespaces.get(namespace)?.delete(key);
  }

  async list(namespace: string, prefix: string): Promise<string[]> {
    const keys = [...(this.#namespaces.get(namespace)?.keys() ?? [])];
    return keys.filter((key) => key.startsWith(prefix)).sort();
  }
}
