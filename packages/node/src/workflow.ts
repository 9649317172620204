/** Workflows in YAML; docs/workflows.md says what they are. */

import { readFile, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { HearthError } from "@hearth/core";
import {
  draw_workflow,
  execute_workflow,
  fetch_text,
  type ValidateOptions,
  validate_workflow,
  type WorkflowFault,
  type WorkflowOptions,
  type WorkflowPlatform,
  type WorkflowRun,
  type WorkflowSource,
  type WorkflowState,
} from "@hearth/core/workflow";
import { load_workflow_interpreter } from "@hearth/wasm";

const platform: WorkflowPlatform = {
  load_interpreter: load_workflow_interpreter,
  path_of: (url) => (url.protocol === "file:" ? fileURLToPath(url) : url.href),
  read_file: (path, signal) => (path.includes("://") ? fetch_text(path, signal) : read_text(path, signal)),
};

/** Far more than a workflow has. */
const most_bytes = 64 * 2 ** 20;

/** Of a file, and nothing else: what a workflow names may be a device that never ends. */
async function read_text(path: string, signal: AbortSignal): Promise<string> {
  try {
    const status = await stat(path);
    const why = status.isFile() ? (status.size > most_bytes ? "it is too large for a workflow" : "") : "it is no file";
    if (why !== "") throw new HearthError("INVALID_ARGUMENT", `${path}: ${why}`);
    return await readFile(path, { encoding: "utf8", signal });
  } catch (error) {
    if (signal.aborted) throw HearthError.aborted(signal);
    const is_missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    throw is_missing ? new HearthError("NOT_FOUND", `${path}: there is no such file`) : HearthError.from(error, "IO");
  }
}

/**
 * Runs a workflow: the text of a YAML file, or the URL of one, with what its input says in `state`. Await it for the result, or
 * iterate over it for its events; `abort()`, the signal and leaving the loop end it. INVALID_ARGUMENT with all faults in
 * `details.faults` where it cannot run, UNSUPPORTED where only what is not supported keeps it from that.
 */
export function executeLlmYaml(
  yaml: WorkflowSource,
  state: WorkflowState = {},
  options: WorkflowOptions = {},
): WorkflowRun {
  return execute_workflow(yaml, state, options, platform);
}

/** All that is wrong with a workflow, with places; it runs where no fault but warnings is left. */
export function validateWorkflow(yaml: WorkflowSource, options: ValidateOptions = {}): Promise<WorkflowFault[]> {
  return validate_workflow(yaml, options, platform);
}

/** A picture of a workflow: a flowchart in Mermaid's language, or a drawing. */
export function workflowGraph(
  yaml: WorkflowSource,
  format: "mermaid" | "svg" = "mermaid",
  options: ValidateOptions = {},
): Promise<string> {
  return draw_workflow(yaml, format, options, platform);
}
