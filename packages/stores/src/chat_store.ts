/** A conversation as state: its messages, with the answer that is being written as the last of them. */

import type { Message, Step, StreamPart } from "@hearth/core";
import { messages_of } from "@hearth/core/platform";
import { type AnswerOptions, type AnswerState, AnswerStore } from "./answer_store.js";

/** In OpenAI's form, as all of Hearth has it: `reasoning_content` and `tool_calls` of an assistant, results of role "tool". */
export interface ChatMessage extends Message {
  /** The same for as long as the message is there, and no other's. */
  id: string;
  content: string;
}

/** What a user says, or any message; one without an id gets one. */
export type NewMessage = string | (Message & { content: string });

export interface ChatState extends AnswerState {
  messages: ChatMessage[];
}

export interface ChatStoreOptions extends AnswerOptions {
  /** What the conversation begins with; read once. */
  messages?: NewMessage[];
}

export class ChatStore extends AnswerStore<ChatState, ChatStoreOptions> {
  /** Ids differ from those of other chats, whose messages may come to this one. */
  readonly #name = Math.random().toString(36).slice(2);
  #ids = 0;

  constructor(options: ChatStoreOptions = {}) {
    super({ status: "ready", error: undefined, messages: [] }, options);
    if (options.messages) this.setMessages(options.messages);
  }

  /** Says something, and has it answered. Settled when the answer has ended. Rejects while another is being written. */
  readonly sendMessage = async (message: NewMessage): Promise<void> => {
    this.require_rest();
    await this.#answer_to([...this.getSnapshot().messages, identified(message, this.#next_id())]);
  };

  /** Has the last thing that was said answered anew. Does nothing where nothing was. */
  readonly regenerate = async (): Promise<void> => {
    this.require_rest();
    const { messages } = this.getSnapshot();
    const said = messages.findLastIndex(({ role }) => role === "user");
    if (said >= 0) await this.#answer_to(messages.slice(0, said + 1));
  };

  /** Puts other messages in the place of all. */
  readonly setMessages = (messages: NewMessage[]): void => {
    this.require_rest();
    this.set({
      messages: messages.map((message) => identified(message, this.#next_id())),
      status: "ready",
      error: undefined,
    });
  };

  /** Begins anew. An answer that is being written is stopped. */
  readonly clear = (): void => {
    this.stop();
    this.setMessages([]);
  };

  #answer_to(messages: ChatMessage[]): Promise<void> {
    this.set({ messages });
    const asked = messages.map(({ id: _, ...message }) => message);
    const steps: Step[] = [];
    const ids: string[] = [];
    return this.answer({ whenFull: this.options.whenFull ?? "drop", messages: asked }, (part) => {
      add_part(steps, part);
      const added = steps.flatMap(messages_of) as NewMessage[];
      while (ids.length < added.length) ids.push(this.#next_id());
      this.set({
        messages: [...messages, ...added.map((message, index) => identified(message, ids[index] as string))],
      });
    });
  }

  #next_id(): string {
    return `${this.#name}-${this.#ids++}`;
  }
}

function identified(message: NewMessage, id: string): ChatMessage {
  return { id, ...(typeof message === "string" ? { role: "user", content: message } : message) };
}

/** Behind what tools gave, another step begins. */
function add_part(steps: Step[], part: StreamPart): void {
  const { type } = part;
  if (type !== "text" && type !== "reasoning" && type !== "toolCall" && type !== "toolResult") return;
  let step = steps.at(-1);
  if (!step || (type !== "toolResult" && step.toolResults.length > 0)) {
    step = { text: "", reasoning: "", toolCalls: [], toolResults: [] };
    steps.push(step);
  }
  if (type === "text" || type === "reasoning") step[type] += part.text;
  else if (type === "toolCall") step.toolCalls.push({ id: part.id, name: part.name, arguments: part.arguments });
  else step.toolResults.push({ id: part.id, name: part.name, result: part.result, error: part.error });
}
