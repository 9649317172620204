/** Workflows in YAML, as @hearth/web and @hearth/node offer them. docs/workflows.md says what they are. */

export type { LastEvent, WorkflowErrorInfo, WorkflowEvent, WorkflowState, WorkflowUsage } from "./events.js";
export { draw_workflow, execute_workflow, validate_workflow } from "./execute.js";
export { fetch_text } from "./http.js";
export type {
  InterpretedRun,
  InterpretedWorkflow,
  WorkflowAnswer,
  WorkflowEvent as InterpretedEvent,
  WorkflowInterpreter,
  YamlEvent,
} from "./interpreter.js";
export type {
  ChooseModel,
  ReadWorkflowFile,
  ValidateOptions,
  WorkflowFault,
  WorkflowFileOptions,
  WorkflowFunction,
  WorkflowOptions,
  WorkflowPlatform,
  WorkflowResult,
  WorkflowSource,
  WorkflowStore,
  WorkflowTask,
} from "./types.js";
export { WorkflowRun } from "./workflow_run.js";
