/** What the cache folder knows of each whole file, in a small file beside it: `path`.entry. */

import { readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface CacheEntry {
  /** Where it is, for programs of all kinds. */
  path: string;
  url: string;
  name: string;
  /** In bytes. */
  size: number;
  /** As hex, where it was checked. */
  sha256?: string;
  /** Milliseconds since 1970. */
  created: number;
  lastUsed: number;
}

/** What is written down beside a file. */
export interface Note {
  url: string;
  /** As hex, where it was checked. */
  sha256?: string;
  /** What the file's size and time of change were then, or when it was stored. */
  size?: number;
  modified?: number;
  /** Whether it was fetched again because it was broken. */
  refetched?: boolean;
}

const suffix = ".entry";

/** Gives a file that is whole its own name. Whoever finds it, finds all of it. */
export async function commit(partial: string, path: string, note: Note): Promise<void> {
  const { size, mtimeMs: modified } = await stat(partial);
  await write_note(path, { ...note, size, modified });
  await rename(partial, path);
}

export async function write_note(path: string, note: Note): Promise<void> {
  await writeFile(`${path}${suffix}`, JSON.stringify(note));
}

/** Undefined where nothing is known of the file. */
export async function note_of(path: string): Promise<Note | undefined> {
  try {
    return JSON.parse(await readFile(`${path}${suffix}`, "utf8")) as Note;
  } catch {
    return undefined;
  }
}

/** To be called when a file is used. */
export async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(`${path}${suffix}`, now, now).catch(() => {}); // another's folder, or a read-only one
}

export async function discard(path: string): Promise<void> {
  await rm(path, { force: true });
  await rm(`${path}${suffix}`, { force: true });
}

export async function entries(folder: string): Promise<CacheEntry[]> {
  const found = await Promise.all((await files(folder, suffix)).map((file) => read(file.slice(0, -suffix.length))));
  return found.filter((entry) => entry !== undefined);
}

/** Of interrupted downloads. */
export function partials(folder: string): Promise<string[]> {
  return files(folder, ".partial");
}

export async function size_of(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

async function read(path: string): Promise<CacheEntry | undefined> {
  try {
    const [file, used, note] = await Promise.all([stat(path), stat(path + suffix), note_of(path)]);
    if (!note) return undefined;
    const { url, sha256 } = note;
    const name = new URL(url).pathname.split("/").pop() || "model";
    return { path, url, name, size: file.size, sha256, created: file.ctimeMs, lastUsed: used.mtimeMs };
  } catch {
    return undefined; // deleted meanwhile, or not ours
  }
}

async function files(folder: string, ending: string): Promise<string[]> {
  const all = await readdir(folder, { recursive: true }).catch(() => []);
  return all.filter((name) => name.endsWith(ending)).map((name) => join(folder, name));
}
