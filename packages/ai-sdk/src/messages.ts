/** The prompt of a call, as Hearth's messages. What Hearth's models can't read is refused by name. */

import {
  type LanguageModelV4Message,
  type LanguageModelV4Prompt,
  type LanguageModelV4ToolResultOutput,
  type LanguageModelV4ToolResultPart,
  UnsupportedFunctionalityError,
} from "@ai-sdk/provider";
import type { Message } from "@hearth/core";

type Assistant = Extract<LanguageModelV4Message, { role: "assistant" }>;

export function messages_of(prompt: LanguageModelV4Prompt): Message[] {
  return prompt.flatMap(messages_of_one);
}

function messages_of_one(message: LanguageModelV4Message): Message[] {
  switch (message.role) {
    case "system":
      return [{ role: "system", content: message.content }];
    case "user":
      return [
        { role: "user", content: message.content.map((part) => ({ type: "text", text: text_of(part, "user") })) },
      ];
    case "assistant":
      return [assistant_message(message)];
    case "tool":
      // Of approvals, ai tells what they come to: a result, or that the call was denied.
      return message.content.flatMap((part) => (part.type === "tool-result" ? [result_message(part)] : []));
  }
}

function assistant_message({ content }: Assistant): Message {
  let text = "";
  let reasoning = "";
  const calls: object[] = [];
  for (const part of content) {
    if (part.type === "tool-call" && !part.providerExecuted) {
      const { toolCallId: id, toolName: name, input } = part;
      calls.push({ id, type: "function", function: { name, arguments: input } });
    } else if (part.type === "reasoning") reasoning += part.text;
    else text += text_of(part, "assistant");
  }
  const message: Message = { role: "assistant", content: text };
  if (reasoning !== "") message.reasoning_content = reasoning;
  if (calls.length > 0) message.tool_calls = calls;
  return message;
}

function result_message({ toolCallId, toolName, output }: LanguageModelV4ToolResultPart): Message {
  return { role: "tool", content: result_text(output), tool_call_id: toolCallId, name: toolName };
}

function result_text(output: LanguageModelV4ToolResultOutput): string {
  switch (output.type) {
    case "text":
      return output.value;
    case "json":
      return JSON.stringify(output.value);
    case "error-text":
      return `Error: ${output.value}`;
    case "error-json":
      return `Error: ${JSON.stringify(output.value)}`;
    case "execution-denied":
      return `Error: ${output.reason ?? "the user did not allow the call"}`;
    case "content":
      return output.value.map((part) => text_of(part, "tool")).join("");
  }
}

/** UnsupportedFunctionalityError for another part than text, which says what and where. */
function text_of(part: { type: string; text?: unknown; mediaType?: string }, role: string): string {
  if (part.type === "text") return part.text as string;
  const what = part.mediaType === undefined ? part.type : `${part.type} (${part.mediaType})`;
  throw new UnsupportedFunctionalityError({
    functionality: `${what} in a message of role ${role}`,
    message: `Hearth's models read text: a message of role ${role} has a part of type ${what}`,
  });
}
