/** What a run tells, event by event. */

import type { HearthErrorCode } from "../errors.js";

export interface WorkflowErrorInfo {
  code: HearthErrorCode;
  message: string;
}

/** Of all calls of models in a run, as the models counted them. */
export interface WorkflowUsage {
  calls: number;
  promptTokens: number;
  completionTokens: number;
}

export type WorkflowState = Record<string, unknown>;

/** Of a node. Nodes of branches that run at once have different tasks. */
interface OfNode {
  node: string;
  task: number;
}

/** `event` says which; the last one of a run is `done`, `error` or `interrupted`. */
export type WorkflowEvent =
  | { event: "run_started"; workflow: string }
  | ({ event: "node_started"; attempt: number } & OfNode)
  | ({ event: "node_skipped" } & OfNode)
  /** With the keys of the state that it set. */
  | ({ event: "node_finished"; changes: WorkflowState } & OfNode)
  /** `handled`: its policy or a fallback makes up for it. */
  | ({ event: "node_failed"; error: WorkflowErrorInfo; handled: boolean } & OfNode)
  /** After `wait` milliseconds. */
  | ({ event: "retry"; attempt: number; wait: number; error: WorkflowErrorInfo } & OfNode)
  | { event: "loop_turn"; node: string; turn: number }
  | { event: "loop_ended"; node: string; turns: number; condition: boolean }
  | ({ event: "branches_started"; branches: string[] } & OfNode)
  | ({ event: "branch_ended"; index: number; error: WorkflowErrorInfo | null } & OfNode)
  | ({ event: "interrupt"; when: "before" | "after"; state: WorkflowState } & OfNode)
  /** Text of a model's answer, as it is written. */
  | ({ event: "token"; text: string } & OfNode)
  | { event: "done"; output: unknown; state: WorkflowState; usage: WorkflowUsage }
  | { event: "error"; error: WorkflowErrorInfo; usage: WorkflowUsage }
  | { event: "interrupted"; state: WorkflowState; usage: WorkflowUsage };

export type LastEvent = Extract<WorkflowEvent, { event: "done" | "error" | "interrupted" }>;

/** @internal */
export function is_last(event: WorkflowEvent): event is LastEvent {
  return event.event === "done" || event.event === "error" || event.event === "interrupted";
}
