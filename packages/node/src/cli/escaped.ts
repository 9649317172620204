/**
 * Control characters of models and files would speak to the terminal: each byte of them is written as \xNN, as the
 * native program does. Those in `kept` stay.
 */
export function escaped(text: string, kept = ""): string {
  return text.replaceAll(/\p{Cc}/gu, (control) => (kept.includes(control) ? control : bytes_of(control)));
}

function bytes_of(control: string): string {
  return [...Buffer.from(control)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
}
