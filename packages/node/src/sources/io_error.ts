import { HearthError } from "@hearth/core";

/** What the system says about writing `path`. */
export function io_error(path: string, error: unknown): HearthError {
  if ((error as NodeJS.ErrnoException).code === "ENOSPC") {
    return new HearthError("CACHE_QUOTA", `${path}: the disk is full; delete models from the cache`, { cause: error });
  }
  return HearthError.from(error, "IO");
}
