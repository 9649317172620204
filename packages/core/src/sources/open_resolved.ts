import { HearthError } from "../errors.js";

/** Where a file comes from: this moment's download (or no download), the cache, or the cache after it was broken there. */
export type Origin = "new" | "cached" | "refetched";

export interface Resolved<Place> {
  place: Place;
  origin: Origin;
}

/** Of several files that make up one model. */
export function common_origin(origins: Origin[]): Origin {
  return origins.includes("cached") ? "cached" : origins.includes("refetched") ? "refetched" : "new";
}

/**
 * Opens what `resolve` finds. What was in the cache and turns out broken is resolved once more, with the error that says
 * so: it has to be fetched again. That is tried once in a cached file's life.
 */
export async function open_resolved<Place, Opened>(
  resolve: (broken?: HearthError) => Promise<Resolved<Place>>,
  open: (place: Place) => Promise<Opened>,
): Promise<Opened> {
  const { place, origin } = await resolve();
  try {
    return await open(place);
  } catch (error) {
    if (!is_broken(error) || origin === "new") throw error;
    if (origin === "refetched") throw with_more(error, "fetching it again did not help; reload: true asks for it anew");
    const again = await resolve(error).catch((reason: unknown) => {
      throw not_fetched_again(error, reason);
    });
    return open(again.place);
  }
}

/** What to throw where a cached file is `broken`, and fetching it again failed for a reason: that if the caller is it. */
export function not_fetched_again(broken: HearthError, reason: unknown): HearthError {
  const { code, message } = HearthError.from(reason);
  if (code === "ABORTED" || code === "TIMEOUT") return HearthError.from(reason);
  return with_more(broken, `fetching it again failed: ${message}`);
}

function is_broken(error: unknown): error is HearthError {
  return error instanceof HearthError && (error.code === "INVALID_MODEL" || error.code === "INTEGRITY");
}

function with_more(error: HearthError, more: string): HearthError {
  return new HearthError(error.code, `${error.message}; it was in the cache, and ${more}`, {
    ...error.details,
    cause: error,
  });
}
