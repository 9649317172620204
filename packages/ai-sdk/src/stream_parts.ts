/** An answer while it is written, in the parts that the specification has for streams. */

import type { LanguageModelV4StreamPart, SharedV4Warning } from "@ai-sdk/provider";
import type { StreamedText, StreamPart, ToolCallDelta } from "@hearth/core";
import { finish_reason, metadata_of, type response_metadata, unknown_usage, usage_of, warnings_of } from "./answer.js";

type Part = LanguageModelV4StreamPart;

/** As fast as it is read, so that an answer that nobody reads waits; it ends where the reading is given up. */
export function stream_parts(
  answer: StreamedText,
  warnings: SharedV4Warning[],
  response: ReturnType<typeof response_metadata>,
  signal: AbortSignal | undefined,
): ReadableStream<Part> {
  const writer = new PartWriter(warnings, response);
  const reader = answer.fullStream.getReader();
  const pull = async (controller: ReadableStreamDefaultController<Part>) => {
    try {
      let parts: Part[] = [];
      while (parts.length === 0) {
        const { done, value } = await reader.read();
        if (done) return controller.close();
        if (value.type === "finish" && value.finishReason === "cancelled") signal?.throwIfAborted();
        parts = writer.parts_of(value);
      }
      for (const part of parts) controller.enqueue(part);
    } catch (error) {
      if (signal?.aborted) return controller.error(signal.reason);
      for (const part of writer.parts_of_failure(error)) controller.enqueue(part);
      controller.close();
    }
  };
  return new ReadableStream<Part>({ pull, cancel: () => answer.abort() }, { highWaterMark: 0 });
}

interface Call {
  id: string;
  name: string;
  /** JSON that has not been passed on yet, since no id or name was known. */
  waiting: string;
  started: boolean;
}

/** Blocks have a beginning, pieces and an end; a block of another kind ends the one before. */
class PartWriter {
  readonly #response: ReturnType<typeof response_metadata>;
  /** Those known before the first piece, which is when they are told; undefined: they were. */
  #warnings: SharedV4Warning[] | undefined;
  #block: { type: "text" | "reasoning"; id: string } | undefined;
  #blocks = 0;
  readonly #calls: Call[] = [];

  constructor(warnings: SharedV4Warning[], response: ReturnType<typeof response_metadata>) {
    this.#warnings = [...warnings];
    this.#response = response;
  }

  parts_of(part: StreamPart): Part[] {
    if (part.type === "warning") {
      this.#warnings?.push(...warnings_of([part.message]));
      return [];
    }
    return [...this.#beginning(), ...this.#parts_of(part)];
  }

  parts_of_failure(error: unknown): Part[] {
    return [
      ...this.#beginning(),
      ...this.#end_block(),
      { type: "error", error },
      { type: "finish", finishReason: { unified: "error", raw: undefined }, usage: unknown_usage },
    ];
  }

  #parts_of(part: StreamPart): Part[] {
    switch (part.type) {
      case "text":
      case "reasoning":
        return part.text === "" ? [] : this.#grow_block(part.type, part.text);
      case "toolCallDelta":
        return [...this.#end_block(), ...this.#grow_call(part)];
      case "toolCall": {
        const input = typeof part.arguments === "string" ? part.arguments : JSON.stringify(part.arguments);
        return [{ type: "tool-call", toolCallId: part.id, toolName: part.name, input }];
      }
      case "finish":
        return [
          ...this.#end_block(),
          {
            type: "finish",
            finishReason: finish_reason(part),
            usage: usage_of(part),
            providerMetadata: metadata_of(part),
          },
        ];
      default:
        return [];
    }
  }

  #beginning(): Part[] {
    if (!this.#warnings) return [];
    const warnings = this.#warnings;
    this.#warnings = undefined;
    return [
      { type: "stream-start", warnings },
      { type: "response-metadata", ...this.#response },
    ];
  }

  #grow_block(type: "text" | "reasoning", delta: string): Part[] {
    const before = this.#block?.type === type ? [] : this.#end_block();
    const begin: Part[] = [];
    if (!this.#block) {
      this.#block = { type, id: String(this.#blocks++) };
      begin.push({ type: `${type}-start`, id: this.#block.id });
    }
    return [...before, ...begin, { type: `${type}-delta`, id: this.#block.id, delta }];
  }

  #end_block(): Part[] {
    const block = this.#block;
    this.#block = undefined;
    return block ? [{ type: `${block.type}-end`, id: block.id }] : [];
  }

  /** A model may write a call's name or id last: until then what it writes waits. */
  #grow_call({ index, id, name, arguments: json = "", whole }: ToolCallDelta): Part[] {
    const call = this.#calls[index] ?? { id: "", name: "", waiting: "", started: false };
    this.#calls[index] = call;
    call.id ||= id ?? "";
    call.name ||= name ?? "";
    call.waiting += json;
    const parts: Part[] = [];
    if (call.id === "" || call.name === "") return parts;
    if (!call.started) parts.push({ type: "tool-input-start", id: call.id, toolName: call.name });
    call.started = true;
    if (call.waiting !== "") parts.push({ type: "tool-input-delta", id: call.id, delta: call.waiting });
    call.waiting = "";
    if (whole) parts.push({ type: "tool-input-end", id: call.id });
    return parts;
  }
}
