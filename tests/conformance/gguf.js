// GGUF files of a vocabulary alone.

const u32 = (value) => Buffer.from(Uint32Array.of(value).buffer);
const u64 = (value) => Buffer.from(BigUint64Array.of(BigInt(value)).buffer);
const string = (text) => Buffer.concat([u64(Buffer.byteLength(text)), Buffer.from(text)]);

/// The type of a value, as GGUF numbers it, and its bytes.
function typed(value) {
  if (typeof value === "string") return [u32(8), string(value)];
  if (typeof value === "boolean") return [u32(7), Buffer.of(value ? 1 : 0)];
  if (typeof value === "number") return [u32(4), u32(value)];
  const [type, elements] =
    value instanceof Float32Array
      ? [6, Buffer.from(value.buffer)]
      : value instanceof Int32Array
        ? [5, Buffer.from(value.buffer)]
        : [8, Buffer.concat(value.map(string))];
  return [u32(9), u32(type), u64(value.length), elements];
}

/// The bytes of a file with these keys and no tensors.
export function vocabularyFile(keys) {
  const entries = Object.entries({ "general.architecture": "llama", ...keys });
  const written = entries.flatMap(([key, value]) => [string(key), ...typed(value)]);
  return Buffer.concat([Buffer.from("GGUF"), u32(3), u64(0), u64(entries.length), ...written]);
}
