/** Tools that users pass in, the calls that models make of them, and what comes of those. */

import type { EngineExtras } from "./engine.js";
import { HearthError } from "./errors.js";
import type {
  AnswerPart,
  Execute,
  Message,
  NamedTool,
  PromptOptions,
  Step,
  Tool,
  ToolCall,
  ToolCallDelta,
  ToolResult,
} from "./types.js";

/** The tools as a list, whichever way they were given. INVALID_ARGUMENT for one that is none. */
export function tool_list(tools: PromptOptions["tools"]): Tool[] | undefined {
  if (tools === undefined || Array.isArray(tools)) return tools;
  return Object.entries(tools).map(([name, tool]) => {
    if (typeof tool !== "object" || tool === null) {
      throw new HearthError("INVALID_ARGUMENT", `tools.${name} must be an object`);
    }
    const { execute, ...described }: NamedTool = tool;
    return { type: "function", function: { name, ...described }, ...(execute && { execute }) };
  });
}

/** Pieces of an answer, from what the engine says. Of one answer: it remembers the calls that have begun. */
export class AnswerReader {
  readonly #calls: { id: string; name: string; arguments: string }[] = [];

  parts(text: string, { logprobs, reasoning, toolCalls = [], warnings = [] }: EngineExtras): AnswerPart[] {
    const parts: AnswerPart[] = warnings.map((message) => ({ type: "warning", message }));
    if (reasoning) parts.push({ type: "reasoning", text: reasoning });
    if (text !== "" || logprobs) parts.push({ type: "text", text, ...(logprobs && { logprobs }) });
    for (const delta of toolCalls) parts.push(...this.#call_parts(delta));
    return parts;
  }

  #call_parts(delta: ToolCallDelta): AnswerPart[] {
    const call = this.#calls[delta.index] ?? { id: "", name: "", arguments: "" };
    this.#calls[delta.index] = call;
    call.id ||= delta.id ?? "";
    call.name ||= delta.name ?? "";
    call.arguments += delta.arguments ?? "";
    const parts: AnswerPart[] = [{ type: "toolCallDelta", ...delta }];
    if (delta.whole) parts.push({ type: "toolCall", ...call, arguments: value_of(call.arguments) });
    return parts;
  }
}

/** What the pieces of one step say together. */
export function step_of(parts: AnswerPart[]): Step {
  const step: Step = { text: "", reasoning: "", toolCalls: [], toolResults: [] };
  for (const { type, ...part } of parts) {
    if (type === "text") step.text += (part as { text: string }).text;
    else if (type === "reasoning") step.reasoning += (part as { text: string }).text;
    else if (type === "toolCall") step.toolCalls.push(part as ToolCall);
    else if (type === "toolResult") step.toolResults.push(part as ToolResult);
  }
  return step;
}

/** What a step adds to the conversation. */
export function messages_of({ text, reasoning, toolCalls, toolResults }: Step): Message[] {
  const answer: Message = { role: "assistant", content: text };
  if (reasoning !== "") answer.reasoning_content = reasoning;
  if (toolCalls.length > 0) {
    answer.tool_calls = toolCalls.map(({ id, ...call }) => ({ id, type: "function", function: call }));
  }
  const results = toolResults.map(
    ({ id, name, result, error }): Message => ({
      role: "tool",
      content: error === undefined ? text_of(result) : `Error: ${error}`,
      tool_call_id: id,
      name,
    }),
  );
  return [answer, ...results];
}

/** Runs the tool of a call; nothing where it has no `execute`. What that throws becomes the result's error. */
export async function run_call(
  tools: Tool[],
  { id, name, arguments: args }: ToolCall,
  signal: AbortSignal,
): Promise<ToolResult | undefined> {
  const tool = tools.find((tool) => tool.function?.name === name);
  if (!tool) return { id, name, error: `there is no tool "${name}"` };
  const execute: Execute | undefined = tool.execute;
  if (!execute) return undefined;
  if (typeof args !== "object" || args === null) return { id, name, error: "the arguments are no JSON object" };
  try {
    return { id, name, result: await execute(args, { id, signal }) };
  } catch (error) {
    return { id, name, error: error instanceof Error ? error.message : String(error) };
  }
}

function value_of(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}

function text_of(result: unknown): string {
  return typeof result === "string" ? result : (JSON.stringify(result) ?? "");
}
