/** Response constraints: what the engine holds the answer to, and what the model is told of it. */

import type { SamplingOptions } from "@hearth/web";
import { type Dictionary, object } from "./idl.js";

export interface Constraint {
  held_to: Pick<SamplingOptions, "jsonSchema" | "regex">;
  /** Goes behind what the user says; "" for nothing. */
  hint: string;
}

/** Of the options of a prompt. TypeError and NotSupportedError for what is no constraint, or cannot be kept. */
export function constraint_of({ responseConstraint, omitResponseConstraintInput }: Dictionary): Constraint | undefined {
  const omitted = Boolean(omitResponseConstraintInput);
  if (responseConstraint === undefined) {
    if (omitted) throw new TypeError("omitResponseConstraintInput goes with a responseConstraint");
    return undefined;
  }
  const constraint = object(responseConstraint, "responseConstraint");
  const { hint, ...held_to } = constraint instanceof RegExp ? of_expression(constraint) : of_schema(constraint);
  return { held_to, hint: omitted ? "" : hint };
}

function of_expression({ source, flags }: RegExp) {
  // What they would change is nothing here: `d` and `g` tell of matches, `u` and `v` how the source was read.
  const meant = flags.replaceAll(/[dguvy]/g, "");
  if (meant !== "") throw not_supported(`regular expressions with the flags '${meant}' cannot be kept`);
  return { regex: source, hint: `Answer with text that this regular expression matches, and nothing else: ${source}` };
}

function of_schema(schema: object) {
  let json: string | undefined;
  try {
    json = JSON.stringify(schema);
  } catch (error) {
    throw not_supported(`there is no JSON of this responseConstraint: ${(error as Error).message}`);
  }
  if (json === undefined) throw not_supported("there is no JSON of this responseConstraint");
  return { jsonSchema: json, hint: `Answer with JSON that fits this JSON schema, and nothing else: ${json}` };
}

function not_supported(message: string): DOMException {
  return new DOMException(message, "NotSupportedError");
}
