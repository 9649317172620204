/** A session: the specification's LanguageModel, but for its static methods. */

import { abortable } from "./abortable.js";
import { constraint_of } from "./constraint.js";
import type { Conversation } from "./conversation.js";
import { exception_of } from "./errors.js";
import { EventHandlerAttribute } from "./event_handler.js";
import { abort_signal, dictionary } from "./idl.js";
import { convert_prompt, validate_prompt } from "./prompt.js";
import type {
  LanguageModelAppendOptions,
  LanguageModelCloneOptions,
  LanguageModelPrompt,
  LanguageModelPromptOptions,
  LanguageModelSamplingMode,
} from "./types.js";

export interface SessionState {
  conversation: Conversation;
  samplingMode: LanguageModelSamplingMode;
  /** Undefined where pages are not told of them. */
  topK: number | undefined;
  temperature: number | undefined;
}

type Given<Options> = [input: LanguageModelPrompt, options?: Options];

type Handler = ((event: Event) => void) | null;

/** Only code that has it makes sessions; scripts call create(). */
export const construct = Symbol("construct");
/** And destroys them with a reason of its own. */
export const destroy_with = Symbol("destroy");

export class LanguageModel extends EventTarget {
  readonly #state: SessionState;
  readonly #destruction = new AbortController();
  readonly #oncontextoverflow: EventHandlerAttribute<Event>;
  readonly #onquotaoverflow: EventHandlerAttribute<Event>;
  /** Settled when all that was asked for so far has been done. */
  #done: Promise<void> = Promise.resolve();

  /** @internal */
  constructor(key?: symbol, state?: SessionState) {
    if (key !== construct || !state) throw new TypeError("Illegal constructor: call LanguageModel.create()");
    super();
    this.#state = state;
    this.#oncontextoverflow = new EventHandlerAttribute(this, "contextoverflow");
    this.#onquotaoverflow = new EventHandlerAttribute(this, "quotaoverflow");
    state.conversation.on_overflow = () => {
      for (const type of ["contextoverflow", "quotaoverflow"]) this.dispatchEvent(new Event(type));
    };
  }

  get [Symbol.toStringTag](): string {
    return "LanguageModel";
  }

  /** The whole answer. */
  async prompt(...given: Given<LanguageModelPromptOptions>): Promise<string> {
    const [input, options] = given_to("prompt", given);
    const { pieces, signal } = this.#asked(input, options);
    return this.#in_turn(signal, async () => {
      let text = "";
      for await (const piece of pieces(signal)) text += piece;
      return text;
    });
  }

  /** The answer as it is written. */
  promptStreaming(...given: Given<LanguageModelPromptOptions>): ReadableStream<string> {
    const [input, options] = given_to("promptStreaming", given);
    const { pieces, signal } = this.#asked(input, options);
    signal.throwIfAborted();
    const cancelled = new AbortController();
    const either = AbortSignal.any([signal, cancelled.signal]);
    const start = (controller: ReadableStreamDefaultController<string>) => {
      const written = this.#in_turn(either, async () => {
        for await (const piece of pieces(either)) if (!either.aborted) controller.enqueue(piece);
      });
      written.then(
        () => controller.close(),
        (error) => controller.error(error),
      );
    };
    return new ReadableStream<string>({ start, cancel: () => cancelled.abort() });
  }

  /** Adds messages without an answer; the model reads them ahead. */
  async append(...given: Given<LanguageModelAppendOptions>): Promise<undefined> {
    const [input, options] = given_to("append", given);
    const messages = convert_prompt(input);
    const signal = this.#signal(options);
    const { conversation } = this.#state;
    await this.#in_turn(signal, () => conversation.append(validate_prompt(messages, conversation.usage > 0), signal));
  }

  async measureContextUsage(...given: Given<LanguageModelPromptOptions>): Promise<number> {
    const [input, options] = given_to("measureContextUsage", given);
    const messages = convert_prompt(input);
    const constraint = constraint_of(dictionary(options, "options"));
    const signal = this.#signal(options);
    signal.throwIfAborted();
    const measured = this.#state.conversation.measure(validate_prompt(messages, false), constraint);
    return abortable(signal, measured).catch((error) => {
      throw exception_of(error, "UnknownError");
    });
  }

  get contextUsage(): number {
    return this.#state.conversation.usage;
  }

  get contextWindow(): number {
    return this.#state.conversation.window;
  }

  get oncontextoverflow(): Handler {
    return this.#oncontextoverflow.value;
  }

  set oncontextoverflow(handler: Handler) {
    this.#oncontextoverflow.value = handler;
  }

  /** The older name of measureContextUsage. */
  async measureInputUsage(...given: Given<LanguageModelPromptOptions>): Promise<number> {
    return this.measureContextUsage(...given);
  }

  /** The older name of contextUsage. */
  get inputUsage(): number {
    return this.contextUsage;
  }

  /** The older name of contextWindow. */
  get inputQuota(): number {
    return this.contextWindow;
  }

  /** The older name of oncontextoverflow, and of its event. */
  get onquotaoverflow(): Handler {
    return this.#onquotaoverflow.value;
  }

  set onquotaoverflow(handler: Handler) {
    this.#onquotaoverflow.value = handler;
  }

  get samplingMode(): LanguageModelSamplingMode {
    return this.#state.samplingMode;
  }

  get topK(): number | undefined {
    return this.#state.topK;
  }

  get temperature(): number | undefined {
    return this.#state.temperature;
  }

  /** A session that goes on from here by itself. What the model has read is shared, and not read again. */
  async clone(options?: LanguageModelCloneOptions): Promise<this> {
    const signal = this.#signal(options);
    const Session = this.constructor as new (key: symbol, state: SessionState) => this;
    return this.#in_turn(
      signal,
      async () => new Session(construct, { ...this.#state, conversation: this.#state.conversation.copy() }),
    );
  }

  destroy(): void {
    this[destroy_with](new DOMException("the session was destroyed", "InvalidStateError"));
  }

  /** @internal What runs, waits or comes later is rejected with the reason. */
  [destroy_with](reason: unknown): void {
    this.#destruction.abort(reason);
  }

  #signal(options: unknown): AbortSignal {
    const given = abort_signal(dictionary(options, "options"));
    return given ? AbortSignal.any([this.#destruction.signal, given]) : this.#destruction.signal;
  }

  #asked(input: unknown, given: unknown) {
    const messages = convert_prompt(input);
    const options = dictionary(given, "options");
    const { conversation } = this.#state;
    const pieces = (signal: AbortSignal) =>
      conversation.answer(validate_prompt(messages, conversation.usage > 0), constraint_of(options), signal);
    return { pieces, signal: this.#signal(options) };
  }

  /** One thing after the other. Whoever aborts need not wait, but what comes next does, until the model has stopped. */
  async #in_turn<T>(signal: AbortSignal, run: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    const result = this.#done.then(() => {
      signal.throwIfAborted();
      return run();
    });
    this.#done = result.then(
      () => {},
      () => {},
    );
    return abortable(signal, result).catch((error) => {
      throw exception_of(error, "UnknownError");
    });
  }
}

/** TypeError where not even the input was given: undefined is one. */
function given_to<Options>(method: string, given: Given<Options>): Given<Options> {
  if ((given as unknown[]).length === 0) throw new TypeError(`${method}() needs an input`);
  return given;
}
