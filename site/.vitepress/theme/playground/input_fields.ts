/** What a workflow's input schema asks for, as fields of a form. */

import { parse } from "yaml";

export type FieldKind = "text" | "number" | "flag" | "choice" | "json";

export interface Field {
  name: string;
  kind: FieldKind;
  required: boolean;
  description: string;
  choices: string[];
  /** As it is typed. */
  initial: string;
}

type Schema = Record<string, unknown>;

const kinds: Record<string, FieldKind> = {
  str: "text",
  string: "text",
  text: "text",
  int: "number",
  integer: "number",
  float: "number",
  number: "number",
  bool: "flag",
  boolean: "flag",
};

/** Undefined where the text is no YAML now: the form stays as it is. */
export function input_fields(yaml: string): Field[] | undefined {
  let file: unknown;
  try {
    file = parse(yaml, { logLevel: "silent" });
  } catch {
    return undefined;
  }
  if (!is_object(file)) return [];
  const schema = file.input_schema ?? file.inputs;
  if (!is_object(schema)) return [];
  // A JSON schema, or types by name.
  const { properties, required } = schema;
  const by_name = is_object(properties) ? properties : schema;
  const needed = Array.isArray(required) ? required : [];
  return Object.entries(by_name).map(([name, given]) => field(name, given, needed.includes(name)));
}

function field(name: string, given: unknown, needed: boolean): Field {
  const schema: Schema = is_object(given) ? given : { type: given };
  const choices = Array.isArray(schema.enum) ? schema.enum.map(String) : [];
  const kind = choices.length > 0 ? "choice" : (kinds[String(schema.type)] ?? "json");
  const { default: initial } = schema;
  return {
    name,
    kind,
    required: needed || schema.required === true,
    description: typeof schema.description === "string" ? schema.description : "",
    choices,
    initial: initial === undefined ? "" : kind === "json" ? JSON.stringify(initial) : String(initial),
  };
}

/** The input that the form says. Throws an Error that names the field whose JSON is none. */
export function input_of(fields: Field[], typed: Record<string, string>): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  for (const { name, kind } of fields) {
    const text = typed[name] ?? "";
    if (text === "" && kind !== "flag") continue;
    input[name] = value_of(name, kind, text);
  }
  return input;
}

function value_of(name: string, kind: FieldKind, text: string): unknown {
  if (kind === "number") return Number(text);
  if (kind === "flag") return text === "true";
  if (kind !== "json") return text;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${name} is no JSON: ${(error as Error).message}`);
  }
}

function is_object(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
