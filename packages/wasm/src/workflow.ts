/** The interpreter of workflows: a module of its own, loaded when the first workflow is. */

import { HearthError } from "@hearth/core";
import type {
  InterpretedRun,
  InterpretedWorkflow,
  WorkflowAnswer,
  WorkflowInterpreter,
  YamlEvent,
} from "@hearth/core/workflow";
import { Exchange, type ExchangeInstance, out_of_memory } from "./exchange.js";

/** Workflows and runs are handles; what returns one or 0 returns -1 where it fails. engine/hearth_workflow.h describes each. */
interface WorkflowInstance extends ExchangeInstance {
  _hearth_wasm_workflow(path: number, pathSize: number, functions: number, size: number): number;
  _hearth_wasm_workflow_wanted(workflow: number): number;
  _hearth_wasm_workflow_add(workflow: number, events: number, size: number): number;
  _hearth_wasm_workflow_refuse(workflow: number, reason: number, size: number): number;
  _hearth_wasm_workflow_faults(workflow: number): number;
  _hearth_wasm_workflow_info(workflow: number): number;
  _hearth_wasm_workflow_graph(workflow: number, format: number, size: number): number;
  _hearth_wasm_workflow_free(workflow: number): void;
  _hearth_wasm_run(workflow: number, input: number, size: number): number;
  _hearth_wasm_run_resumed(workflow: number, checkpoint: number, size: number): number;
  _hearth_wasm_run_advance(run: number, now: number): number;
  _hearth_wasm_run_answer(run: number, answer: number, size: number): number;
  _hearth_wasm_run_cancel(run: number): void;
  _hearth_wasm_run_checkpoint(run: number): number;
  _hearth_wasm_run_free(run: number): void;
}

export type WorkflowFactory = (options: { host: { out_of_memory: () => never } }) => Promise<WorkflowInstance>;

let loaded: Promise<WorkflowInterpreter> | undefined;

/** One for all workflows; it is loaded anew where loading it failed, or it has stopped in the middle of a call. */
export function load_workflow_interpreter(): Promise<WorkflowInterpreter> {
  loaded ??= load().catch((error) => {
    loaded = undefined;
    throw error;
  });
  return loaded;
}

async function load(): Promise<WorkflowInterpreter> {
  const { default: factory } = await import("../../modules/hearth-workflow.mjs");
  const instance = await factory({ host: { out_of_memory } });
  const module = new Module(instance);
  return { open: (path, functions) => new Workflow(module, path, functions) };
}

/** An instance, with its calls as functions of values. */
class Module {
  readonly #exchange: Exchange;

  constructor(readonly instance: WorkflowInstance) {
    this.#exchange = new Exchange(instance, "the interpreter of workflows stopped; run the workflow again");
  }

