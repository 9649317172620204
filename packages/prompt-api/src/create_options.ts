/** The options of create() and availability(), checked and brought into one form. */

import type { Tool } from "@hearth/web";
import {
  abort_signal,
  callback,
  type Dictionary,
  dictionary,
  object,
  one_of,
  required,
  sequence,
  text,
} from "./idl.js";
import { type AskedMessage, content_types, convert_messages, type TextMessage, validate_prompt } from "./prompt.js";
import type { CreateMonitor, LanguageModelMessageType, LanguageModelSamplingMode, LanguageModelTool } from "./types.js";

export interface Expected {
  type: LanguageModelMessageType;
  languages: string[];
}

export interface CoreOptions {
  samplingMode: LanguageModelSamplingMode | undefined;
  topK: number | undefined;
  temperature: number | undefined;
  expectedInputs: Expected[];
  expectedOutputs: Expected[];
  tools: Tool[];
}

export interface CreateOptions extends CoreOptions {
  signal: AbortSignal | undefined;
  monitor: ((monitor: CreateMonitor) => void) | undefined;
  initialMessages: TextMessage[];
}

export const sampling_modes = [
  "most-predictable",
  "predictable",
  "balanced",
  "creative",
  "most-creative",
] as const satisfies LanguageModelSamplingMode[];

/** TypeError for what has not the right types, RangeError for what is no language tag. */
export function core_options(given: unknown): CoreOptions {
  const { samplingMode, topK, temperature, expectedInputs, expectedOutputs, tools } = dictionary(given, "options");
  const mode =
    samplingMode === undefined ? "default" : one_of(samplingMode, [...sampling_modes, "default"], "samplingMode");
  return {
    samplingMode: mode === "default" ? undefined : mode,
    topK: number(topK, "topK"),
    temperature: number(temperature, "temperature"),
    expectedInputs: expected(expectedInputs, "expectedInputs"),
    expectedOutputs: expected(expectedOutputs, "expectedOutputs"),
    tools: tools === undefined ? [] : checked_tools(sequence(tools, "tools")),
  };
}

export function create_options(given: unknown): CreateOptions {
  const options = dictionary(given, "options");
  const { monitor, initialPrompts } = options;
  const asked: AskedMessage[] = initialPrompts === undefined ? [] : convert_messages(initialPrompts);
  return {
    ...core_options(options),
    signal: abort_signal(options),
    monitor: monitor === undefined ? undefined : callback(monitor, "monitor"),
    initialMessages: asked.length === 0 ? [] : validate_prompt(asked, false),
  };
}

function number(value: unknown, what: string): number | undefined {
  if (value === undefined) return undefined;
  const converted = Number(value);
  if (Number.isNaN(converted)) throw new TypeError(`${what} must be a number`);
  return converted;
}

function expected(given: unknown, what: string): Expected[] {
  if (given === undefined) return [];
  return sequence(given, what).map((one) => {
    const { languages, type } = dictionary(one, `one of ${what}`);
    const tags = languages === undefined ? [] : sequence(languages, "languages").map(text);
    return {
      type: one_of(required(type, `the type of ${what}`), content_types, `the type of ${what}`),
      languages: Intl.getCanonicalLocales(tags),
    };
  });
}

/** As the engine takes them. */
function checked_tools(given: unknown[]): Tool[] {
  const tools = given.map((one) => checked_tool(dictionary(one, "a tool")));
  const names = tools.map(({ function: { name } }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new TypeError(`there are two tools '${twice}'`);
  return tools;
}

function checked_tool(tool: Dictionary): Tool {
  const description = text(required(tool.description, "a tool's description"));
  const execute = callback<LanguageModelTool["execute"]>(
    required(tool.execute, "a tool's execute"),
    "a tool's execute",
  );
  const schema = object(required(tool.inputSchema, "a tool's inputSchema"), "a tool's inputSchema");
  const name = text(required(tool.name, "a tool's name"));
  if (name === "" || description === "") throw new TypeError("a tool's name and description must not be empty");
  return {
    type: "function",
    function: { name, description, parameters: checked_schema(schema, name) },
    execute: async (args) => text(await execute(args)),
  };
}

/** A copy, as JSON has it: getters and toJSON of the schema are asked once, and what they throw is thrown. */
function checked_schema(schema: object, name: string): Record<string, unknown> {
  const copy: unknown = JSON.parse(JSON.stringify(schema));
  const { type, properties = {}, required: names = [] } = dictionary(copy, `the inputSchema of '${name}'`);
  if (type !== "object") throw new TypeError(`the inputSchema of '${name}' must have the type 'object'`);
  if (typeof properties !== "object" || properties === null || Array.isArray(properties)) {
    throw new TypeError(`the properties in the inputSchema of '${name}' must be an object`);
  }
  if (!Array.isArray(names)) throw new TypeError(`required in the inputSchema of '${name}' must be a list`);
  return copy as Record<string, unknown>;
}
