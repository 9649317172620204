/** Prompts as the Prompt API takes them, checked and brought into one form: messages of text. */

import { dictionary, is_sequence, one_of, required, sequence, text } from "./idl.js";
import type { LanguageModelMessageRole, LanguageModelMessageType } from "./types.js";

export const roles = ["system", "user", "assistant"] as const satisfies LanguageModelMessageRole[];
export const content_types = [
  "text",
  "image",
  "audio",
  "tool-call",
  "tool-response",
] as const satisfies LanguageModelMessageType[];

interface Content {
  type: LanguageModelMessageType;
  value: unknown;
}

/** A message whose types are right, and nothing else is known of it. */
export interface AskedMessage {
  role: LanguageModelMessageRole;
  content: Content[];
  prefix: boolean;
}

export interface TextMessage {
  role: LanguageModelMessageRole;
  content: string;
  prefix: boolean;
}

/** TypeError for what has not the types of a prompt. What is no list of messages is taken as a text, as browsers do. */
export function convert_prompt(input: unknown): AskedMessage[] {
  if (is_sequence(input)) return convert_messages(input);
  return [{ role: "user", content: [{ type: "text", value: text(input) }], prefix: false }];
}

export function convert_messages(input: unknown): AskedMessage[] {
  return sequence(input, "messages").map((message) => {
    const { content, prefix, role } = dictionary(message, "a message");
    return {
      content: convert_content(required(content, "a message's content")),
      prefix: Boolean(prefix),
      role: one_of(required(role, "a message's role"), roles, "a message's role"),
    };
  });
}

function convert_content(content: unknown): Content[] {
  if (!is_sequence(content)) return [{ type: "text", value: text(content) }];
  return [...content].map((part) => {
    const { type, value } = dictionary(part, "a part of a message's content");
    required(value, "the value of a message's content");
    return {
      type: one_of(required(type, "the type of a message's content"), content_types, "the type of a message's content"),
      // Objects are images and sounds; all else is a string.
      value: typeof value === "object" && value !== null ? value : text(value),
    };
  });
}

/**
 * The messages, of which there is one at least. `follows`: they come after others, so that none of them is the system's.
 * TypeError, SyntaxError or NotSupportedError for what may not stand there, or is no text.
 */
export function validate_prompt(asked: AskedMessage[], follows: boolean): TextMessage[] {
  if (asked.length === 0) return [{ role: "user", content: "", prefix: false }];
  return asked.map(({ role, content, prefix }, index) => {
    if (prefix && role !== "assistant") throw syntax_error("prefix is for a message of the assistant");
    if (prefix && index < asked.length - 1) throw syntax_error("prefix is for the last message");
    if (role === "system" && (follows || index > 0)) {
      throw new TypeError("a system message can only be the first of all, in initialPrompts");
    }
    return { role, content: content.map((part) => text_of(part, role)).join(""), prefix };
  });
}

function text_of({ type, value }: Content, role: LanguageModelMessageRole): string {
  if (type !== "text") {
    const whose = role === "assistant" ? "the assistant's messages are" : "this model takes";
    throw new DOMException(`${whose} text only, not '${type}'`, "NotSupportedError");
  }
  if (typeof value !== "string") throw new TypeError("the value of a content of type 'text' must be a string");
  return value;
}

function syntax_error(message: string): DOMException {
  return new DOMException(message, "SyntaxError");
}
