/** Workflows in YAML, run in the page; docs/workflows.md says what they are. */

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

/** @internal */
export const platform: WorkflowPlatform = {
  // The code for it comes only where it is used.
  load_interpreter: async () => {
    const { load_workflow_interpreter } = await import("@hearth/wasm").catch((error: Error) => {
      throw new HearthError("NETWORK", `a part of @hearth/web could not be loaded: ${error.message}`, { cause: error });
    });
    return load_workflow_interpreter();
  },
  path_of: ({ href }) => href,
  read_file: fetch_text,
};

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
