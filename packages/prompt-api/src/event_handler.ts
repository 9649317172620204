/** An event handler attribute, such as `oncontextoverflow`: one listener, of which the next takes the place. */

export class EventHandlerAttribute<E extends Event> {
  #handler: ((event: E) => void) | null = null;

  constructor(target: EventTarget, type: string) {
    target.addEventListener(type, (event) => this.#handler?.call(target, event as E));
  }

  get value(): ((event: E) => void) | null {
    return this.#handler;
  }

  set value(handler: unknown) {
    this.#handler = typeof handler === "function" ? (handler as (event: E) => void) : null;
  }
}
