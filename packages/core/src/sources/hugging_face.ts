import { HearthError } from "../errors.js";
import { refused } from "./http.js";
import { split_parts } from "./parts.js";

/** A file of a repository, and what its list says of it, where it says so. */
export interface RepositoryFile {
  url: URL;
  /** In bytes. */
  size?: number;
  /** In lower case. */
  sha256?: string;
}

interface ListedFile extends Omit<RepositoryFile, "url"> {
  path: string;
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
 * The files of the model that any name stands for, the first part first. The server is asked what the repository has, by
 * `get`; where the name says which file it is, one that has no list is none the worse. Without a network, what is cached
 * under the `known` addresses is all that there is.
 */
export async function find_at_hugging_face(
  name: string,
  endpoint: string | undefined,
  get: (url: URL) => Promise<Response>,
  known: () => Promise<string[]>,
): Promise<RepositoryFile[]> {
  const parsed = parse(name);
  let listed: ListedFile[] = [];
  try {
    listed = await list(name, parsed, endpoint, get);
  } catch (error) {
    const { code } = HearthError.from(error);
    const addresses = code === "NETWORK" ? await known() : [];
    const cached = known_at_hugging_face(name, endpoint, addresses);
    if (cached && addresses.includes(cached.href)) return split_parts(cached).map((url) => ({ url }));
    if (parsed.file === undefined || (code !== "NOT_FOUND" && code !== "SERVER")) throw error;
  }
  const paths = listed.map(({ path }) => path);
  const urls = split_parts(file_url(parsed, parsed.file ?? choose(name, parsed, paths), endpoint));
  const known_of = (url: URL) => listed.find(({ path }) => file_url(parsed, path, endpoint).href === url.href);
  return urls.map((url) => {
    const { size, sha256 } = known_of(url) ?? {};
    return { url, size, sha256 };
  });
}

/** The same among addresses that are known; undefined where none or several could be meant. */
export function known_at_hugging_face(name: string, endpoint: string | undefined, known: string[]): URL | undefined {
  const parsed = parse(name);
  if (parsed.file !== undefined) return file_url(parsed, parsed.file, endpoint);
  const folder = folder_url(parsed, endpoint);
  const paths = known
    .filter((url) => url.startsWith(folder))
    .map((url) => decodeURIComponent(url.slice(folder.length)));
  try {
    return file_url(parsed, choose(name, parsed, paths), endpoint);
  } catch {
    return undefined;
  }
}

/** All files in a repository, as its pages of answers list them. */
async function list(name: string, parsed: Name, endpoint: string | undefined, get: (url: URL) => Promise<Response>) {
  const { owner, repository, revision } = parsed;
  const files: ListedFile[] = [];
  const tree = `${host(endpoint)}/api/models/${owner}/${repository}/tree/${encodeURIComponent(revision)}?recursive=true`;
  for (let url: URL | undefined = new URL(tree); url; ) {
    const response: Response = await get(url);
    if (!response.ok) throw refused(url.href, response);
    const entries: unknown = await response.json().catch(() => undefined);
    if (!Array.isArray(entries)) {
      throw new HearthError("SERVER", `${name}: ${url.href} does not list files, as Hugging Face's interface does`);
    }
    files.push(...entries.map(listed_file).filter((file) => file !== undefined));
    const next = /<([^>]+)>;\s*rel="next"/.exec(response.headers.get("link") ?? "")?.[1];
    url = next === undefined ? undefined : new URL(next, url);
  }
  return files;
}

/** Undefined for an entry that is no file. */
function listed_file(entry: unknown): ListedFile | undefined {
  const { type, path, size, lfs } = (entry ?? {}) as Record<string, unknown>;
  if (type !== "file" || typeof path !== "string") return undefined;
  const sha256 = String((lfs as { oid?: unknown } | undefined)?.oid).toLowerCase();
  return {
    path,
    size: Number.isSafeInteger(size) ? (size as number) : undefined,
    sha256: /^[0-9a-f]{64}$/.test(sha256) ? sha256 : undefined,
  };
}

/** What is taken where a name does not say: as llama.cpp has it, this, or else the first. */
const usual_quantization = "Q4_K_M";

function choose(name: string, { quantization }: Name, paths: string[]): string {
  // Projectors of images and importance matrices are no models; the later parts of a split one come with its first.
  const models = paths
    .filter((path) => /\.gguf$/i.test(path) && !/mmproj|imatrix/i.test(path))
    .filter((path) => !/-(?!00001)\d{5}-of-\d{5}\.gguf$/i.test(path))
    .sort();
  const chosen = models.filter((path) => has_quantization(path, quantization ?? usual_quantization));
  if (quantization === undefined) {
    const first = chosen[0] ?? models[0];
    if (first !== undefined) return first;
    throw new HearthError("NOT_FOUND", `${name}: the repository has no GGUF file`);
  }
  if (chosen.length === 1) return chosen[0] as string;
  const listed = (files: string[]) => files.join(", ") || "none";
  if (chosen.length === 0) {
    const message = `${name}: no file has ${quantization} in its name; the GGUF files are: ${listed(models)}`;
    throw new HearthError("NOT_FOUND", message);
  }
  const message = `${name}: several files have ${quantization} in their names: ${listed(chosen)}; name one of them`;
  throw new HearthError("INVALID_ARGUMENT", message);
}

/** As a word of its own: Q4_K is not in model-Q4_K_M.gguf, nor F16 in model-BF16.gguf. */
function has_quantization(path: string, quantization: string): boolean {
  const word = quantization.replaceAll(".", "\\.");
  return new RegExp(`(^|[-._/])${word}([-./]|$)`, "i").test(path.replace(/\.gguf$/i, ""));
}
