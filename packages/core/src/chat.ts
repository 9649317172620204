import { streamText } from "./generate.js";
import type { Model } from "./model.js";
import type { StreamedText } from "./streamed_text.js";
import type { Message, SamplingOptions, Tool } from "./types.js";

/** A conversation. The engine keeps what it has read of it, so each turn costs only what is new. */
export class Chat {
  readonly model: Model;
  /** What was said so far; yours to change between turns. */
  messages: Message[];
  readonly #tools: Tool[] | undefined;
  readonly #defaults: SamplingOptions;

  /** @internal Made by model.createChat. */
  constructor(model: Model, options: SamplingOptions & { system?: string; messages?: Message[]; tools?: Tool[] }) {
    const { system, messages = [], tools, ...defaults } = options;
    this.model = model;
    this.messages = system === undefined ? [...messages] : [{ role: "system", content: system }, ...messages];
    this.#tools = tools;
    this.#defaults = defaults;
  }

  /** Says `content` and streams the answer. Both become part of the conversation when the answer has ended. */
  stream(content: string, options: SamplingOptions & { signal?: AbortSignal } = {}): StreamedText {
    const asked: Message = { role: "user", content };
    const stream = streamText({
      ...this.#defaults,
      ...options,
      model: this.model,
      messages: [...this.messages, asked],
      tools: this.#tools,
    });
    // The first to hear of the result, so that whoever waits for the answer finds it in the conversation.
    stream.settled.then(
      ({ text }) => this.messages.push(asked, { role: "assistant", content: text }),
      () => {},
    );
    return stream;
  }

  /** The same, and waits for the whole answer. */
  send(content: string, options: SamplingOptions & { signal?: AbortSignal } = {}): Promise<string> {
    return this.stream(content, options).response;
  }
}