  run(call: () => number): number {
    try {
      return this.#exchange.run(call);
    } finally {
      if (!this.#exchange.works) loaded = undefined;
    }
  }

  with_text<T>(text: string, use: (address: number, size: number) => T): T {
    return this.#exchange.with_text(text, use);
  }

  with_json<T>(value: unknown, use: (address: number, size: number) => T): T {
    return this.#exchange.with_json(value, use);
  }

  text(call: () => number): string {
    this.run(call);
    return this.#exchange.text();
  }

  /** Does nothing in an instance that is lost, and its memory with it. */
  free(handle: number, free: (handle: number) => void): void {
    if (this.#exchange.works) free(handle);
  }
}

/** A handle that is used no more once it was freed. */
class Handle {
  #handle: number;

  constructor(
    readonly module: Module,
    handle: number,
    readonly what: string,
  ) {
    this.#handle = handle;
  }

  get value(): number {
    if (this.#handle === 0) throw new HearthError("DISPOSED", `the ${this.what} was disposed of`);
    return this.#handle;
  }

  free(free: (handle: number) => void): void {
    const handle = this.#handle;
    this.#handle = 0;
    if (handle !== 0) this.module.free(handle, free);
  }
}

class Workflow implements InterpretedWorkflow {
  readonly #module: Module;
  readonly #handle: Handle;

  constructor(module: Module, path: string, functions: string[]) {
    this.#module = module;
    const handle = module.with_text(path, (address, size) =>
      module.with_json(functions, (names, names_size) =>
        module.run(() => module.instance._hearth_wasm_workflow(address, size, names, names_size)),
      ),
    );
    this.#handle = new Handle(module, handle, "workflow");
  }

  wanted(): string | undefined {
    const { value } = this.#handle;
    return this.#module.text(() => this.#module.instance._hearth_wasm_workflow_wanted(value)) || undefined;
  }

  add(events: YamlEvent[]): void {
    const { value } = this.#handle;
    this.#module.with_json(events, (json, size) =>
      this.#module.run(() => this.#module.instance._hearth_wasm_workflow_add(value, json, size)),
    );
  }

  refuse(reason: string): void {
    const { value } = this.#handle;
    this.#module.with_text(reason, (text, size) =>
      this.#module.run(() => this.#module.instance._hearth_wasm_workflow_refuse(value, text, size)),
    );
  }

  faults(): ReturnType<InterpretedWorkflow["faults"]> {
    const { value } = this.#handle;
    return JSON.parse(this.#module.text(() => this.#module.instance._hearth_wasm_workflow_faults(value)));
  }

  info(): ReturnType<InterpretedWorkflow["info"]> {
    const { value } = this.#handle;
    return JSON.parse(this.#module.text(() => this.#module.instance._hearth_wasm_workflow_info(value)));
  }

  graph(format: "mermaid" | "svg"): string {
    const { value } = this.#handle;
    return this.#module.with_text(format, (text, size) =>
      this.#module.text(() => this.#module.instance._hearth_wasm_workflow_graph(value, text, size)),
    );
  }

  start(input: Record<string, unknown>): InterpretedRun {
    const { value } = this.#handle;
    return this.#run(input, (json, size) => this.#module.instance._hearth_wasm_run(value, json, size));
  }

  resume(checkpoint: unknown, changes: Record<string, unknown>): InterpretedRun {
    const { value } = this.#handle;
    return this.#run({ checkpoint, changes }, (json, size) =>
      this.#module.instance._hearth_wasm_run_resumed(value, json, size),
    );
  }

  #run(begin_with: unknown, begin: (json: number, size: number) => number): InterpretedRun {
    const handle = this.#module.with_json(begin_with, (json, size) => this.#module.run(() => begin(json, size)));
    return new Run(this.#module, handle);
  }

  dispose(): void {
    this.#handle.free(this.#module.instance._hearth_wasm_workflow_free);
  }
}

class Run implements InterpretedRun {
  readonly #module: Module;
  readonly #handle: Handle;

  constructor(module: Module, handle: number) {
    this.#module = module;
    this.#handle = new Handle(module, handle, "run");
  }

  advance(now: number): ReturnType<InterpretedRun["advance"]> {
    const { value } = this.#handle;
    return JSON.parse(this.#module.text(() => this.#module.instance._hearth_wasm_run_advance(value, now)));
  }

  answer(answer: WorkflowAnswer): void {
    const { value } = this.#handle;
    // What a function of JavaScript does not return is null.
    const whole = "error" in answer ? answer : { id: answer.id, value: answer.value ?? null };
    this.#module.with_json(whole, (json, size) =>
      this.#module.run(() => this.#module.instance._hearth_wasm_run_answer(value, json, size)),
    );
  }

  cancel(): void {
    this.#module.instance._hearth_wasm_run_cancel(this.#handle.value);
  }

  checkpoint(): unknown {
    const { value } = this.#handle;
    return JSON.parse(this.#module.text(() => this.#module.instance._hearth_wasm_run_checkpoint(value)));
  }

  dispose(): void {
    this.#handle.free(this.#module.instance._hearth_wasm_run_free);
  }
}
