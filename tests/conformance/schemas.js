// Whether what is sampled by JSON schemas is valid: node schemas.js PROGRAM [EVERY]
// A model with random weights, at temperature 2, writes an answer for each of the public schemas (or for one of EVERY),
// and ajv judges it by the draft that the schema names. Exit code 1 if any answer is invalid.
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
const testdata = path.join(process.env.HEARTH_TESTDATA ?? path.join(root, "../shared/testdata"), "jsonschema");
if (!existsSync(testdata)) {
  console.log(`skipped: there is no ${testdata}`);
  process.exit(0);
}

/// The schemas, each once, with where they are from.
function schemas() {
  const found = new Map();
  for (const name of ["real.jsonl", "suite.jsonl"]) {
    for (const line of readFileSync(path.join(testdata, name), "utf8").trimEnd().split("\n")) {
      const { schema, from } = JSON.parse(line);
      if (!found.has(JSON.stringify(schema))) found.set(JSON.stringify(schema), from);
    }
  }
  return [...found].map(([schema, from]) => ({ schema, from }));
}

/// A function that judges values, by the draft that the schema names.
function validator(schema) {
  const draft = typeof schema === "object" ? (schema.$schema ?? "2020-12") : "2020-12";
  const Draft = draft.includes("draft-04") ? Ajv4.default : draft.includes("draft-0") ? Ajv : Ajv2020;
  const ajv = new Draft({ strict: false, validateSchema: false, logger: false, allErrors: true });
  addFormats.default(ajv);
  // Its meta-schema is one that not every class of ajv has; nothing else hangs on the name.
  return ajv.compile(typeof schema === "object" ? { ...schema, $schema: undefined } : schema);
}

/// What the model writes by a schema, or why the schema is refused.
function sample(model, file, seed) {
  const options = ["--raw", "--json", "--json-schema", file, "--max-tokens", "400", "--seed", `${seed}`];
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
const model = path.join(folder, "schemas.gguf");
execFileSync(program, ["make-model", "tiny-llama", model, "--type", "F32"]);

const count = { valid: 0, invalid: 0, cut: 0, refused: 0, unjudged: 0 };
schemas().forEach(({ schema, from }, number) => {
  if (number % Number(every) !== 0) return;
  const file = path.join(folder, "schema.json");
  writeFileSync(file, schema);
  const { text, finishReason, refused } = sample(model, file, number);
  if (refused !== undefined) {
    count.refused++;
    if (!refused.includes("JSON schema, at ")) throw new Error(`${from}: ${refused}`);
    return;
  }
  if (finishReason === "length") {
    count.cut++;
    return;
  }
  let judge;
  try {
    judge = validator(JSON.parse(schema));
  } catch {
    count.unjudged++;
    return;
  }
  if (judge(JSON.parse(text))) {
    count.valid++;
  } else {
    count.invalid++;
    console.log(`FAIL  ${from}: ${text.slice(0, 300)}: ${JSON.stringify(judge.errors?.[0])}`);
  }
});
console.log(
  `sampled by schema: ${count.valid} valid, ${count.invalid} invalid, ${count.cut} cut by the limit of tokens, ` +
    `${count.refused} schemas refused, ${count.unjudged} that ajv refuses`,
);
process.exit(count.invalid > 0 || count.valid === 0 ? 1 : 0);
