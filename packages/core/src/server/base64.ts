/** Characters that String.fromCharCode takes as arguments everywhere. */
const most_arguments = 8192;

export function base64_of({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  const parts: string[] = [];
  for (let begin = 0; begin < bytes.length; begin += most_arguments) {
    parts.push(String.fromCharCode(...bytes.subarray(begin, begin + most_arguments)));
  }
  return btoa(parts.join(""));
}
