import { HearthError } from "@hearth/core";

const no_room: Record<string, string> = {
  ENOSPC: "the disk is full",
  EDQUOT: "your share of the disk is used up",
  EFBIG: "no file may become so large here",
};

/** What the system says about writing `path`. */
export function io_error(path: string, error: unknown): HearthError {
  const { code } = error as NodeJS.ErrnoException;
  const why = code === undefined ? undefined : no_room[code];
  if (why) return new HearthError("CACHE_QUOTA", `${path}: ${why}; delete models from the cache`, { cause: error });
  return HearthError.from(error, "IO");
}
