/** hf: names, and the files at Hugging Face that they stand for. */

import { HearthError } from "../errors.js";
import { choose_model, type ListedModel, type Room } from "./choose_model.js";
import { type Listings, list_files, listed_before, type RepositoryFile } from "./listing.js";
import { split_parts } from "./parts.js";

/** A file of a model, and what the list of its repository says of it, where it says so. */
export interface FoundFile extends Omit<RepositoryFile, "path"> {
  url: URL;
}

/** How a platform asks Hugging Face, and what it has already. */
export interface RepositoryAccess {
  /** Another host than Hugging Face's. */
  endpoint: string | undefined;
  /** Asks the server, with these headers besides its own. */
  get: (url: URL, headers: Record<string, string>) => Promise<Response>;
  /** Addresses whose files are in the cache. */
  known: () => Promise<string[]>;
  /** What the machine has for a model. Asked only where the name leaves the type open. */
  room: () => Promise<Room>;
  /** Is told which file is taken, and why, where the name leaves that open. */
  tell: (message: string) => void;
  /** Lists that were had before; undefined where they cannot be kept. */
  listings?: Listings;
}

interface Name {
  owner: string;
  repository: string;
  revision: string;
  /** A path in the repository; without one, the file that `quantization` or the ecosystem's habit chooses. */
  file?: string;
  quantization?: string;
}

function parse(name: string): Name {
  const match = /^hf:\/{0,2}([\w.-]+)\/([\w.-]+)(?:@([\w.-]+))?(?::([\w.-]+)|\/([^?#]+))?$/.exec(name);
  if (!match) {
    const forms = "hf:owner/repository/file.gguf, hf:owner/repository:Q4_K_M or hf:owner/repository";
    throw new HearthError("INVALID_ARGUMENT", `${name}: expected ${forms}, the repository with @revision if need be`);
  }
  const [, owner = "", repository = "", revision = "main", quantization, file] = match;
  return { owner, repository, revision, quantization, file };
}

function host(endpoint: string | undefined): string {
  return (endpoint || "https://huggingface.co").replace(/\/+$/, "");
}

/** Where the repository's files are. */
function folder_url({ owner, repository, revision }: Name, endpoint: string | undefined): string {
  return `${host(endpoint)}/${owner}/${repository}/resolve/${encodeURIComponent(revision)}/`;
}

/**
 * The URL of a file's name: hf:owner/repository/path/to/file.gguf or hf:owner/repository@revision/... Undefined where the
 * name leaves open which file it is. `endpoint` is another host than Hugging Face's.
 */
export function hugging_face_url(name: string, endpoint?: string): URL | undefined {
  const parsed = parse(name);
  return parsed.file === undefined ? undefined : file_url(parsed, parsed.file, endpoint);
}

function file_url(name: Name, file: string, endpoint: string | undefined): URL {
  return new URL(folder_url(name, endpoint) + file.split("/").map(encodeURIComponent).join("/"));
}

/**
 * The files of the model that any name stands for, the first part first. The server is asked what the repository has;
 * where the name says which file it is, one that has no list is none the worse. Without a network, what is in the cache is
 * all that there is.
 */
export async function find_at_hugging_face(name: string, access: RepositoryAccess): Promise<FoundFile[]> {
  const parsed = parse(name);
  const { endpoint } = access;
  let listed: RepositoryFile[] = [];
  try {
    listed = await list_files(listing_url(parsed, endpoint), access);
  } catch (error) {
    const { code } = HearthError.from(error);
    if (code === "NETWORK") {
      const kept = await without_network(name, access);
      if (kept) return kept;
      throw await with_what_there_was(error as HearthError, parsed, access);
    }
    if (parsed.file === undefined || (code !== "NOT_FOUND" && code !== "SERVER")) throw error;
  }
  const path = parsed.file ?? (await choose(parsed, listed, access));
  const known_of = (url: URL) => listed.find(({ path }) => file_url(parsed, path, endpoint).href === url.href);
  return split_parts(file_url(parsed, path, endpoint)).map((url) => {
    const { size, sha256 } = known_of(url) ?? {};
    return { url, size, sha256 };
  });
}

async function choose(parsed: Name, listed: RepositoryFile[], access: RepositoryAccess): Promise<string> {
  const { quantization } = parsed;
  if (quantization !== undefined) return choose_model(repository_of(parsed), quantization, listed).path;
  const here = new Set(paths_in(parsed, access.endpoint, await access.known()));
  const files: ListedModel[] = listed.map((file) => ({ ...file, here: here.has(file.path) }));
  const { path, message } = choose_model(repository_of(parsed), undefined, files, await access.room());
  if (message !== undefined) access.tell(message);
  return path;
}

async function without_network(name: string, { endpoint, known }: RepositoryAccess): Promise<FoundFile[] | undefined> {
  const addresses = await known();
  const cached = known_at_hugging_face(name, endpoint, addresses);
  return cached && addresses.includes(cached.href) ? split_parts(cached).map((url) => ({ url })) : undefined;
}

/** Tells what the repository had when it was last seen. */
async function with_what_there_was(error: HearthError, parsed: Name, access: RepositoryAccess): Promise<HearthError> {
  const before = await listed_before(listing_url(parsed, access.endpoint), access.listings);
  const paths = before?.files.map(({ path }) => path).filter((path) => /\.gguf$/i.test(path)) ?? [];
  if (!before || paths.length === 0) return error;
  const day = new Date(before.time).toISOString().slice(0, 10);
  const message = `${error.message}; nothing of ${repository_of(parsed)} that is meant was downloaded; on ${day} it had ${paths.join(", ")}`;
  return new HearthError(error.code, message, { ...error.details, cause: error });
}

/** The same among addresses that are known; undefined where none or several could be meant. */
export function known_at_hugging_face(name: string, endpoint: string | undefined, known: string[]): URL | undefined {
  const parsed = parse(name);
  if (parsed.file !== undefined) return file_url(parsed, parsed.file, endpoint);
  const files = paths_in(parsed, endpoint, known).map((path) => ({ path }));
  try {
    return file_url(parsed, choose_model(name, parsed.quantization, files).path, endpoint);
  } catch {
    return undefined;
  }
}

/** The paths in the repository of those addresses that are of it. */
function paths_in(parsed: Name, endpoint: string | undefined, known: string[]): string[] {
  const folder = folder_url(parsed, endpoint);
  return known.filter((url) => url.startsWith(folder)).map((url) => decodeURIComponent(url.slice(folder.length)));
}

function repository_of({ owner, repository, revision }: Name): string {
  return `hf:${owner}/${repository}${revision === "main" ? "" : `@${revision}`}`;
}

function listing_url({ owner, repository, revision }: Name, endpoint: string | undefined): URL {
  const folder = `${host(endpoint)}/api/models/${owner}/${repository}/tree/${encodeURIComponent(revision)}`;
  return new URL(`${folder}?recursive=true`);
}
