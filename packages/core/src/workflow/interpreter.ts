/**
 * The interpreter of workflows as its host drives it: engine/hearth_workflow.h by the same names. It reads no
 * file, asks no model and has no clock, so it is the same in browsers and in Node.js. What fails throws HearthError.
 */

import type { HearthErrorCode } from "../errors.js";

/** Of YAML's own model: hearth_workflow_add says what each has. */
export type YamlEvent = [kind: string, ...(string | number)[]];

export interface WorkflowFault {
  severity: "error" | "unsupported" | "warning";
  rule: string;
  line: number;
  column: number;
  message: string;
  file: string;
}

/** What docs/workflows.md lists: `event` says which, and what else it has. */
export interface WorkflowEvent {
  event: string;
  [member: string]: unknown;
}

export type WorkflowAnswer =
  | { id: number; value: unknown }
  | { id: number; error: { code: HearthErrorCode; message: string } };

export interface WorkflowInterpreter {
  /** A workflow to be read from the file `path`; `functions` are the names of the host's own actions. */
  open(path: string, functions: string[]): InterpretedWorkflow;
}

export interface InterpretedWorkflow {
  /** The path of the file that is to be given next. */
  wanted(): string | undefined;
  add(events: YamlEvent[]): void;
  refuse(reason: string): void;
  faults(): WorkflowFault[];
  info(): { name: string; description: string; inputSchema: Record<string, unknown> | null; runs: boolean };
  graph(format: "mermaid" | "svg"): string;
  start(input: Record<string, unknown>): InterpretedRun;
  resume(checkpoint: unknown, changes: Record<string, unknown>): InterpretedRun;
  /** Frees it; after its runs. */
  dispose(): void;
}

export interface InterpretedRun {
  /** `wakeAt` is of the same clock as `now`, in milliseconds. */
  advance(now: number): { events: WorkflowEvent[]; wakeAt: number | null; ended: boolean };
  answer(answer: WorkflowAnswer): void;
  cancel(): void;
  checkpoint(): unknown;
  dispose(): void;
}
