/** The engine's options on the command line: topK is --top-k. */

import type { Option, OptionTable } from "@hearth/core/platform";

type Flags = Record<string, { type: "string" | "boolean"; multiple?: boolean }>;
type Values = Record<string, string | boolean | string[] | undefined>;

/** For parseArgs. Lists of tokens have no form here. */
export function flags_of(table: OptionTable): Flags {
  return Object.fromEntries(
    entries(table).map(([name, { type }]) => [
      flag_of(name),
      { type: type === "flag" ? "boolean" : "string", multiple: type === "texts" },
    ]),
  );
}

/** What was given of them, under the options' own names. */
export function values_of(table: OptionTable, values: Values): Record<string, unknown> {
  return Object.fromEntries(
    entries(table).map(([name, option]) => [name, value_of(option, name, values[flag_of(name)])]),
  );
}

function entries(table: OptionTable): [string, Option][] {
  return Object.entries(table).filter(([, { type }]) => type !== "tokens" && type !== "biases");
}

function flag_of(name: string): string {
  return name === "contextSize" ? "context" : name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function value_of({ type }: Option, name: string, given: Values[string]): unknown {
  if (typeof given !== "string") return given;
  if (name === "memoryLimit") return bytes(given);
  if (type !== "integer" && type !== "number") return given;
  if (!/^-?\d+(\.\d+)?$/.test(given)) {
    throw new TypeError(`--${flag_of(name)} takes a decimal number, not '${given}'`);
  }
  return Number(given);
}

/** "1.5G" is 1.5 times 2^30. */
function bytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([KMG])?i?B?$/i.exec(text);
  if (!match) throw new TypeError(`--memory-limit takes a size such as 800M or 1.5G, not '${text}'`);
  const power = ["", "K", "M", "G"].indexOf((match[2] ?? "").toUpperCase());
  return Math.round(Number(match[1]) * 1024 ** power);
}
