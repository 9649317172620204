import type { Cancel } from "./engine.js";
import type { HearthError } from "./errors.js";
import { messages_of, step_of } from "./tools.js";
import type { AnswerPart, GenerateResult, Step, StreamPart } from "./types.js";

/** What is known at the end, besides the pieces. */
export type Outcome = Omit<GenerateResult, keyof Step | "steps" | "messages" | "logprobs" | "warnings">;

/** Pieces that an answer may be ahead of its reader: some seconds of reading, so that nobody ever waits for a piece. */
const most_ahead = 128;

/**
 * An answer while it is written. It may be read in several ways at once, and each sees it from the beginning:
 * `for await (const text of stream)`, `textStream`, `fullStream`, `response`. Whoever stops reading early, ends it;
 * whoever reads slowly, is waited for, unless someone wants the whole (`response` or `result`).
 */
export class StreamedText implements AsyncIterable<string> {
  /** @internal `result`, for who does not mind how long it takes. */
  readonly settled: Promise<GenerateResult>;

  #pieces: AnswerPart[] = [];
  /** Where each step but the first begins among them. */
  #step_beginnings: number[] = [];
  /** Of those, how many the furthest reader has; undefined: nobody has begun to read. */
  #given: number | undefined;
  #end: Outcome | undefined;
  #failure: HearthError | undefined;
  #aborted = false;
  #cancel: Cancel | undefined;
  #held = false;
  #whole_is_wanted = false;
  #changed: (() => void)[] = [];
  #resolve!: (result: GenerateResult) => void;
  #reject!: (error: HearthError) => void;

  constructor() {
    this.settled = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Who reads only the stream learns of a failure there.
    this.settled.catch(() => {});
  }

  /** The whole text; of an aborted answer what was given out, or written where nobody read. Rejects where the answer fails. */
  get response(): Promise<string> {
    return this.result.then(({ text }) => text);
  }

  /** The text with its finishReason, usage and timings. */
  get result(): Promise<GenerateResult> {
    this.#whole_is_wanted = true;
    if (this.#end) this.#settle(this.#end);
    this.#pace();
    return this.settled;
  }

  get textStream(): ReadableStream<string> {
    return this.#stream(this.#texts());
  }

  get fullStream(): ReadableStream<StreamPart> {
    return this.#stream(this.#parts());
  }

  async *[Symbol.asyncIterator](): AsyncIterator<string> {
    try {
      yield* this.#texts();
    } finally {
      this.abort();
    }
  }

  /** Ends the answer where it is: no reader gets another piece, whatever is written already. */
  abort(): void {
    if (this.#aborted) return;
    this.#aborted = true;
    if (this.#given !== undefined) this.#pieces.length = this.#given;
    if (this.#end) this.#settle(this.#end);
    else this.#cancel?.();
    this.#wake();
  }

  /** @internal */
  get aborted(): boolean {
    return this.#aborted;
  }

  /** @internal */
  onAbort(cancel: Cancel): void {
    this.#cancel = cancel;
    if (this.#aborted) cancel();
    else this.#pace();
  }

  /** @internal */
  write(...pieces: AnswerPart[]): void {
    if (this.#aborted || pieces.length === 0) return;
    this.#pieces.push(...pieces);
    this.#wake();
    this.#pace();
  }

  /** @internal What is written from here on is another answer, to what tools gave. */
  begin_step(): void {
    this.#step_beginnings.push(this.#pieces.length);
  }

  /** @internal What has been written since the last step began. */
  get step(): Step {
    return step_of(this.#pieces.slice(this.#step_beginnings.at(-1) ?? 0));
  }

  /** @internal */
  finish(outcome: Outcome): void {
    this.#end = outcome;
    // While someone reads, what is not given out yet may still be cut off.
    if (this.#given === undefined || this.#whole_is_wanted || this.#aborted) this.#settle(this.#end);
    this.#wake();
  }

  /** @internal */
  fail(error: HearthError): void {
    this.#failure = error;
    this.#reject(error);
    this.#wake();
  }

  /** The steps are what they are now, if they were not settled before. */
  #settle(end: Outcome): void {
    const finishReason = this.#aborted ? "cancelled" : end.finishReason;
    const begins = [0, ...this.#step_beginnings.filter((begin) => begin < this.#pieces.length)];
    const steps = begins.map((begin, index) => step_of(this.#pieces.slice(begin, begins[index + 1])));
    const messages = steps.flatMap(messages_of);
    const logprobs = this.#pieces.flatMap((piece) => (piece.type === "text" ? (piece.logprobs ?? []) : []));
    // Each step is told the same.
    const told = this.#pieces.flatMap((piece) => (piece.type === "warning" ? [piece.message] : []));
    const last = steps[steps.length - 1] as Step;
    const more = { messages, warnings: [...new Set(told)], ...(logprobs.length > 0 && { logprobs }) };
    this.#resolve({ ...end, ...last, steps, ...more, finishReason });
  }

  /** Has the engine wait when it is far ahead, and go on when half of that is read. */
  #pace(): void {
    if (!this.#cancel?.hold || this.#end || this.#aborted) return;
    const ahead = this.#given === undefined || this.#whole_is_wanted ? 0 : this.#pieces.length - this.#given;
    const hold = ahead > (this.#held ? most_ahead / 2 : most_ahead);
    if (hold === this.#held) return;
    this.#held = hold;
    this.#cancel.hold(hold);
  }

  #wake(): void {
    const waiting = this.#changed;
    this.#changed = [];
    for (const wake of waiting) wake();
  }

  /** Waits until the piece of that number is there, or will never be. */
  async #arrival(index: number): Promise<void> {
    this.#given ??= 0;
    while (index >= this.#pieces.length && !this.#end && !this.#failure && !this.#aborted) {
      await new Promise<void>((resolve) => this.#changed.push(resolve));
    }
    if (this.#failure && index >= this.#pieces.length && !this.#aborted) throw this.#failure;
  }

  /** The piece of that number, which counts as given out from here on; undefined after the last. */
  #give(index: number): AnswerPart | undefined {
    if (this.#aborted) return undefined;
    const piece = this.#pieces[index];
    if (piece) this.#given = Math.max(this.#given ?? 0, index + 1);
    else if (this.#end) this.#settle(this.#end);
    this.#pace();
    return piece;
  }

  /** The pieces from the first on, as they come. */
  async *#read(): AsyncGenerator<AnswerPart, void> {
    for (let next = 0; ; ++next) {
      await this.#arrival(next);
      const piece = this.#give(next);
      if (!piece) return;
      yield piece;
    }
  }

  async *#texts(): AsyncGenerator<string, void> {
    for await (const part of this.#read()) if (part.type === "text" && part.text !== "") yield part.text;
  }

  async *#parts(): AsyncGenerator<StreamPart, void> {
    yield* this.#read();
    yield { type: "finish", ...(await this.settled) };
  }

  #stream<T>(parts: AsyncGenerator<T, void>): ReadableStream<T> {
    const pull = async (controller: ReadableStreamDefaultController<T>) => {
      const { done, value } = await parts.next();
      if (done) controller.close();
      else controller.enqueue(value);
    };
    return new ReadableStream<T>({ pull, cancel: () => this.abort() }, { highWaterMark: 0 });
  }
}
