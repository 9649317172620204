/** Server-Sent Events, from bytes that may be cut anywhere. https://html.spec.whatwg.org/multipage/server-sent-events.html */

import { HearthError } from "../errors.js";

/** Of one event: far more than any has. */
const most_characters = 2 ** 26;

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
  let rest = "";
  for await (const chunk of chunks) {
    const text = rest + decoder.decode(chunk, { stream: true });
    // A "\r" at the end may be half of a "\r\n".
    const whole = text.endsWith("\r") ? text.length - 1 : text.length;
    const lines = text.slice(0, whole).split(/\r\n|\r|\n/);
    rest = lines.pop() + text.slice(whole);
    if (rest.length > most_characters) throw new HearthError("SERVER", "an event of the server has no end");
    yield* lines;
  }
}
