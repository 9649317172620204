/** A language model of the AI SDK's specification, on a model of Hearth. */

import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4Content,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamResult,
} from "@ai-sdk/provider";
import { type GenerateResult, generateText, streamText } from "@hearth/core";
import { failure, finish_reason, metadata_of, response_metadata, usage_of, warnings_of } from "./answer.js";
import { request_of } from "./request.js";
import type { ModelSource } from "./sources.js";
import { stream_parts } from "./stream_parts.js";

export class HearthLanguageModel implements LanguageModelV4 {
  readonly specificationVersion = "v4";
  readonly provider = "hearth";
  readonly modelId: string;
  readonly supportedUrls = {};
  readonly #source: ModelSource;

  constructor(source: ModelSource) {
    this.modelId = source.id;
    this.#source = source;
  }

  async doGenerate(call: LanguageModelV4CallOptions): Promise<LanguageModelV4GenerateResult> {
    const { options, warnings } = request_of(call);
    try {
      const { done } = await this.#source.use(
        (model) => ({ done: generateText({ ...options, model }) }),
        call.abortSignal,
      );
      const result = await done;
      return {
        content: content_of(result),
        finishReason: finish_reason(result),
        usage: usage_of(result),
        warnings: [...warnings, ...warnings_of(result.warnings)],
        providerMetadata: metadata_of(result),
        response: response_metadata(this.modelId),
      };
    } catch (error) {
      throw failure(error, call.abortSignal);
    }
  }

  async doStream(call: LanguageModelV4CallOptions): Promise<LanguageModelV4StreamResult> {
    const { options, warnings } = request_of(call);
    try {
      const { answer } = await this.#source.use((model) => {
        const answer = streamText({ ...options, model });
        return { answer, done: answer.settled };
      }, call.abortSignal);
      return { stream: stream_parts(answer, warnings, response_metadata(this.modelId), call.abortSignal) };
    } catch (error) {
      throw failure(error, call.abortSignal);
    }
  }
}

function content_of({ reasoning, text, toolCalls }: GenerateResult): LanguageModelV4Content[] {
  const content: LanguageModelV4Content[] = [];
  if (reasoning !== "") content.push({ type: "reasoning", text: reasoning });
  if (text !== "") content.push({ type: "text", text });
  for (const { id, name, arguments: input } of toolCalls) {
    content.push({
      type: "tool-call",
      toolCallId: id,
      toolName: name,
      input: typeof input === "string" ? input : JSON.stringify(input),
    });
  }
  return content;
}
