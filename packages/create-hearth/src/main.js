#!/usr/bin/env node
// npm create hearth NAME -- --template vanilla: makes a folder with an application that runs.

import { basename, relative, resolve } from "node:path";
import { stdin, stdout } from "node:process";
import { createInterface } from "node:readline/promises";
import { parseArgs } from "node:util";
import { create, Refused, templates } from "./create.js";

const usage = `npm create hearth [NAME] -- [--template TEMPLATE]

Makes the folder NAME with an application in it. What is not given is asked for on a terminal.

${Object.entries(templates)
  .map(([name, { text }]) => `  ${name.padEnd(12)} ${text}`)
  .join("\n")}
`;

async function main() {
  const { values, positionals } = parseArgs({
    options: { template: { type: "string", short: "t" }, help: { type: "boolean", short: "h" } },
    allowPositionals: true,
  });
  if (values.help) return console.log(usage);
  if (positionals.length > 1) throw new Refused(`one folder is made, not '${positionals.join("', '")}'`);
  const folder = resolve(positionals[0] ?? (await ask("Name of the folder", "my-hearth-app")));
  const template = values.template ?? (await ask(`Template (${Object.keys(templates).join(", ")})`, "vanilla"));
  create(folder, template);
  const way = relative(".", folder);
  console.log(`${basename(folder)} is ready:\n`);
  if (way !== "") console.log(`  cd ${way}`);
  console.log(`  npm install\n  ${templates[template].start}`);
}

/** On a terminal; elsewhere nobody would answer. */
async function ask(question, proposal) {
  if (!stdin.isTTY || !stdout.isTTY)
    throw new Refused("name the folder and the --template: there is no terminal to ask on");
  const terminal = createInterface({ input: stdin, output: stdout });
  try {
    return (await terminal.question(`${question} [${proposal}]: `)).trim() || proposal;
  } finally {
    terminal.close();
  }
}

try {
  await main();
} catch (error) {
  const usual = error instanceof Refused || error.code?.startsWith("ERR_PARSE_ARGS") || error.code === "ABORT_ERR";
  console.error(`create-hearth: ${error.message}`);
  if (usual) console.error("'npm create hearth -- --help' says what there is");
  process.exitCode = usual ? 2 : 1;
}
