/** executeLlmYaml, validateWorkflow and workflowGraph, for a platform that can read files and has the interpreter. */

import { HearthError, type HearthErrorCode } from "../errors.js";
import type { OptionTable } from "../option.js";
import { check_options } from "../options.js";
import { type CarryOut, host_of } from "./calls.js";
import { drive } from "./drive.js";
import type { LastEvent, WorkflowEvent, WorkflowState } from "./events.js";
import type { InterpretedRun, InterpretedWorkflow, WorkflowFault } from "./interpreter.js";
import { fault_of, open_workflow, require_runs } from "./open_workflow.js";
import type { ValidateOptions, WorkflowOptions, WorkflowPlatform, WorkflowResult, WorkflowSource } from "./types.js";
import { type Running, WorkflowRun } from "./workflow_run.js";

const file_options: OptionTable = {
  functions: { type: "object" },
  readFile: { type: "function" },
  signal: { type: "object" },
};

const run_options: OptionTable = {
  ...file_options,
  model: { type: "any" },
  store: { type: "object" },
  allowOrigins: { type: "list" },
  checkpoint: { type: "any" },
  changes: { type: "object" },
  onCheckpoint: { type: "function" },
  onEvent: { type: "function" },
};

export function execute_workflow(
  source: WorkflowSource,
  state: WorkflowState,
  options: WorkflowOptions,
  platform: WorkflowPlatform,
): WorkflowRun {
  return new WorkflowRun(async (running) => {
    check_options(options, run_options);
    check_model(options.model);
    const by_options = host_of(options);
    const carryOut: CarryOut = async (call, context) =>
      platform.answer?.(call.kind, call.request) ?? by_options(call, context);
    const { signal: given } = options;
    const { controller } = running;
    const { signal } = controller;
    const abort = () => controller.abort(given?.reason);
    if (given?.aborted) abort();
    given?.addEventListener("abort", abort, { once: true });
    let workflow: InterpretedWorkflow | undefined;
    let run: InterpretedRun | undefined;
    try {
      if (signal.aborted) throw HearthError.aborted(signal);
      workflow = await open_workflow(source, { ...options, signal }, platform);
      require_runs(workflow);
      const { checkpoint, changes = {} } = options;
      run = checkpoint === undefined ? workflow.start(state) : workflow.resume(checkpoint, changes);
      const tell = teller(running, options.onEvent);
      return result_of(await drive(run, { carryOut, tell, keep: options.onCheckpoint, signal }), run);
    } finally {
      given?.removeEventListener("abort", abort);
      run?.dispose();
      workflow?.dispose();
    }
  });
}

function check_model(model: unknown): void {
  if (model === undefined || typeof model === "function") return;
  if (typeof model === "object" && model !== null && ("engine" in model || "use" in model)) return;
  throw new HearthError(
    "INVALID_ARGUMENT",
    "model must be a model, a Hearth with models, or a function that gives one",
  );
}

function teller(running: Running, onEvent: WorkflowOptions["onEvent"]) {
  return async (event: WorkflowEvent) => {
    await onEvent?.(event);
    await running.tell(event);
  };
}

function result_of(last: LastEvent, run: InterpretedRun): WorkflowResult {
  if (last.event === "error") {
    const { error, usage } = last;
    throw new HearthError(error.code as HearthErrorCode, error.message, { usage });
  }
  const { state, usage } = last;
  if (last.event === "done") return { status: "done", output: last.output, state, usage };
  return { status: "interrupted", output: undefined, state, usage, checkpoint: run.checkpoint() };
}

export async function validate_workflow(
  source: WorkflowSource,
  options: ValidateOptions,
  platform: WorkflowPlatform,
): Promise<WorkflowFault[]> {
  check_options(options, file_options);
  try {
    const workflow = await open_workflow(source, options, platform);
    const faults = workflow.faults();
    workflow.dispose();
    return faults;
  } catch (error) {
    const fault = fault_of(error);
    if (fault) return [fault];
    throw error;
  }
}

export async function draw_workflow(
  source: WorkflowSource,
  format: "mermaid" | "svg",
  options: ValidateOptions,
  platform: WorkflowPlatform,
): Promise<string> {
  check_options(options, file_options);
  const workflow = await open_workflow(source, options, platform);
  try {
    require_runs(workflow);
    return workflow.graph(format);
  } finally {
    workflow.dispose();
  }
}
