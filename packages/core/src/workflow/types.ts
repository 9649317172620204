/** What users pass in and get back. */

import type { Model } from "../model.js";
import type { ModelRegistry } from "../registry.js";
import type { CommonLoadOptions } from "../types.js";
import type { WorkflowEvent, WorkflowState, WorkflowUsage } from "./events.js";
import type { WorkflowFault, WorkflowInterpreter } from "./interpreter.js";

/** The text of a YAML file, or where the file lies: `new URL("answer.yaml", import.meta.url)`. */
export type WorkflowSource = string | URL;

/** What a call asks of a model. */
export type WorkflowTask = "generate" | "embed" | "rerank" | "tokenize";

/** The model for a name that a file has; "" where it names none. */
export type ChooseModel = (name: string, task: WorkflowTask) => Model | Promise<Model>;

/** An action of the program's own, called as `uses: NAME` or as a tool. `signal` is aborted when nobody waits for it any more. */
export type WorkflowFunction = (
  // biome-ignore lint/suspicious/noExplicitAny: a function knows the type of its own parameters
  parameters: any,
  state: WorkflowState,
  call: { signal: AbortSignal; node: string },
) => unknown;

/** Reads a file that a workflow calls; `path` is found from the folder of the file that calls it. */
export type ReadWorkflowFile = (path: string, call: { signal: AbortSignal }) => string | Promise<string>;

/** Where `storage` and `memory` keep values, which are JSON. `openStore` opens one that stays. */
export interface WorkflowStore {
  /** Undefined where there is none. */
  get(namespace: string, key: string): Promise<unknown>;
  put(namespace: string, key: string, value: unknown): Promise<void>;
  delete(namespace: string, key: string): Promise<void>;
  /** The keys that begin with `prefix`, sorted. */
  list(namespace: string, prefix: string): Promise<string[]>;
}

/** How a file, and those that it calls, are read. */
export interface WorkflowFileOptions {
  /**
   * Reads the files that the workflow calls. By default they come from where the workflow itself is: the same origin, or the
   * same disk; a workflow that is given as a text calls none.
   */
  readFile?: ReadWorkflowFile;
  signal?: AbortSignal;
}

export interface WorkflowOptions extends WorkflowFileOptions {
  /**
   * Who answers: a model, whatever names the file has; a Hearth, whose loaded models go by the file's names; or a function
   * of the name. Not needed where the workflow asks none.
   */
  model?: Model | ChooseModel | ModelRegistry<never, CommonLoadOptions>;
  /** Actions of the program's own, by name. */
  functions?: Record<string, WorkflowFunction>;
  /** Where values are kept; by default in memory, until the run is over. */
  store?: WorkflowStore;
  /** Whom `http.get` and `http.post` may ask, such as "https://example.org"; by default nobody. */
  allowOrigins?: string[];
  /**
   * Goes on from what `onCheckpoint` got, or an interrupted run's result has: nodes that had ended are not run again, and
   * the state is that one, with `changes`.
   */
  checkpoint?: unknown;
  changes?: WorkflowState;
  /** Gets where the run is, as JSON, whenever a node has ended, and is waited for before that is told. */
  onCheckpoint?: (checkpoint: unknown) => void | Promise<void>;
  /** Gets every event, and is waited for. */
  onEvent?: (event: WorkflowEvent) => void | Promise<void>;
}

export interface WorkflowResult {
  /** "interrupted": somebody is to look at it; executeLlmYaml with the `checkpoint` goes on. */
  status: "done" | "interrupted";
  /** What the file's `outputs` say, or the state; undefined where the run was interrupted. */
  output: unknown;
  state: WorkflowState;
  usage: WorkflowUsage;
  /** Of an interrupted run. */
  checkpoint?: unknown;
}

export interface ValidateOptions extends WorkflowFileOptions {
  /** The names of the program's own actions, or the actions. */
  functions?: string[] | Record<string, WorkflowFunction>;
}

/** What browsers and Node.js have of their own. */
export interface WorkflowPlatform {
  load_interpreter(): Promise<WorkflowInterpreter>;
  /** How messages and other files call it. */
  path_of(source: URL): string;
  read_file(path: string, signal: AbortSignal): Promise<string>;
  /** Answers calls of some kinds itself, in place of the options; undefined for others. */
  answer?(kind: string, request: unknown): Promise<unknown> | undefined;
}

export type { WorkflowFault };
