/** The program's side of a conversation with a worker: matches answers with requests, and knows when there will be none. */

import { HearthError } from "../errors.js";
import { type Answer, from_wire, type Request } from "./protocol.js";

/** A Worker or a MessagePort. */
export interface Channel {
  postMessage(message: Request, transfer: Transferable[]): void;
  addEventListener(type: "message", listener: (event: { data: Answer }) => void): void;
}

/** Gets every answer to one request; returns true after the last. */
type Listener = (answer: Answer) => boolean;

interface Pending {
  listener: Listener;
  reject: (error: HearthError) => void;
}

type Without<T> = T extends unknown ? Omit<T, "id"> : never;

export interface ConnectionOptions {
  /** Milliseconds that the worker may be silent while it owes an answer; then the connection has failed. */
  timeout?: number;
  /** Called once when the connection has failed, after all that was pending was rejected. */
  onFailure?: (error: HearthError) => void;
  /** Called whenever the last pending request was answered. */
  onIdle?: () => void;
  /** Called with every request and answer: whether the worker owes an answer that is not held. */
  onDebt?: (owes: boolean) => void;
}

export class Connection {
  readonly #channel: Channel;
  readonly #options: ConnectionOptions;
  readonly #pending = new Map<number, Pending>();
  /** Answers that are held: nobody may ever read on. */
  readonly #held = new Set<number>();
  #next_id = 1;
  #failure: HearthError | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(channel: Channel, options: ConnectionOptions = {}) {
    this.#channel = channel;
    this.#options = options;
    channel.addEventListener("message", (event) => this.#receive(event.data));
  }

  get idle(): boolean {
    return this.#pending.size === 0;
  }

  get failure(): HearthError | undefined {
    return this.#failure;
  }

  /** Sends a request and returns its id. `reject` gets the error that it ends with, the worker's or the connection's. */
  send(
    request: Without<Request>,
    listener: Listener,
    reject: (error: HearthError) => void,
    transfer: Transferable[] = [],
  ): number {
    const id = this.#next_id++;
    if (this.#failure) {
      reject(this.#failure);
      return id;
    }
    try {
      this.#channel.postMessage({ ...request, id } as Request, transfer);
    } catch (error) {
      reject(
        new HearthError("INVALID_ARGUMENT", `this cannot be sent to a worker: ${(error as Error).message}`, {
          cause: error,
        }),
      );
      return id;
    }
    this.#pending.set(id, { listener, reject });
    this.#watch();
    this.#count();
    return id;
  }

  /** Says something more about the request `id`, or to end it. */
  tell(message: Request, transfer: Transferable[] = []): void {
    if (!this.#failure) this.#channel.postMessage(message, transfer);
  }

  /** Has the answer to `target` wait, or go on. */
  hold(target: number, held: boolean): void {
    if (!this.#pending.has(target)) return;
    this.#held[held ? "add" : "delete"](target);
    this.tell({ id: 0, type: "hold", target, held });
    this.#count();
  }

  /** Ends the request `target` early; its answers still come. */
  cancel(target: number): void {
    this.tell({ id: 0, type: "terminate", target });
  }

  /** Rejects all that is pending, and everything that is sent from now on. */
  fail(error: HearthError): void {
    if (this.#failure) return;
    this.#failure = error;
    clearTimeout(this.#timer);
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of pending) reject(error);
    this.#options.onFailure?.(error);
  }

  #receive(answer: Answer): void {
    const pending = this.#pending.get(answer.id);
    if (!pending || this.#failure) return;
    if (answer.type === "error") {
      this.#pending.delete(answer.id);
      pending.reject(from_wire(answer.error));
    } else if (pending.listener(answer)) {
      this.#pending.delete(answer.id);
    }
    if (!this.#pending.has(answer.id)) this.#held.delete(answer.id);
    this.#watch();
    this.#count();
    if (this.idle) this.#options.onIdle?.();
  }

  #count(): void {
    this.#options.onDebt?.(this.#pending.size > this.#held.size);
  }

  /** Starts anew to wait for a sign of life. */
  #watch(): void {
    clearTimeout(this.#timer);
    const { timeout } = this.#options;
    if (timeout === undefined || this.idle) return;
    this.#timer = setTimeout(() => {
      this.fail(new HearthError("TIMEOUT", `the worker has said nothing for ${timeout} ms`, { timeout }));
    }, timeout);
  }
}
