/** What workflows keep, in a folder: a file for each value. */

import { createHash, randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { HearthError } from "@hearth/core";
import type { WorkflowStore } from "@hearth/core/workflow";
import { io_error } from "./sources/io_error.js";

/** The values that workflows keep in this folder, which is made where it is missing; several processes may use it. */
export function openStore(folder: string): WorkflowStore {
  if (typeof folder !== "string" || folder === "") {
    throw new HearthError("INVALID_ARGUMENT", "a store is in a folder, whose path is a string that is not empty");
  }
  return new FolderStore(folder);
}

interface Kept {
  namespace: string;
  key: string;
  value: unknown;
}

class FolderStore implements WorkflowStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async get(namespace: string, key: string): Promise<unknown> {
    return (await read(this.#path(namespace, key)))?.value;
  }

  async put(namespace: string, key: string, value: unknown): Promise<void> {
    const path = this.#path(namespace, key);
    const kept: Kept = { namespace, key, value };
    try {
      await mkdir(this.#path(namespace), { recursive: true });
      await write_whole(path, JSON.stringify(kept));
    } catch (error) {
      throw io_error(path, error);
    }
  }

  async delete(namespace: string, key: string): Promise<void> {
    const path = this.#path(namespace, key);
    await rm(path, { force: true }).catch((error: unknown) => {
      throw io_error(path, error);
    });
  }

  async list(namespace: string, prefix: string): Promise<string[]> {
    const folder = this.#path(namespace);
    const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return [];
      throw io_error(folder, error);
    });
    const keys: string[] = [];
    for (const name of names.filter((name) => name.endsWith(".json"))) {
      const kept = await read(join(folder, name));
      if (kept?.key.startsWith(prefix)) keys.push(kept.key);
    }
    return keys.sort();
  }

  /** Names of workflows are no paths: whatever they are, they stand for files in this folder. */
  #path(namespace: string, key?: string): string {
    const folder = join(this.#folder, digest(namespace));
    return key === undefined ? folder : join(folder, `${digest(key)}.json`);
  }
}

function digest(name: string): string {
  return createHash("sha256").update(name).digest("hex");
}

async function read(path: string): Promise<Kept | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw io_error(path, error);
  }
  try {
    return JSON.parse(text) as Kept;
  } catch (error) {
    throw new HearthError("IO", `${path}: it is no value of a store: delete it, or put back what was there`, {
      cause: error,
    });
  }
}

/** Whoever reads it has the old text or the new one, and so has who reads it after the power failed. */
async function write_whole(path: string, text: string): Promise<void> {
  const part = `${path}.${randomUUID()}.part`;
  try {
    const file = await open(part, "wx");
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}
