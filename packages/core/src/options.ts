/** What users pass in, checked by name, type and range before anything is done with it. */

import { HearthError } from "./errors.js";
import { nearest } from "./nearest.js";
import type { AdapterChoice, Option, OptionTable } from "./option.js";
import { type EngineLoadOptions, generation_options, load_options } from "./option_table.js";
import type { CommonLoadOptions, SamplingOptions } from "./types.js";

/** Of PromptOptions. */
export const conversation_options = {
  prompt: { type: "text" },
  raw: { type: "flag" },
  messages: { type: "list" },
  system: { type: "text" },
  tools: { type: "object" },
  toolChoice: { type: "some text" },
  maxSteps: { type: "integer", least: 1, most: 1000 },
  keepReasoning: { type: "flag" },
  templateVariables: { type: "object" },
  whenFull: { type: "name", names: ["drop", "error"] },
} as const satisfies OptionTable;

const most_milliseconds = 2 ** 31 - 1;

/** Of CommonLoadOptions, those that are not the engine's. */
const common_load_options: OptionTable = {
  id: { type: "text" },
  onProgress: { type: "function" },
  signal: { type: "object" },
  profile: { type: "flag" },
  useWorker: { type: "flag" },
  fallback: { type: "flag" },
  workerOptions: { type: "object" },
};

const worker_options: OptionTable = {
  timeout: { type: "number", least: 0, most: most_milliseconds },
  terminateOnIdle: { type: "number", least: 0, most: most_milliseconds },
  shared: { type: "flag" },
};

/** All options are checked; those that only this platform has are `others`. Gives what the engine shall not choose itself. */
export function engine_load_options(options: CommonLoadOptions, others: OptionTable): EngineLoadOptions {
  check_options(options, load_options, common_load_options, others);
  check_options(options.workerOptions ?? {}, worker_options);
  const chosen = Object.entries(load_options).map(([name, option]: [string, Option]) => {
    const value = options[name as keyof EngineLoadOptions];
    return [name, value === option.special ? undefined : value];
  });
  return Object.fromEntries(chosen);
}

/** INVALID_ARGUMENT for a name that the tables do not have, telling the nearest, and for a value that cannot be. */
export function check_options(options: object, ...tables: OptionTable[]): void {
  const table: OptionTable = Object.assign({}, ...tables);
  if (typeof options !== "object" || options === null) throw invalid(`options are an object, not ${shown(options)}`);
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const option = table[name];
    if (!option) {
      throw invalid(`there is no option '${name}'; the nearest is '${nearest(name, Object.keys(table))}'`);
    }
    check_value(name, option, value);
  }
}

/** INVALID_ARGUMENT for what cannot be the option's, or the argument's, of that name. */
export function check_value(name: string, option: Option, value: unknown): void {
  if (!is_sound(option, value)) throw invalid(`${name} must be ${values_of(option)}, not ${shown(value)}`);
}

/** Checked options in the form that JSON can hold. */
export function plain_options(options: SamplingOptions): SamplingOptions {
  const plain = (name: string, value: unknown) => {
    const { type }: Option = generation_options[name as keyof SamplingOptions];
    if (value === undefined) return value;
    if (type === "tokens") return Array.from(value as ArrayLike<number>);
    return type === "biases" ? Object.fromEntries(token_biases(value as TokenBiases)) : value;
  };
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [name, plain(name, value)]));
}

type TokenBiases = Map<number, number> | Record<number, number>;

/** INVALID_ARGUMENT naming what is no token, or no bias. */
function token_biases(biases: TokenBiases): [token: number, bias: number][] {
  const pairs: [unknown, unknown][] = biases instanceof Map ? [...biases] : Object.entries(biases);
  return pairs.map(([key, bias]) => {
    const token = typeof key === "string" && /^(0|[1-9]\d*)$/.test(key) ? Number(key) : key;
    if (!is_token(token)) throw invalid(`logitBias: ${shown(key)} is no token, which is a whole number from 0`);
    if (typeof bias !== "number" || !(bias < Infinity)) {
      throw invalid(`logitBias of token ${token} must be a number or -Infinity, not ${shown(bias)}`);
    }
    return [token, bias];
  });
}

function invalid(message: string): HearthError {
  return new HearthError("INVALID_ARGUMENT", message);
}

function is_token(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 31;
}

function is_adapter_choice(value: unknown): value is AdapterChoice {
  if (typeof value !== "object" || value === null) return false;
  const { id, scale = 1, ...others } = value as AdapterChoice;
  return is_token(id) && Number.isFinite(scale) && Object.keys(others).length === 0;
}

function is_sound(option: Option, value: unknown): boolean {
  switch (option.type) {
    case "integer":
      return Number.isInteger(value) && in_range(option, value as number);
    case "number":
      return typeof value === "number" && in_range(option, value);
    case "name":
      return option.names?.includes(value as string) ?? false;
    case "text":
      return typeof value === "string";
    case "some text":
      return typeof value === "string" && value !== "";
    case "json":
      return typeof value === "object" ? value !== null && !Array.isArray(value) : is_json_text(value);
    case "flag":
      return typeof value === "boolean";
    case "texts":
      return [value].flat().every((text) => typeof text === "string" && text !== "");
    case "names":
      return (
        Array.isArray(value) &&
        value.every((name) => option.names?.includes(name)) &&
        new Set(value).size === value.length
      );
    case "tokens":
      return (Array.isArray(value) || ArrayBuffer.isView(value)) && Array.from(value as number[]).every(is_token);
    case "adapters":
      return Array.isArray(value) && value.every(is_adapter_choice);
    case "list":
      return Array.isArray(value);
    case "biases":
    case "object":
      return typeof value === "object" && value !== null;
    case "function":
      return typeof value === "function";
    case "any":
      return true;
  }
}

function is_json_text(value: unknown): boolean {
  return typeof value === "boolean" || (typeof value === "string" && value !== "");
}

function in_range({ least = -Infinity, most = Infinity, special }: Option, value: number): boolean {
  return value === special || (value >= least && value <= most);
}

function values_of({ type, least, most, special, meaning, names = [] }: Option): string {
  switch (type) {
    case "integer":
    case "number": {
      const range = `${type === "integer" ? "a whole number" : "a number"} from ${least} to ${most}`;
      return meaning === undefined ? range : `${range} (${special}: ${meaning})`;
    }
    case "name":
      return `one of ${names.join(", ")}`;
    case "text":
      return "a string";
    case "some text":
      return "a string that is not empty";
    case "json":
      return "an object, true or false, or the text of one in JSON";
    case "flag":
      return "true or false";
    case "texts":
      return "a string or an array of strings, none of them empty";
    case "names":
      return `an array of different names among ${names.join(", ")}`;
    case "tokens":
      return "an array of tokens, which are whole numbers from 0";
    case "adapters":
      return "an array of { id, scale? }, each the id of an adapter and how strongly it is added";
    case "list":
      return "an array";
    case "biases":
      return "a Map or an object with a number for each token";
    default:
      return `a${/^[aeiou]/.test(type) ? "n" : ""} ${type}`;
  }
}

function shown(value: unknown): string {
  if (typeof value === "string") return `'${value}'`;
  if (Array.isArray(value)) return `[${value.slice(0, 8).map(shown).join(", ")}${value.length > 8 ? ", ..." : ""}]`;
  return typeof value === "object" && value !== null ? "an object" : String(value);
}
