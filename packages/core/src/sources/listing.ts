/** What a repository at Hugging Face has: its list, page by page, kept for when there is no network. */

import { HearthError } from "../errors.js";
import { refused } from "./http.js";

export interface RepositoryFile {
  path: string;
  /** In bytes. */
  size?: number;
  /** In lower case. */
  sha256?: string;
}

/** A page of a list, as it was when it was had. */
export interface ListingPage {
  files: RepositoryFile[];
  /** The address of the page that follows. */
  next?: string;
  /** By which the server tells whether it is the same still. */
  etag?: string;
  /** Milliseconds since 1970. */
  time: number;
}

/** Where pages are kept, by their addresses. What cannot be kept is not, and nothing fails for it. */
export interface Listings {
  read(url: string): Promise<ListingPage | undefined>;
  write(url: string, page: ListingPage): Promise<void>;
}

interface Asking {
  get: (url: URL, headers: Record<string, string>) => Promise<Response>;
  listings?: Listings;
}

const most_pages = 1000;

/** All files of the repository whose list begins at `url`. */
export async function list_files(url: URL, asking: Asking): Promise<RepositoryFile[]> {
  const files: RepositoryFile[] = [];
  let at: URL | undefined = url;
  for (let pages = 0; at; ++pages) {
    if (pages === most_pages) throw new HearthError("SERVER", `${url.href}: its list of files has no end`);
    const page: ListingPage = await page_at(at, asking);
    files.push(...page.files);
    at = page.next === undefined ? undefined : new URL(page.next, at);
  }
  return files;
}

/** The list as it was kept; undefined where not all of it was. */
export async function listed_before(url: URL, listings: Listings | undefined): Promise<ListingPage | undefined> {
  const whole: ListingPage = { files: [], time: Infinity };
  let at: URL | undefined = url;
  for (let pages = 0; at && pages < most_pages; ++pages) {
    const page: ListingPage | undefined = await listings?.read(at.href);
    if (!page) return undefined;
    whole.files.push(...page.files);
    whole.time = Math.min(whole.time, page.time);
    at = page.next === undefined ? undefined : new URL(page.next, at);
  }
  return whole;
}

async function page_at(url: URL, { get, listings }: Asking): Promise<ListingPage> {
  const kept = await listings?.read(url.href);
  const response = await get(url, kept?.etag ? { "if-none-match": kept.etag } : {});
  if (response.status === 304 && kept) {
    await listings?.write(url.href, { ...kept, time: Date.now() });
    return kept;
  }
  if (!response.ok) throw refused(url.href, response);
  const entries: unknown = await response.json().catch(() => undefined);
  if (!Array.isArray(entries)) {
    throw new HearthError("SERVER", `${url.href} does not list files, as Hugging Face's interface does`);
  }
  const page: ListingPage = {
    files: entries.map(listed_file).filter((file) => file !== undefined),
    next: /<([^>]+)>;\s*rel="next"/.exec(response.headers.get("link") ?? "")?.[1],
    etag: response.headers.get("etag") ?? undefined,
    time: Date.now(),
  };
  await listings?.write(url.href, page);
  return page;
}

/** Undefined for an entry that is no file. */
function listed_file(entry: unknown): RepositoryFile | undefined {
  const { type, path, size, lfs } = (entry ?? {}) as Record<string, unknown>;
  if (type !== "file" || typeof path !== "string") return undefined;
  const sha256 = String((lfs as { oid?: unknown } | undefined)?.oid).toLowerCase();
  return {
    path,
    size: Number.isSafeInteger(size) && (size as number) >= 0 ? (size as number) : undefined,
    sha256: /^[0-9a-f]{64}$/.test(sha256) ? sha256 : undefined,
  };
}

/** What was read back as a page; undefined for what is none. */
export function checked_page(value: unknown): ListingPage | undefined {
  const { files, next, etag, time } = (value ?? {}) as Partial<ListingPage>;
  const sound =
    Array.isArray(files) &&
    files.every((file) => typeof file?.path === "string") &&
    [next, etag].every((text) => text === undefined || typeof text === "string") &&
    Number.isFinite(time);
  return sound ? (value as ListingPage) : undefined;
}
