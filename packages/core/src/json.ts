/** From values of users to the JSON that the engine takes. */

import { HearthError } from "./errors.js";

/**
 * Half of a surrogate pair, which is what a cut emoji leaves, becomes U+FFFD, as TextEncoder has it. INVALID_ARGUMENT for
 * what JSON cannot hold.
 */
export function json_text(value: unknown): string {
  let json: string;
  try {
    json = JSON.stringify(value);
  } catch (error) {
    throw new HearthError("INVALID_ARGUMENT", `there is no JSON of this: ${(error as Error).message}`, {
      cause: error,
    });
  }
  // JSON.stringify writes those halves as \ud83d. All escapes are looked at, so that \\ud83d, a backslash and letters, stays.
  return json.replace(/\\(?:u(d[89a-f][0-9a-f]{2})|.)/g, (escaped, half) => (half === undefined ? escaped : "\ufffd"));
}
