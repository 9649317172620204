/** npx hearth workflow: run, resume, validate and graph, with the same options and files as the native program. */

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { HearthError, type Model, type WorkflowFault, type WorkflowResult } from "@hearth/core";
import { load_options } from "@hearth/core/platform";
import { loadModel } from "../load_model.js";
import { io_error } from "../sources/io_error.js";
import { executeLlmYaml, validateWorkflow, workflowGraph } from "../workflow.js";
import { openStore, write_whole } from "../workflow_store.js";
import { flags_of, values_of } from "./engine_flags.js";
import { escaped } from "./escaped.js";
import { WorkflowScreen } from "./workflow_screen.js";

const options = {
  ...flags_of(load_options),
  input: { type: "string" },
  state: { type: "string" },
  model: { type: "string" },
  checkpoint: { type: "string" },
  store: { type: "string" },
  "allow-origin": { type: "string", multiple: true },
  json: { type: "boolean" },
  svg: { type: "boolean" },
} as const;

function parse(args: string[]) {
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const [command = "", ...files] = positionals;
  const [file] = files;
  if (file === undefined || (files.length > 1 && command !== "validate")) {
    throw new TypeError("expected: workflow run FILE, resume CHECKPOINT, validate FILE..., or graph FILE");
  }
  return { command, file, files, values };
}

type Parsed = ReturnType<typeof parse>;

export async function workflow(args: string[]): Promise<number> {
  const parsed = parse(args);
  const { command, file, values } = parsed;
  switch (command) {
    case "run":
      return run(file, object_of(values.input, "--input"), {}, parsed);
    case "resume": {
      const kept = json_of(read(file), file) as { file?: unknown; checkpoint?: unknown };
      if (typeof kept?.file !== "string" || !kept.checkpoint) {
        throw new HearthError("INVALID_ARGUMENT", `${file} is no checkpoint of a workflow`);
      }
      const resumed = { checkpoint: kept.checkpoint, changes: object_of(values.state, "--state") };
      return run(kept.file, {}, resumed, { ...parsed, values: { ...values, checkpoint: file } });
    }
    case "validate":
      return validate(parsed);
    case "graph":
      console.log((await workflowGraph(url_of(file), values.svg ? "svg" : "mermaid")).trimEnd());
      return 0;
    default:
      throw new TypeError(`there is no command 'workflow ${command}'`);
  }
}

async function run(file: string, input: object, resumed: object, { values }: Parsed): Promise<number> {
  const interrupt = new AbortController();
  process.once("SIGINT", () => interrupt.abort());
  const screen = new WorkflowScreen();
  let loading: Promise<Model> | undefined;
  const load = (path: string) => loadModel(path, { ...values_of(load_options, values), signal: interrupt.signal });
  const { model: path, store, checkpoint: kept } = values;
  const keep = (checkpoint: unknown) => write_json(kept as string, { file: resolve(file), checkpoint });
  try {
    const result = await executeLlmYaml(
      url_of(file),
      { ...input },
      {
        ...resumed,
        // Whatever names the file has, one model answers.
        model: path === undefined ? undefined : () => (loading ??= load(path)),
        store: store === undefined ? undefined : openStore(store),
        allowOrigins: values["allow-origin"],
        signal: interrupt.signal,
        onEvent: values.json ? (event) => console.log(JSON.stringify(event)) : (event) => screen.show(event),
        onCheckpoint: kept === undefined ? undefined : keep,
      },
    );
    if (!values.json) show_result(result, kept);
    return 0;
  } catch (error) {
    const { faults } = error instanceof HearthError ? error.details : {};
    if (!Array.isArray(faults)) throw error;
    for (const line of lines_of(faults)) process.stderr.write(`${line}\n`);
    return 2;
  } finally {
    await (await loading?.catch(() => undefined))?.dispose();
  }
}

function show_result({ status, output, state }: WorkflowResult, kept: string | undefined): void {
  if (status === "interrupted") {
    const checkpoint = kept ?? "CHECKPOINT (see --checkpoint)";
    process.stderr.write(`stopped for somebody to look; go on with: hearth workflow resume ${checkpoint}\n`);
  }
  console.log(JSON.stringify(status === "done" ? output : state, null, 2));
}

async function validate({ files, values }: Parsed): Promise<number> {
  const faults = (await Promise.all(files.map((file) => validateWorkflow(url_of(file))))).flat();
  for (const line of values.json ? [JSON.stringify({ faults })] : lines_of(faults)) console.log(line);
  return faults.some(({ severity }) => severity !== "warning") ? 1 : 0;
}

function lines_of(faults: WorkflowFault[]): string[] {
  return faults.map(({ file, line, column, severity, message, rule }) =>
    escaped(`${file}:${line}:${column}: ${severity}: ${message} [${rule}]`),
  );
}

/** JSON from the command line, or from a file where it begins with @. */
function object_of(text = "{}", name = ""): Record<string, unknown> {
  const json = text.startsWith("@") ? json_of(read(text.slice(1)), text.slice(1)) : json_of(text, name);
  if (typeof json === "object" && json !== null && !Array.isArray(json)) return json as Record<string, unknown>;
  throw new HearthError("INVALID_ARGUMENT", `${name} must be a JSON object`);
}

function json_of(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new HearthError("INVALID_ARGUMENT", `${name}: ${(error as Error).message}`);
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw HearthError.from(error, "IO");
  }
}

async function write_json(path: string, value: unknown): Promise<void> {
  await write_whole(path, JSON.stringify(value)).catch((error: unknown) => {
    throw io_error(path, error);
  });
}

function url_of(file: string): URL {
  return /^https?:\/\//.test(file) ? new URL(file) : pathToFileURL(file);
}
