import { HearthError } from "../errors.js";

/** The SHA-256 of a model's file as hex, or the list of those of its parts. */
export type Integrity = string | string[];

/** INVALID_ARGUMENT for what is no SHA-256. */
export function check_integrity(integrity: Integrity | undefined): void {
  for (const sha256 of [integrity ?? []].flat()) {
    if (typeof sha256 === "string" && /^[0-9a-f]{64}$/i.test(sha256)) continue;
    throw new HearthError("INVALID_ARGUMENT", `integrity must be a SHA-256 as 64 hex digits, not '${sha256}'`);
  }
}

/** One for each of a model's `count` files, in lower case. INVALID_ARGUMENT where there are more or less. */
export function checksums_of(integrity: Integrity | undefined, count: number): (string | undefined)[] {
  check_integrity(integrity);
  if (integrity === undefined) return new Array(count).fill(undefined);
  const given = [integrity].flat();
  if (given.length === count) return given.map((sha256) => sha256.toLowerCase());
  const message = `integrity has ${given.length} checksums, but the model has ${count} files: give one for each, as a list`;
  throw new HearthError("INVALID_ARGUMENT", message);
}

/** A file as it was when it was stored or checked last. */
export interface FileState {
  size?: number;
  /** When its content changed last, in milliseconds since 1970; undefined where the storage does not say. */
  modified?: number;
}

/**
 * What a cached file's SHA-256 has to be found to be before it is used; undefined where it need not be read, since it was
 * `known` to be the one that is asked for and has not changed.
 */
export function checksum_to_verify(
  known: FileState & { sha256?: string },
  found: FileState,
  asked: string | undefined,
): string | undefined {
  const wanted = asked ?? known.sha256;
  const unchanged = known.size === found.size && known.modified === found.modified;
  return unchanged && known.sha256 === wanted ? undefined : wanted;
}

/** `where` names the file or its address. */
export function integrity_error(where: string, found: string, wanted: string): HearthError {
  return new HearthError("INTEGRITY", `${where}: its SHA-256 is ${found}, not ${wanted}`, { sha256: found });
}
