/** Servers that listen on a Unix socket: `endpoint: "unix:/run/hearth/hearth.sock"`. */

import { type IncomingMessage, request } from "node:http";
import type { HearthOptions } from "@hearth/core";

/** The same, as an address that a fetch of their own leads to. */
export function with_unix_socket(options: HearthOptions): HearthOptions {
  const { endpoint } = options as { endpoint?: unknown };
  if (typeof endpoint !== "string" || !endpoint.startsWith("unix:") || "fetch" in options) return options;
  return { ...options, endpoint: "http://localhost", fetch: fetch_by(endpoint.slice("unix:".length)) } as HearthOptions;
}

/** As far as the client of servers uses fetch: bodies are texts, redirects are not followed. */
function fetch_by(socketPath: string): typeof fetch {
  return (input, { method, headers, body, signal } = {}) =>
    new Promise((resolve, reject) => {
      const { pathname, search } = new URL(String(input));
      const asked = request(
        {
          socketPath,
          path: pathname + search,
          method,
          headers: { host: "localhost", ...Object.fromEntries(new Headers(headers)) },
          signal: signal ?? undefined,
        },
        (answer) => {
          const told = new Headers();
          for (const [name, values = []] of Object.entries(answer.headersDistinct)) {
            for (const value of values) told.append(name, value);
          }
          resolve(
            new Response(bytes_of(answer), {
              status: answer.statusCode,
              statusText: answer.statusMessage,
              headers: told,
            }),
          );
        },
      );
      asked.on("error", reject);
      asked.end(body ?? undefined);
    });
}

/** Read as fast as they are asked for. Who wants no more of them closes the connection. */
function bytes_of(answer: IncomingMessage): ReadableStream<Uint8Array> {
  const pieces = answer[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  return new ReadableStream(
    {
      async pull(stream) {
        const { done, value } = await pieces.next();
        if (done) stream.close();
        else stream.enqueue(value);
      },
      cancel() {
        answer.destroy();
      },
    },
    { highWaterMark: 0 },
  );
}
