/** What a chat and a completion have in common: one answer at a time, which can be stopped, and waits for its model. */

import {
  type AnsweringModel,
  type GenerateResult,
  HearthError,
  type PromptOptions,
  type SamplingOptions,
  type StreamPart,
  streamText,
} from "@hearth/core";
import type { ModelState } from "./model_store.js";
import { Store } from "./store.js";

/** "submitted": asked, and nothing has come yet; it may be that the model is still being loaded. */
export type AnswerStatus = "ready" | "submitted" | "streaming" | "error";

export interface AnswerState {
  status: AnswerStatus;
  /** With "error". */
  error: HearthError | undefined;
}

export interface AnswerOptions extends SamplingOptions, Omit<PromptOptions, "prompt" | "raw" | "messages"> {
  /** A loaded model, or the state of one: what is asked before it is there waits for it. */
  model?: AnsweringModel | Pick<ModelState, "status" | "model" | "error">;
  /** Told of each answer that has ended, a stopped one too. */
  onFinish?: (result: GenerateResult) => void;
  onError?: (error: HearthError) => void;
}

type AnswerPrompt = Pick<PromptOptions, "prompt" | "messages" | "whenFull">;

export abstract class AnswerStore<State extends AnswerState, Options extends AnswerOptions> extends Store<State> {
  #options: Options;
  /** Of the answer that is being written. */
  #running: AbortController | undefined;
  /** Told when there is a model, or will be none. */
  #model_changed = () => {};

  constructor(state: State, options: Options) {
    super(state);
    this.#options = options;
  }

  /** From now on these are the options. An answer that is being written goes on with those it has. */
  readonly configure = (options: Options): void => {
    this.#options = options;
    this.#model_changed();
  };

  /** Ends the answer where it is; what has come of it stays. */
  readonly stop = (): void => {
    if (!this.#running) return;
    this.#running.abort();
    this.#running = undefined;
    this.change({ status: "ready" });
  };

  readonly clearError = (): void => {
    if (this.getSnapshot().status === "error") this.change({ status: "ready", error: undefined });
  };

  protected get options(): Options {
    return this.#options;
  }

  /** Of the part that is known here. */
  protected change(change: Partial<AnswerState>): void {
    this.set(change as Partial<State>);
  }

  /** INVALID_ARGUMENT while an answer is being written. */
  protected require_rest(): void {
    if (!this.#running) return;
    const message = "an answer is being written: wait until the status is 'ready', or call stop() first";
    throw new HearthError("INVALID_ARGUMENT", message);
  }

  /** Has an answer written. Its parts go to `write` until it is stopped. Never rejects for what goes wrong: that becomes state. */
  protected async answer(prompt: AnswerPrompt, write: (part: StreamPart) => void): Promise<void> {
    const running = new AbortController();
    this.#running = running;
    this.change({ status: "submitted", error: undefined });
    let result: GenerateResult;
    try {
      result = await this.#write(prompt, running, write);
    } catch (error) {
      if (this.#running !== running) return;
      const failure = HearthError.from(error);
      this.#end(running, { status: "error", error: failure });
      this.#options.onError?.(failure);
      return;
    }
    this.#end(running, { status: "ready" });
    this.#options.onFinish?.(result);
  }

  async #write(prompt: AnswerPrompt, running: AbortController, write: (part: StreamPart) => void) {
    const { signal } = running;
    const model = await this.#loaded_model(signal);
    const { onFinish: _, onError: __, ...options } = this.#options;
    const stream = streamText({ ...options, ...prompt, model, signal });
    const reader = stream.fullStream.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done || this.#running !== running) return stream.result;
      if (this.getSnapshot().status === "submitted") this.change({ status: "streaming" });
      write(value);
    }
  }

  #end(running: AbortController, state: Partial<AnswerState>): void {
    if (this.#running !== running) return;
    this.#running = undefined;
    this.change(state);
  }

  async #loaded_model(signal: AbortSignal): Promise<AnsweringModel> {
    for (;;) {
      const { model } = this.#options;
      if (model && "engine" in model) return model;
      if (model?.error) throw model.error;
      if (model?.model) return model.model;
      await new Promise<void>((resolve, reject) => {
        this.#model_changed = resolve;
        signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      });
    }
  }
}
