/** A WasmEngine as an engine of @hearth/core: answers advance between turns of the event loop. */

import {
  type Cancel,
  type EngineGenerationOptions,
  type EngineModel,
  HearthError,
  type ModelInfo,
  type ModuleName,
} from "@hearth/core";
import { type EngineCalls, empty_result, engine_calls, next_turn, type OnEvent } from "@hearth/core/platform";
import { type EngineOptions, type Source, WasmEngine } from "./engine.js";

/** Loads a model, given as its parts in order, into an instance of its own. Rejects with HearthError. */
export async function open_model(
  module: ModuleName,
  sources: Source[],
  options: EngineOptions = {},
): Promise<EngineModel> {
  const engine = await WasmEngine.load(module, sources, options);
  return Object.assign(
    new WasmModel(engine),
    engine_calls((name, args) => engine.call_on_device(name, ...args)),
  );
}

class WasmModel implements Omit<EngineModel, keyof EngineCalls> {
  readonly info: ModelInfo;
  readonly #engine: WasmEngine;
  readonly #answers = new Map<number, OnEvent>();
  #running = false;

  constructor(engine: WasmEngine) {
    this.#engine = engine;
    this.info = engine.info();
  }

  generate(tokens: Int32Array, options: EngineGenerationOptions, onEvent: OnEvent): Cancel {
    let generation: number;
    try {
      generation = this.#engine.generate(tokens, options);
    } catch (error) {
      const failure = empty_result("error", HearthError.from(error));
      queueMicrotask(() => onEvent("", failure));
      return () => {};
    }
    this.#answers.set(generation, onEvent);
    void this.#run();
    // A handle is an address, which a later answer may get again.
    const is_going = () => this.#answers.get(generation) === onEvent;
    const cancel: Cancel = () => {
      if (!is_going()) return;
      this.#engine.cancel(generation);
      void this.#run();
    };
    cancel.hold = (held) => {
      if (!is_going()) return;
      this.#engine.hold(generation, held);
      void this.#run();
    };
    return cancel;
  }

  async dispose(): Promise<void> {
    this.#engine.unload();
    this.#fail_all(new HearthError("DISPOSED", "the model was closed"));
  }

  /** One batch to a turn of the event loop, so that whoever cancels or asks for more is heard in between. */
  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    // Ends, too, when all answers are held.
    for (let busy = true; busy && this.#answers.size > 0; ) {
      await next_turn();
      await this.#engine.device_is_done();
      try {
        busy = this.#engine.step();
        for (const [generation, listener] of this.#answers) this.#deliver(generation, listener);
      } catch (error) {
        this.#fail_all(HearthError.from(error));
      }
    }
    this.#running = false;
  }

  #deliver(generation: number, listener: OnEvent): void {
    for (let event = this.#engine.next(generation); event; event = this.#engine.next(generation)) {
      if (event.result) {
        this.#answers.delete(generation);
        this.#engine.end(generation);
      }
      listener(event.text, event.result, event.extras);
      if (event.result) return;
    }
  }

  #fail_all(error: HearthError): void {
    const listeners = [...this.#answers.values()];
    this.#answers.clear();
    for (const listener of listeners) listener("", empty_result("error", error));
  }
}
