/** npx hearth: a thin face on the API. Everything it does, a program can do with a few lines. */

import { HearthError } from "@hearth/core";
import { chat, inspect, run } from "./commands.js";
import { escaped } from "./escaped.js";
import { serve_static } from "./serve_static.js";
import { workflow } from "./workflow.js";

const usage = `Usage: hearth COMMAND [OPTION...]

  run MODEL PROMPT     answers once
  chat MODEL           answers line by line, until end of input
  inspect MODEL        shows what a model is, as JSON
  workflow run FILE    runs a workflow in YAML; also: workflow resume CHECKPOINT, workflow validate FILE...,
                       workflow graph FILE
  serve-static FOLDER  serves files to browsers, isolated across origins so that pages may use threads

MODEL is a path, a URL, hf:owner/repository/file.gguf or hf:owner/repository:Q4_K_M; downloads are kept in HEARTH_CACHE.

Options of run and chat:
  --system TEXT        what the model is told first
  --max-tokens N       how long an answer may be
  --temperature X      0: always the likeliest token
  --seed N             the same seed gives the same text
  --context N          positions that a conversation may have
  --threads N          default: one per physical core
  --memory-limit SIZE  weights in memory at most: 800M, 1.5G
  --when-full WHAT     of a chat that fills the context: drop (the oldest turns, the default) or error
  --reload             fetches anew what was downloaded before
  and every other option of loading and generating: --top-k for topK
Options of workflow, beside those of loading:
  --model MODEL        answers whatever names the file has
  --input JSON         what a run begins with; @FILE: what the file has
  --state JSON         of resume: changes to the state
  --checkpoint FILE    keeps where the run is, for resume
  --store FOLDER       keeps what the workflow stores
  --allow-origin URL   a server that it may ask; may be given several times
  --json               events, faults as JSON
  --svg                of graph: a drawing, and no flowchart of Mermaid's
Options of serve-static:
  --port N             default: 8080; 0: any that is free
`;

const commands: Record<string, (args: string[]) => Promise<unknown>> = {
  run,
  chat,
  inspect,
  workflow,
  "serve-static": serve_static,
};

/** The exit code: 0 success, 1 failure, 2 wrong usage, 130 interrupted. */
export async function main(args: string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === "--help" || name === "-h") {
    process.stdout.write(usage);
    return name === undefined ? 2 : 0;
  }
  const command = commands[name];
  try {
    if (!command) throw new TypeError(`there is no command '${name}'`);
    const code = await command(rest);
    return typeof code === "number" ? code : 0;
  } catch (error) {
    const is_hearths = error instanceof HearthError;
    process.stderr.write(`hearth: ${is_hearths ? `${error.code}: ` : ""}${escaped((error as Error).message)}\n`);
    if (is_hearths) return error.code === "ABORTED" ? 130 : 1;
    if (!(error instanceof TypeError)) return 1; // parseArgs and the checks of usage throw TypeError
    process.stderr.write("'hearth --help' tells how it is used\n");
    return 2;
  }
}
