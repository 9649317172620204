/** Values from scripts as Web IDL converts them to strings, lists and dictionaries. TypeError for what cannot be. */

export type Dictionary = Record<string, unknown>;

export function dictionary(value: unknown, what: string): Dictionary {
  if (value === undefined || value === null) return {};
  if (typeof value !== "object" && typeof value !== "function") throw new TypeError(`${what} must be an object`);
  return value as Dictionary;
}

export function required(value: unknown, what: string): unknown {
  if (value === undefined) throw new TypeError(`${what} is missing`);
  return value;
}

/** TypeError for a symbol, and whatever toString throws. */
export function text(value: unknown): string {
  return `${value as string}`;
}

export function one_of<Name extends string>(value: unknown, names: readonly Name[], what: string): Name {
  const name = text(value);
  const known = names.find((candidate) => candidate === name);
  if (known === undefined) throw new TypeError(`${what} must be one of ${names.join(", ")}, not '${name}'`);
  return known;
}

export function is_sequence(value: unknown): value is Iterable<unknown> {
  return typeof value === "object" && value !== null && typeof Reflect.get(value, Symbol.iterator) === "function";
}

export function sequence(value: unknown, what: string): unknown[] {
  if (!is_sequence(value)) throw new TypeError(`${what} must be a list`);
  return [...value];
}

export function object(value: unknown, what: string): object {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) {
    throw new TypeError(`${what} must be an object`);
  }
  return value;
}

export function callback<Callback>(value: unknown, what: string): Callback {
  if (typeof value !== "function") throw new TypeError(`${what} must be a function`);
  return value as Callback;
}

export function abort_signal({ signal }: Dictionary): AbortSignal | undefined {
  if (signal === undefined || signal instanceof AbortSignal) return signal;
  throw new TypeError("signal must be an AbortSignal");
}
