/** Calls by name as they cross into the engine: hearth_call of engine/hearth.h. */

import { json_text } from "./json.js";

export interface CallArguments {
  /** An array. */
  json: string;
  /** The typed array that was among the arguments. */
  data: Int32Array | Uint8Array | undefined;
}

export function call_arguments(args: unknown[]): CallArguments {
  const data = args.find((arg) => ArrayBuffer.isView(arg)) as CallArguments["data"];
  return { json: json_text(args.filter((arg) => arg !== data)), data };
}

/** What a reply says, by its hearth_reply_type. */
export function reply_value(type: number, data: Uint8Array<ArrayBuffer>): unknown {
  const text = () => new TextDecoder().decode(data);
  const values = [data.buffer, data.byteOffset, data.byteLength / 4] as const;
  const readers = [
    () => undefined,
    () => JSON.parse(text()),
    text,
    () => data,
    () => new Int32Array(...values),
    () => new Float32Array(...values),
  ];
  return readers[type]?.();
}
