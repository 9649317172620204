/** Server-Sent Events, from bytes that may be cut anywhere. https://html.spec.whatwg.org/multipage/server-sent-events.html */

import { HearthError } from "../errors.js";

/** Of one line: far more than any has. */
const most_characters = 2 ** 24;

/** The data of each event. One that the end of the bytes cuts off is none. */
export async function* event_data(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  const lines: string[] = [];
  for await (const line of lines_of(chunks)) {
    if (line === "" && lines.length > 0) yield lines.splice(0).join("\n");
    else if (/^data(:|$)/.test(line)) lines.push(line.replace(/^data:? ?/, ""));
  }
}

/** Lines that have an end: "\n", "\r" or "\r\n". */
async function* lines_of(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder(); // keeps the first bytes of a character until the others come
  let line = "";
  let half_ended = false; // by a "\r", behind which a "\n" ends nothing more
  for await (const chunk of chunks) {
    const decoded = decoder.decode(chunk, { stream: true });
    if (decoded === "") continue;
    const text: string = half_ended && decoded.startsWith("\n") ? decoded.slice(1) : decoded;
    half_ended = text.endsWith("\r");
    const [end = "", ...next_lines] = text.split(/\r\n|\r|\n/);
    line += end;
    for (const next of next_lines) {
      yield line;
      line = next;
    }
    if (line.length > most_characters) throw new HearthError("SERVER", "a line of the server's answer has no end");
  }
}
