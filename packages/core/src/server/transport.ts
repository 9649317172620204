/** Requests to a server: sent again where that helps, and read as they come. */

import { HearthError } from "../errors.js";
import { Deadline } from "./deadline.js";
import { event_data } from "./event_stream.js";
import { broken_off, misunderstood, refusal_of, unreachable } from "./refusal.js";
import { delay_before_retry, pause } from "./retry.js";
import type { ServerAccess } from "./server_options.js";

export interface ServerRequest {
  /** JSON. Without one it is a GET. */
  body?: string;
  /** Any of them ends it. */
  signals?: (AbortSignal | undefined)[];
  /** Whether it does no more when the server gets it twice. */
  repeatable?: boolean;
}

export class Transport {
  readonly #access: ServerAccess;

  constructor(access: ServerAccess) {
    this.#access = access;
  }

  /** Rejects with the server's error, or NETWORK, TIMEOUT, ABORTED. */
  async send(path: string, request: ServerRequest = {}): Promise<Reply> {
    for (let tries = 1; ; ++tries) {
      try {
        return await this.#send_once(this.#access.endpoint + path, request);
      } catch (error) {
        const failure = HearthError.from(error);
        const delay = delay_before_retry(failure, tries, request.repeatable ?? false);
        if (delay === undefined || tries > this.#access.maxRetries) throw failure;
        await pause(delay, request.signals ?? []);
      }
    }
  }

  async #send_once(url: string, { body, signals = [] }: ServerRequest): Promise<Reply> {
    const deadline = new Deadline(signals, this.#access.timeout);
    const { fetch } = this.#access; // called as a function: browsers mind what it is a method of
    const headers = new Headers(this.#access.headers);
    if (body !== undefined) headers.set("content-type", "application/json");
    const method = body === undefined ? "GET" : "POST";
    let asked: Promise<Response> | undefined;
    try {
      // A POST that is redirected becomes a GET.
      const init: RequestInit = { method, headers, body, signal: deadline.signal, redirect: "manual" };
      asked = fetch(url, init);
      const response = await deadline.wait(asked);
      const reply = new Reply(response, url, deadline);
      if (!response.ok) throw refusal_of(response, url, await reply.text());
      return reply;
    } catch (error) {
      deadline.end();
      void asked?.then(({ body }) => body?.cancel()).catch(() => {}); // should it come after all
      throw error instanceof HearthError ? error : unreachable(url, error);
    }
  }
}

/** An answer whose headers are there. It is read once, in one of these ways. */
export class Reply {
  readonly #response: Response;
  readonly #url: string;
  readonly #deadline: Deadline;

  constructor(response: Response, url: string, deadline: Deadline) {
    this.#response = response;
    this.#url = url;
    this.#deadline = deadline;
  }

  header(name: string): string {
    return this.#response.headers.get(name) ?? "";
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.#chunks()) chunks.push(chunk);
    const bytes = new Uint8Array(chunks.reduce((size, { length }) => size + length, 0));
    let end = 0;
    for (const chunk of chunks) {
      bytes.set(chunk, end);
      end += chunk.length;
    }
    return bytes;
  }

  async text(): Promise<string> {
    return new TextDecoder().decode(await this.bytes());
  }

  async json(): Promise<unknown> {
    return this.#parsed(await this.text());
  }

  /** The data of its events, which are read as fast as they are asked for, and no faster: the server waits. */
  async *events(): AsyncGenerator<unknown, void> {
    if (!this.header("content-type").startsWith("text/event-stream")) {
      throw this.misunderstood(`the answer is no stream of events, but "${this.header("content-type")}"`);
    }
    for await (const data of event_data(this.#chunks())) yield this.#parsed(data);
  }

  /** The error of a reply that nobody can read, and reads on. */
  misunderstood(what: string): HearthError {
    this.#deadline.end();
    void this.#response.body?.cancel().catch(() => {});
    return misunderstood(this.#response, this.#url, what);
  }

  /** That of one which ends before it says what it has to. */
  broken_off(): HearthError {
    return broken_off(this.#url);
  }

  #parsed(json: string): unknown {
    try {
      return JSON.parse(json);
    } catch {
      throw this.misunderstood("the answer is no JSON");
    }
  }

  /** Leaving it early closes the connection. */
  async *#chunks(): AsyncGenerator<Uint8Array, void> {
    const reader = this.#response.body?.getReader();
    try {
      while (reader) {
        const { done, value } = await this.#deadline.wait(reader.read());
        if (done) return;
        yield value;
      }
    } catch (error) {
      throw error instanceof HearthError ? error : broken_off(this.#url, error);
    } finally {
      this.#deadline.end();
      void reader?.cancel().catch(() => {});
    }
  }
}
