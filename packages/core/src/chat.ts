import type { AnsweringModel } from "./engine.js";
import { streamText } from "./generate.js";
import { generation_options } from "./option_table.js";
import { check_options, conversation_options } from "./options.js";
import type { StreamedText } from "./streamed_text.js";
import type { Message, PromptOptions, SamplingOptions } from "./types.js";

export type ChatOptions = SamplingOptions & Omit<PromptOptions, "prompt" | "raw">;

export type TurnOptions = SamplingOptions &
  Pick<PromptOptions, "whenFull" | "toolChoice" | "maxSteps"> & { signal?: AbortSignal };

/** A conversation. The engine keeps what it has read of it, so each turn costs only what is new. */
export class Chat {
  readonly model: AnsweringModel;
  /** What was said so far; yours to change between turns. */
  messages: Message[];
  readonly #defaults: Omit<ChatOptions, "system" | "messages">;

  /** @internal Made by model.createChat. */
  constructor(model: AnsweringModel, options: ChatOptions) {
    const { prompt: _, raw: __, ...known } = conversation_options;
    check_options(options, generation_options, known);
    const { system, messages = [], ...defaults } = options;
    this.model = model;
    this.messages = system === undefined ? [...messages] : [{ role: "system", content: system }, ...messages];
    this.#defaults = { ...defaults, whenFull: defaults.whenFull ?? "drop" };
  }

  /**
   * Says `content` and streams the answer. Both become part of the conversation when the answer has ended. Once the
   * context is full, the model does not see the oldest turns any more: the result's turnsLeftOut tells how many.
   */
  stream(content: string, options: TurnOptions = {}): StreamedText {
    const asked: Message = { role: "user", content };
    const stream = streamText({
      ...this.#defaults,
      ...options,
      model: this.model,
      messages: [...this.messages, asked],
    });
    // The first to hear of the result, so that whoever waits for the answer finds it in the conversation.
    stream.settled.then(
      ({ messages }) => this.messages.push(asked, ...messages),
      () => {},
    );
    return stream;
  }

  /** The same, and waits for the whole answer. */
  send(content: string, options: TurnOptions = {}): Promise<string> {
    return this.stream(content, options).response;
  }
}
