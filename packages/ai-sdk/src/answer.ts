/** What is told of an answer besides its text: why it ended, what it took, what was made of the request. */

import type {
  JSONObject,
  LanguageModelV4FinishReason,
  LanguageModelV4Usage,
  SharedV4ProviderMetadata,
  SharedV4Warning,
} from "@ai-sdk/provider";
import type { GenerateResult } from "@hearth/core";

export function finish_reason({ finishReason }: GenerateResult): LanguageModelV4FinishReason {
  return { unified: finishReason === "cancelled" ? "other" : finishReason, raw: finishReason };
}

export function usage_of({ usage }: GenerateResult): LanguageModelV4Usage {
  const { promptTokens, cachedTokens, completionTokens } = usage;
  return {
    inputTokens: {
      total: promptTokens,
      noCache: promptTokens - cachedTokens,
      cacheRead: cachedTokens,
      cacheWrite: undefined,
    },
    outputTokens: { total: completionTokens, text: undefined, reasoning: undefined },
    raw: { ...usage },
  };
}

/** Of an answer that failed. */
export const unknown_usage: LanguageModelV4Usage = {
  inputTokens: { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: undefined, text: undefined, reasoning: undefined },
};

/** What Hearth tells beyond the specification. */
export function metadata_of({ seed, timings, turnsLeftOut, logprobs }: GenerateResult): SharedV4ProviderMetadata {
  const told = { seed, timings: { ...timings }, turnsLeftOut, ...(logprobs && { logprobs }) };
  return { hearth: told as unknown as JSONObject };
}

export function warnings_of(messages: string[]): SharedV4Warning[] {
  return messages.map((message) => ({ type: "other", message }));
}

/** Of a response; the id is unique, as a server's would be. */
export function response_metadata(modelId: string): { id: string; timestamp: Date; modelId: string } {
  return { id: `hearth-${random_name()}`, timestamp: new Date(), modelId };
}

/** Without crypto.randomUUID, which pages have in secure contexts only. */
function random_name(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What a call ends with: where it was aborted, the reason of its signal, as with fetch. */
export function failure(error: unknown, signal: AbortSignal | undefined): unknown {
  return signal?.aborted ? signal.reason : error;
}
