import type { Cancel } from "./engine.js";
import type { HearthError } from "./errors.js";
import type { FinishReason, GenerateResult, StreamPart } from "./types.js";

/** What the engine says at the end, as far as a stream passes it on. */
interface Numbers {
  promptTokens: number;
  cachedTokens: number;
  completionTokens: number;
  queuedMs: number;
  prefillMs: number;
  decodeMs: number;
}

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

  #parts: StreamPart[] = [];
  #text = "";
  #failure: HearthError | undefined;
  #ended = false;
  #aborted = false;
  #cancel: Cancel | undefined;
  #held = false;
  #whole_is_wanted = false;
  /** The number of the piece that the furthest reader waits for; -1: nobody has begun to read. */
  #furthest = -1;
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

  /** The whole text. Rejects where the answer fails. */
  get response(): Promise<string> {
    return this.result.then(({ text }) => text);
  }

  /** The text with its finishReason, usage and timings. */
  get result(): Promise<GenerateResult> {
    this.#whole_is_wanted = true;
    this.#pace();
    return this.settled;
  }

  get textStream(): ReadableStream<string> {
    return this.#stream((part) => (part.type === "text" ? part.text : undefined));
  }

  get fullStream(): ReadableStream<StreamPart> {
    return this.#stream((part) => part);
  }

  async *[Symbol.asyncIterator](): AsyncIterator<string> {
    try {
      for (let next = 0; ; ++next) {
        const part = await this.#part(next);
        if (part === undefined) return;
        if (part.type === "text") yield part.text;
      }
    } finally {
      this.abort();
    }
  }

  /** Ends the answer where it is. */
  abort(): void {
    if (this.#aborted || this.#ended) return;
    this.#aborted = true;
    this.#cancel?.();
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
  write(text: string): void {
    this.#text += text;
    this.#push({ type: "text", text });
  }

  /** @internal */
  finish(finishReason: FinishReason, numbers: Numbers): void {
    const { promptTokens, cachedTokens, completionTokens, queuedMs, prefillMs, decodeMs } = numbers;
    const result: GenerateResult = {
      text: this.#text,
      finishReason,
      usage: { promptTokens, cachedTokens, completionTokens },
      timings: { queuedMs, prefillMs, decodeMs },
    };
    this.#ended = true;
    this.#push({ type: "finish", ...result });
    this.#resolve(result);
  }

  /** @internal */
  fail(error: HearthError): void {
    this.#ended = true;
    this.#failure = error;
    this.#reject(error);
    this.#wake();
  }

  #push(part: StreamPart): void {
    this.#parts.push(part);
    this.#wake();
    this.#pace();
  }

  /** Has the engine wait when it is far ahead, and go on when half of that is read. */
  #pace(): void {
    if (!this.#cancel?.hold || this.#ended || this.#aborted) return;
    const ahead = this.#furthest < 0 || this.#whole_is_wanted ? 0 : this.#parts.length - this.#furthest;
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

  /** The part of that number when it is there, undefined after the last. */
  async #part(index: number): Promise<StreamPart | undefined> {
    this.#furthest = Math.max(this.#furthest, index);
    this.#pace();
    while (index >= this.#parts.length && !this.#ended) {
      await new Promise<void>((resolve) => this.#changed.push(resolve));
    }
    if (index < this.#parts.length) return this.#parts[index];
    if (this.#failure) throw this.#failure;
    return undefined;
  }

  #stream<T>(pick: (part: StreamPart) => T | undefined): ReadableStream<T> {
    let next = 0;
    return new ReadableStream<T>(
      {
        pull: async (controller) => {
          for (;;) {
            const part = await this.#part(next);
            next += 1;
            if (part === undefined) return controller.close();
            const picked = pick(part);
            if (picked !== undefined) return controller.enqueue(picked);
          }
        },
        cancel: () => this.abort(),
      },
      { highWaterMark: 0 },
    );
  }
}
