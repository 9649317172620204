/** What was said in a session, how much of the context it takes, and how the model goes on with it. */

import { type Message, type Model, type SamplingOptions, streamText, type Tool } from "@hearth/web";
import type { Constraint } from "./constraint.js";
import { quota_exceeded } from "./errors.js";
import type { Meter } from "./meter.js";
import type { TextMessage } from "./prompt.js";
import { with_prefix } from "./with_prefix.js";

interface Said {
  message: Message;
  /** Tokens. */
  usage: number;
}

export interface Setting {
  model: Model;
  meter: Meter;
  tools: Tool[];
  sampling: SamplingOptions;
}

/** Answers with calls that may follow one another. */
const most_tool_steps = 16;

export class Conversation {
  readonly #setting: Setting;
  readonly #initial: Said[];
  /** Tokens of the initial messages, and of what the model is told of the tools. */
  readonly #kept: number;
  #said: Said[];
  /** Called when the oldest turns were left out. */
  on_overflow = () => {};

  private constructor(setting: Setting, initial: Said[], kept: number, said: Said[]) {
    this.#setting = setting;
    this.#initial = initial;
    this.#kept = kept;
    this.#said = said;
  }

  /** QuotaExceededError where the messages do not fit. */
  static async begin(setting: Setting, messages: TextMessage[]): Promise<Conversation> {
    const { meter, tools } = setting;
    const initial = await measured(meter, messages.map(plain));
    const told = tools.length === 0 ? "" : JSON.stringify(tools);
    const kept = sum(initial) + (await meter.tokens({ role: "system", content: told }));
    const conversation = new Conversation(setting, initial, kept, []);
    if (conversation.usage > meter.window) throw quota_exceeded(conversation.usage, meter.window);
    return conversation;
  }

  get usage(): number {
    return this.#kept + sum(this.#said);
  }

  get window(): number {
    return this.#setting.meter.window;
  }

  copy(): Conversation {
    return new Conversation(this.#setting, this.#initial, this.#kept, [...this.#said]);
  }

  async measure(messages: TextMessage[], constraint: Constraint | undefined): Promise<number> {
    return sum(await measured(this.#setting.meter, with_hint(messages, constraint).map(plain)));
  }

  /** Takes messages in, and has the model read them. */
  async append(messages: TextMessage[], signal: AbortSignal): Promise<void> {
    const said = (await measured(this.#setting.meter, messages.map(plain))).filter(({ usage }) => usage > 0);
    if (said.length === 0) return;
    signal.throwIfAborted();
    this.#make_room(sum(said));
    await this.#read(said, signal);
    signal.throwIfAborted();
    this.#said.push(...said);
  }

  /** The answer, piece by piece. It and the messages stay in the conversation when it has ended, not when it is aborted. */
  async *answer(
    asked: TextMessage[],
    constraint: Constraint | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<string, void> {
    const { model, meter, tools, sampling } = this.#setting;
    const is_begun = asked.at(-1)?.prefix ?? false;
    if (is_begun && constraint) {
      const message = "a prefix cannot be held to a responseConstraint: leave one of them out";
      throw new DOMException(message, "NotSupportedError");
    }
    const said = await measured(meter, with_hint(asked, constraint).map(plain));
    signal.throwIfAborted();
    this.#make_room(sum(said));
    const prefix = is_begun ? said.pop() : undefined;
    const stream = streamText({
      model: prefix ? with_prefix(model, String(prefix.message.content)) : model,
      messages: this.#prompt(said),
      ...(tools.length > 0 && { tools, maxSteps: most_tool_steps }),
      ...sampling,
      ...constraint?.held_to,
      signal,
    });
    yield* stream;
    const { messages: answers } = await stream.result;
    signal.throwIfAborted();
    this.#said.push(...said, ...(await measured(meter, continued(prefix?.message, answers))));
    if (this.usage > this.window) this.#drop(0);
  }

  /** The engine keeps what it has read, so that the next answer begins behind it. */
  async #read(said: Said[], signal: AbortSignal): Promise<void> {
    const { model, sampling } = this.#setting;
    const stream = streamText({ model, messages: this.#prompt(said), ...sampling, maxTokens: 1, signal });
    await stream.result;
  }

  /** Neighbours of one role become one message: many chat templates take turns only. */
  #prompt(said: Said[]): Message[] {
    const messages = [...this.#initial, ...this.#said, ...said].map(({ message }) => message);
    const joined: Message[] = [];
    for (const message of messages) {
      const last = joined.at(-1);
      if (last && message.role === "user" && last.role === "user") {
        joined[joined.length - 1] = { role: "user", content: `${last.content}\n\n${message.content}` };
      } else {
        joined.push(message);
      }
    }
    return joined;
  }

  /** QuotaExceededError where leaving out all that may be left out is not enough; then nothing is. */
  #make_room(requested: number): void {
    const least = this.#kept + requested;
    if (least > this.window) throw quota_exceeded(least, this.window);
    if (this.usage + requested > this.window) this.#drop(requested);
  }

  /** Leaves out the oldest turns, each what a user said with all that followed, but the last where nothing follows. */
  #drop(requested: number): void {
    const begins = this.#said.flatMap(({ message }, index) => (message.role === "user" && index > 0 ? [index] : []));
    const ends = requested > 0 ? [...begins, this.#said.length] : begins;
    const enough = ends.find((end) => this.#kept + sum(this.#said.slice(end)) + requested <= this.window);
    const end = enough ?? ends.at(-1);
    if (end === undefined) return;
    this.#said = this.#said.slice(end);
    this.on_overflow();
  }
}

function plain({ role, content }: TextMessage): Message {
  return { role, content };
}

async function measured(meter: Meter, messages: Message[]): Promise<Said[]> {
  return Promise.all(messages.map(async (message) => ({ message, usage: await meter.tokens(message) })));
}

function sum(said: Said[]): number {
  return said.reduce((total, { usage }) => total + usage, 0);
}

/** The model is told of the constraint behind what the user says last. */
function with_hint(messages: TextMessage[], constraint: Constraint | undefined): TextMessage[] {
  if (!constraint?.hint) return messages;
  const last = messages.findLastIndex(({ role }) => role === "user");
  if (last < 0) return [...messages, { role: "user", content: constraint.hint, prefix: false }];
  return messages.map((message, index) =>
    index === last ? { ...message, content: `${message.content}\n\n${constraint.hint}` } : message,
  );
}

/** The answer's messages, the first of which goes on with the prefix. */
function continued(prefix: Message | undefined, answers: Message[]): Message[] {
  const [first, ...others] = answers;
  if (!prefix || !first) return answers;
  return [{ ...first, content: `${prefix.content}${first.content}` }, ...others];
}
