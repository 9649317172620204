/** How much of the context messages take: a figure that adds up, message by message, whatever stands around them. */

import type { Message, Model } from "@hearth/web";

export class Meter {
  readonly #model: Model;
  /** Tokens around the text of a message. */
  readonly #around: number;
  /** Tokens that messages may take, with room for the answer. */
  readonly window: number;

  private constructor(model: Model, around: number, window: number) {
    this.#model = model;
    this.#around = around;
    this.window = window;
  }

  static async of(model: Model): Promise<Meter> {
    const user: Message = { role: "user", content: "a" };
    const [letter, one, three] = await Promise.all([
      model.countTokens("a"),
      model.countTokens([user]),
      model.countTokens([user, { role: "assistant", content: "a" }, user]),
    ]);
    const around = Math.max(0, Math.ceil((three - one) / 2) - letter);
    // What a conversation has at both ends, and a quarter for the answer, is no room for messages.
    const ends = Math.max(0, one - letter - around);
    return new Meter(model, around, Math.max(1, Math.floor(model.info.contextSize * 0.75) - ends));
  }

  async tokens(message: Message): Promise<number> {
    const { content, tool_calls } = message;
    const called = tool_calls === undefined ? "" : JSON.stringify(tool_calls);
    const text = `${typeof content === "string" ? content : ""}${called}`;
    return text === "" ? 0 : (await this.#model.countTokens(text)) + this.#around;
  }
}
