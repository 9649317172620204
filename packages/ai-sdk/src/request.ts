/** The options of a call, as Hearth's; with warnings for what is left out. */

import type { JSONObject, LanguageModelV4CallOptions, SharedV4Warning } from "@ai-sdk/provider";
import { type GenerateOptions, HearthError, type SamplingOptions, type Tool } from "@hearth/core";
import { messages_of } from "./messages.js";

/** `providerOptions.hearth` of a call that generates: those of Hearth's options that `ai` has no name for, and their like. */
export type HearthGenerationOptions = SamplingOptions &
  Pick<GenerateOptions, "keepReasoning" | "templateVariables" | "whenFull">;

export interface Request {
  options: Omit<GenerateOptions, "model">;
  warnings: SharedV4Warning[];
}

/** Of GenerateOptions, those that a call says in its own words. */
const set_by_call = ["model", "prompt", "raw", "messages", "system", "tools", "toolChoice", "maxSteps", "signal"];

export function request_of(call: LanguageModelV4CallOptions): Request {
  const warnings: SharedV4Warning[] = [];
  const own = own_options(call.providerOptions?.hearth, set_by_call) as HearthGenerationOptions;
  const { variables, ...reasoning } = reasoning_options(call.reasoning);
  const options: Request["options"] = {
    ...defined({
      maxTokens: call.maxOutputTokens,
      temperature: call.temperature,
      topP: call.topP,
      topK: call.topK,
      presencePenalty: call.presencePenalty,
      frequencyPenalty: call.frequencyPenalty,
      stop: call.stopSequences?.length ? call.stopSequences : undefined,
      seed: call.seed,
      jsonSchema: json_schema(call.responseFormat),
    }),
    ...reasoning,
    ...own,
    messages: messages_of(call.prompt),
    signal: call.abortSignal,
    ...tool_options(call, warnings),
  };
  const { templateVariables = {} } = own;
  // What is no object is refused as it is.
  if (variables && typeof templateVariables === "object")
    options.templateVariables = { ...variables, ...templateVariables };
  return { options, warnings };
}

/** Of providerOptions, with those in `taken` refused; the others are checked where they are used. */
export function own_options(options: JSONObject | undefined, taken: string[]): object {
  const misplaced = taken.find((name) => options?.[name] !== undefined);
  if (misplaced === undefined) return options ?? {};
  throw new HearthError(
    "INVALID_ARGUMENT",
    `providerOptions.hearth.${misplaced}: the call itself says this, not an option`,
  );
}

function defined<Options extends object>(options: Options): Options {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options;
}

function json_schema(format: LanguageModelV4CallOptions["responseFormat"]): SamplingOptions["jsonSchema"] {
  return format?.type === "json" ? (format.schema ?? { type: "object" }) : undefined;
}

function tool_options({ tools, toolChoice, responseFormat }: LanguageModelV4CallOptions, warnings: SharedV4Warning[]) {
  const known: Tool[] = [];
  for (const tool of tools ?? []) {
    if (tool.type === "provider") {
      warnings.push({ type: "unsupported", feature: `the tool ${tool.id}`, details: "it belongs to another provider" });
      continue;
    }
    const { name, description, inputSchema: parameters, strict, inputExamples } = tool;
    if (inputExamples?.length) {
      const details = "models are not shown them; ai's addToolInputExamplesMiddleware puts them into the description";
      warnings.push({ type: "unsupported", feature: `inputExamples of the tool ${name}`, details });
    }
    known.push({
      type: "function",
      function: { name, description, parameters: parameters as object as Record<string, unknown>, strict },
    });
  }
  if (known.length === 0) return {};
  if (responseFormat?.type === "json" && (toolChoice === undefined || toolChoice.type === "auto")) {
    const details =
      "the answer is JSON from its first byte; let the steps that shall call tools have toolChoice 'required'";
    warnings.push({ type: "compatibility", feature: "tools beside JSON", details });
  }
  return { tools: known, toolChoice: toolChoice?.type === "tool" ? toolChoice.toolName : toolChoice?.type };
}

/** As `hearth serve` takes reasoning_effort: chat templates know three. */
function reasoning_options(effort: LanguageModelV4CallOptions["reasoning"]): {
  reasoningBudget?: number;
  variables?: Record<string, unknown>;
} {
  switch (effort) {
    case undefined:
    case "provider-default":
      return {};
    case "none":
      return { reasoningBudget: 0, variables: { enable_thinking: false } };
    case "minimal":
    case "low":
      return { variables: { enable_thinking: true, reasoning_effort: "low" } };
    case "medium":
      return { variables: { enable_thinking: true, reasoning_effort: "medium" } };
    default:
      return { variables: { enable_thinking: true, reasoning_effort: "high" } };
  }
}
