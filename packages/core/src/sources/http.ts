import { HearthError } from "../errors.js";

/** The error that an answer without the file stands for. NETWORK where asking again may help. */
export function refused(url: string, { status, statusText }: Response): HearthError {
  const message = `${url}: the server answered ${status} ${statusText}`.trimEnd();
  if (status === 404 || status === 410) return new HearthError("NOT_FOUND", message, { url, status });
  if (status === 401 || status === 403) {
    const hint =
      "it is private or gated, or not there; accept its terms on its page, and send what the server wants in headers" +
      " (in Node.js, HF_TOKEN is sent to Hugging Face)";
    return new HearthError("SERVER", `${message}: ${hint}`, { url, status });
  }
  const passing = status === 408 || status === 429 || status >= 500;
  return new HearthError(passing ? "NETWORK" : "SERVER", message, { url, status });
}

/** What tells a file from later ones of its address, and If-Range may compare: a strong ETag, or the date; or "". */
export function validator_of({ headers }: Response): string {
  const tag = headers.get("etag");
  return tag !== null && !tag.startsWith("W/") ? tag : (headers.get("last-modified") ?? "");
}

/** Whether its bytes are decoded before they are seen (gzip): its lengths and ranges are then not the file's. */
export function is_encoded({ headers }: Response): boolean {
  return (headers.get("content-encoding") || "identity").toLowerCase() !== "identity";
}

/** Bytes of the body, as the server says; undefined where it does not, or of an encoded form only. */
export function length_of(response: Response): number | undefined {
  const length = response.headers.get("content-length");
  return length === null || is_encoded(response) ? undefined : Number(length);
}

/** What Content-Range says: the first byte of the answer and those of the whole file. */
export function range_of({ headers }: Response): { begin?: number; total?: number } {
  const [, begin, total] = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(headers.get("content-range") ?? "") ?? [];
  const number = (text: string | undefined) => (text === undefined || text === "*" ? undefined : Number(text));
  return { begin: number(begin), total: number(total) };
}
