/** What workflows keep, in a folder: a file for each value, as `hearth workflow --store` has it (docs/workflows.md). */

import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { HearthError } from "@hearth/core";
import { json_text } from "@hearth/core/platform";
import type { WorkflowStore } from "@hearth/core/workflow";
import { io_error } from "./sources/io_error.js";

/** The values that workflows keep in this folder, which is made where it is missing; several processes may use it. */
export function openStore(folder: string): WorkflowStore {
  if (typeof folder !== "string" || folder === "") {
    throw new HearthError("INVALID_ARGUMENT", "a store is in a folder, whose path is a string that is not empty");
  }
  return new FolderStore(folder);
}

const ending = ".json";
/** File systems take names of 255 bytes, and a file that is being written has a longer one. */
const longest_name = 224;
const longest_value = 16 * 2 ** 20;

class FolderStore implements WorkflowStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async get(namespace: string, key: string): Promise<unknown> {
    const path = this.#path(namespace, key);
    let text: string;
    try {
      text = await readFile(path, "utf8");
    } catch (error) {
      if (is_missing(error)) return undefined;
      throw io_error(path, error);
    }
    try {
      return JSON.parse(text);
    } catch (cause) {
      const why = (cause as Error).message;
      throw new HearthError("INTEGRITY", `${path}: ${why}; delete the file, or put the value again`, { cause });
    }
  }

  async put(namespace: string, key: string, value: unknown): Promise<void> {
    const path = this.#path(namespace, key);
    const text = json_text(value);
    if (Buffer.byteLength(text) > longest_value) {
      throw invalid(`the value is too long to be kept: ${longest_value} bytes are the most`);
    }
    try {
      await mkdir(dirname(path), { recursive: true });
      await write_whole(path, text);
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
    const folder = join(this.#folder, file_name("namespace", namespace));
    const names = await readdir(folder).catch((error: unknown) => {
      if (is_missing(error)) return [];
      throw io_error(folder, error);
    });
    const keys = names.flatMap((name) => key_of(name) ?? []);
    return keys.filter((key) => key.startsWith(prefix)).sort();
  }

  #path(namespace: string, key: string): string {
    return join(this.#folder, file_name("namespace", namespace), file_name("key", key) + ending);
  }
}

/** Lower-case letters, digits, - and _ as they are, for some file systems tell no "A" from "a". No name leads elsewhere. */
function file_name(what: string, name: string): string {
  const encoded = (byte: number) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  const plain = (byte: number) => /[a-z0-9_-]/.test(String.fromCharCode(byte));
  const letters = [...Buffer.from(name)].map((byte) => (plain(byte) ? String.fromCharCode(byte) : encoded(byte)));
  const text = letters.join("") || "%";
  if (text.length <= longest_name) return text;
  const cost = "where letters and digits count one, and other bytes three";
  throw invalid(
    `the ${what} is too long to be kept: it has ${text.length} bytes, ${cost}; ${longest_name} are the most`,
  );
}

/** Undefined for a file that is no value's. */
function key_of(name: string): string | undefined {
  if (!name.endsWith(ending)) return undefined;
  const text = name.slice(0, -ending.length);
  if (text === "%") return "";
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function is_missing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}

function invalid(message: string): HearthError {
  return new HearthError("INVALID_ARGUMENT", message);
}

/** @internal Whoever reads it has the old text or the new one, and so has who reads it after the power failed. */
export async function write_whole(path: string, text: string): Promise<void> {
  const part = `${path}.${randomUUID()}.part`;
  try {
    const file = await open(part, "wx", 0o600);
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
