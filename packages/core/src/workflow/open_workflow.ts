/** From YAML to a workflow that runs, with the files that it calls. */

import { HearthError } from "../errors.js";
import type { InterpretedWorkflow, WorkflowFault } from "./interpreter.js";
import type { ReadWorkflowFile, ValidateOptions, WorkflowPlatform, WorkflowSource } from "./types.js";
import { yaml_events } from "./yaml_events.js";

/** What messages call a workflow that was given as a text. */
const name_of_text = "workflow.yaml";

const most_files = 1000;
const most_characters = 16 * 2 ** 20;

/** Whatever its faults. INVALID_ARGUMENT, "FILE:LINE:COLUMN: ...", where the first file is no YAML. The caller disposes it. */
export async function open_workflow(
  source: WorkflowSource,
  options: ValidateOptions,
  platform: WorkflowPlatform,
): Promise<InterpretedWorkflow> {
  if (typeof source !== "string" && !(source instanceof URL)) {
    throw new HearthError("INVALID_ARGUMENT", "a workflow is the text of a YAML file, or the URL of one");
  }
  const { functions = [], signal = new AbortController().signal } = options;
  const interpreter = await platform.load_interpreter();
  if (signal.aborted) throw HearthError.aborted(signal);
  const first = typeof source === "string" ? name_of_text : platform.path_of(source);
  const workflow = interpreter.open(first, Array.isArray(functions) ? functions : Object.keys(functions));
  try {
    const read = reader_of_called(source, first, options, platform);
    let text = typeof source === "string" ? source : await platform.read_file(first, signal);
    for (let files = 1; ; files++) {
      const path = workflow.wanted();
      if (path === undefined) return workflow;
      if (files > most_files) throw invalid(`${first}: it calls more than ${most_files} files`);
      await add(workflow, path, files === 1 ? () => text : () => read(path, { signal }));
      text = "";
      if (signal.aborted) throw HearthError.aborted(signal);
    }
  } catch (error) {
    workflow.dispose();
    throw error;
  }
}

async function add(workflow: InterpretedWorkflow, path: string, read: () => string | Promise<string>): Promise<void> {
  let events: Awaited<ReturnType<typeof yaml_events>>;
  try {
    const text = await read();
    if (typeof text !== "string") throw invalid(`readFile gave no text for ${path}`);
    if (text.length > most_characters) throw invalid(`${path}: it has more than ${most_characters} characters`);
    events = await yaml_events(text, path);
  } catch (error) {
    return workflow.refuse(HearthError.from(error, "IO").message);
  }
  workflow.add(events);
}

/** By default they come from where the first file is, and from nowhere else: a file from the network names none on the disk. */
function reader_of_called(
  source: WorkflowSource,
  first: string,
  { readFile }: ValidateOptions,
  platform: WorkflowPlatform,
): ReadWorkflowFile {
  if (readFile) return readFile;
  return (path, { signal }) => {
    if (typeof source === "string") {
      throw invalid(`${path}: a workflow that is given as a text has no folder: give its URL, or the option readFile`);
    }
    if (origin_of(path) !== origin_of(first)) {
      throw invalid(`${path}: it is elsewhere than ${first}, which calls it: give the option readFile to allow that`);
    }
    return platform.read_file(path, signal);
  };
}

/** "" for a file on the disk. */
function origin_of(path: string): string {
  return path.includes("://") && URL.canParse(path) ? new URL(path).origin : "";
}

/** INVALID_ARGUMENT, or UNSUPPORTED where nothing else is wrong, with all `faults`, for one that does not run. */
export function require_runs(workflow: InterpretedWorkflow): void {
  if (workflow.info().runs) return;
  const faults = workflow.faults();
  const grave = faults.filter(({ severity }) => severity !== "warning");
  const told = grave.slice(0, 10).map(text_of);
  if (grave.length > told.length) told.push(`and ${grave.length - told.length} more`);
  const is_unsupported = grave.length > 0 && grave.every(({ severity }) => severity === "unsupported");
  throw new HearthError(is_unsupported ? "UNSUPPORTED" : "INVALID_ARGUMENT", told.join("\n"), { faults });
}

function text_of({ file, line, column, message, rule }: WorkflowFault): string {
  return `${file}:${line}:${column}: ${message} [${rule}]`;
}

/** What keeps a file from being a document at all, as a fault like others; undefined where it is something else. */
export function fault_of(error: unknown): WorkflowFault | undefined {
  if (!(error instanceof HearthError) || error.code !== "INVALID_ARGUMENT") return undefined;
  const [, file, line, column, message] = /^(.+?):(\d+):(\d+): (.*)$/s.exec(error.message) ?? [];
  if (file === undefined || message === undefined) return undefined;
  return { severity: "error", rule: "yaml", line: Number(line), column: Number(column), message, file };
}

function invalid(message: string): HearthError {
  return new HearthError("INVALID_ARGUMENT", message);
}
