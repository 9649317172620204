/** Bytes as text of an HTML page, seven bits to a character: apps/bundle/seven_bits.h, which writes the same, says how. */

export function from_seven_bits(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(Math.floor((text.length * 7) / 8));
  let bits = 0;
  let count = 0;
  let at = 0;
  for (let index = 0; index < text.length; ++index) {
    bits = ((bits << 7) | ((text.charCodeAt(index) & 127) ^ 64)) & 0xffff;
    count += 7;
    if (count < 8) continue;
    count -= 8;
    bytes[at++] = bits >> count;
  }
  return bytes;
}

/** In latin1: as UTF-8 in a page, what has 128 added takes two bytes. */
export function to_seven_bits(bytes: Uint8Array): string {
  const codes = new Uint8Array(Math.ceil((bytes.length * 8) / 7));
  let bits = 0;
  let count = 0;
  let at = 0;
  const add = (value: number) => {
    const code = (value & 127) ^ 64;
    codes[at++] = code === 0 || code === 13 || code === 60 ? code | 128 : code;
  };
  for (const byte of bytes) {
    bits = ((bits << 8) | byte) & 0xffff;
    for (count += 8; count >= 7; count -= 7) add(bits >> (count - 7));
  }
  if (count > 0) add(bits << (7 - count));
  return Array.from({ length: Math.ceil(codes.length / 8192) }, (_, index) =>
    String.fromCharCode(...codes.subarray(index * 8192, (index + 1) * 8192)),
  ).join("");
}
