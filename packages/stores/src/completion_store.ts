/** What goes on from one prompt, as state. */

import { type AnswerOptions, type AnswerState, AnswerStore } from "./answer_store.js";

export interface CompletionState extends AnswerState {
  completion: string;
}

export interface CompletionStoreOptions extends AnswerOptions {
  /** The prompt is a text to go on from, without any chat template. */
  raw?: boolean;
}

export class CompletionStore extends AnswerStore<CompletionState, CompletionStoreOptions> {
  constructor(options: CompletionStoreOptions = {}) {
    super({ status: "ready", error: undefined, completion: "" }, options);
  }

  /** Gives the whole text; undefined where it failed or was stopped. Rejects while another is being written. */
  readonly complete = async (prompt: string): Promise<string | undefined> => {
    this.require_rest();
    this.setCompletion("");
    let whole: string | undefined;
    await this.answer({ prompt }, (part) => {
      if (part.type === "text") this.setCompletion(this.getSnapshot().completion + part.text);
      else if (part.type === "finish") whole = part.text;
    });
    return whole;
  };

  readonly setCompletion = (completion: string): void => this.set({ completion });

  /** Begins anew. What is being written is stopped. */
  readonly clear = (): void => {
    this.stop();
    this.set({ completion: "", status: "ready", error: undefined });
  };
}
