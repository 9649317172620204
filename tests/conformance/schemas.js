// Whether what is sampled by JSON schemas is valid: node schemas.js PROGRAM [EVERY]
// A model with random weights, at temperature 2, writes an answer for each of the public schemas (or for one of EVERY),
// and ajv judges it by the draft that the schema names. Exit code 1 if any answer is invalid.
//
// Where any key may come, chance hardly ever spells the names that are required, so that the answer is cut by the limit
// of tokens. Then a longer one is written by the schema closed to keys that it doesn't name, and judged by both.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import Ajv4 from "ajv-draft-04";
import addFormats from "ajv-formats";

const [program, every = "1"] = process.argv.slice(2);
if (program === undefined) {
  console.error("usage: node schemas.js PROGRAM [EVERY]");
  process.exit(2);
}
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const testdata = process.env.HEARTH_TESTDATA ?? path.join(root, "../shared/testdata");
if (!existsSync(testdata)) {
  console.log(`skipped: there is no ${testdata}`);
  process.exit(0);
}

/// The schemas, each once, with where they are from.
function schemas() {
  const found = new Map();
  for (const name of ["jsonschema/real.jsonl", "jsonschema/suite.jsonl", "grammar/integration.jsonl"]) {
    for (const line of readFileSync(path.join(testdata, name), "utf8").trimEnd().split("\n")) {
      const { from, kind = "schema", grammar, schema = kind === "schema" && JSON.parse(grammar) } = JSON.parse(line);
      if (kind === "schema" && !found.has(JSON.stringify(schema))) found.set(JSON.stringify(schema), from);
    }
  }
  return [...found].map(([schema, from]) => ({ schema, from }));
}

/// The schema without keys that it doesn't name, wherever nothing beside `properties` may name others.
function closed(schema) {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const asIs = ["const", "enum", "default", "example", "examples", "not", "if", "required"];
  const members = Object.entries(schema).map(([key, value]) => [key, asIs.includes(key) ? value : closed(value)]);
  const others = ["allOf", "anyOf", "oneOf", "$ref", "if", "dependencies", "dependentSchemas"];
  const named = typeof schema.properties === "object" && !others.some((keyword) => keyword in schema);
  return { ...Object.fromEntries(members), ...(named && { additionalProperties: false }) };
}

/// Those of docs/grammars.md; to Hearth others, such as ajv's own "byte", are annotations.
const keptFormats = ["date", "time", "date-time", "uuid", "email", "ipv4", "ipv6", "uri", "duration"];

/// A function that judges values, by the draft that the schema names.
function validator(schema) {
  const draft = typeof schema === "object" ? (schema.$schema ?? "2020-12") : "2020-12";
  const Draft = draft.includes("draft-04") ? Ajv4.default : draft.includes("draft-0") ? Ajv : Ajv2020;
  const ajv = new Draft({ strict: false, validateSchema: false, logger: false, allErrors: true });
  addFormats.default(ajv, keptFormats);
  // Its meta-schema is one that not every class of ajv has; nothing else hangs on the name.
  return ajv.compile(typeof schema === "object" ? { ...schema, $schema: undefined } : schema);
}

/// What the model writes by a schema, or why the schema is refused.
function sample(model, schema, maxTokens, seed) {
  writeFileSync(file, JSON.stringify(schema));
  const options = ["--raw", "--json", "--json-schema", file, "--max-tokens", `${maxTokens}`, "--seed", `${seed}`];
  const sampling = ["--temperature", "2", "--top-k", "0", "--top-p", "1", "--min-p", "0"];
  try {
    const output = execFileSync(program, ["run", model, "JSON:", ...options, ...sampling], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
    return JSON.parse(output);
  } catch (error) {
    return { refused: error.stderr.trim() };
  }
}

const folder = path.join(path.dirname(path.resolve(program)), "conformance");
mkdirSync(folder, { recursive: true });
const file = path.join(folder, "schema.json");

/// A model with random weights. With few tokens besides the 256 bytes, the one that ends a string is likelier.
function makeModel(vocabulary) {
  const made = path.join(folder, `schemas-${vocabulary}.gguf`);
  const sizes = ["--context", "4096", "--vocabulary", `${vocabulary}`];
  execFileSync(program, ["make-model", "tiny-llama", made, "--type", "F32", ...sizes]);
  return made;
}
const model = makeModel(512);
const smallModel = makeModel(300);

/// What the model writes by a schema or, where that is cut, by the schema closed; and the schemas to judge it by.
function answer(schema, seed) {
  const first = { ...sample(model, schema, 400, seed), by: [schema] };
  if (first.finishReason !== "length") return first;
  const second = { ...sample(smallModel, closed(schema), 4000, seed), by: [schema, closed(schema)] };
  return second.refused === undefined ? second : first;
}

const count = { valid: 0, closed: 0, invalid: 0, cut: 0, refused: 0, unjudged: 0 };
schemas().forEach(({ schema, from }, number) => {
  if (number % Number(every) !== 0) return;
  const { text, finishReason, refused, by } = answer(JSON.parse(schema), number);
  if (refused !== undefined) {
    count.refused++;
    if (!refused.includes("JSON schema, at ")) throw new Error(`${from}: ${refused}`);
    return;
  }
  if (finishReason === "length") {
    count.cut++;
    return;
  }
  let judges;
  try {
    judges = by.map(validator);
  } catch {
    count.unjudged++;
    return;
  }
  const against = judges.find((judge) => !judge(JSON.parse(text)));
  if (against === undefined) {
    count.valid++;
    if (by.length > 1) count.closed++;
  } else {
    count.invalid++;
    console.log(`FAIL  ${from}: ${text.slice(0, 300)}: ${JSON.stringify(against.errors?.[0])}`);
  }
});
console.log(
  `sampled by schema: ${count.valid} valid (${count.closed} of them by a closed schema), ${count.invalid} invalid, ` +
    `${count.cut} cut by the limit of tokens, ${count.refused} schemas refused, ${count.unjudged} that ajv refuses`,
);
process.exit(count.invalid > 0 || count.valid === 0 ? 1 : 0);
