import { HearthError } from "../errors.js";

type Bytes = Uint8Array<ArrayBuffer>;

const magic = "GGUF";

/**
 * Passes on the bytes of a download, from the first. INVALID_MODEL as soon as they cannot be a GGUF file's, so that nothing
 * is kept of what servers send in its place: the message says what that is.
 */
export async function* only_gguf(bytes: AsyncIterable<Bytes>, url: string): AsyncGenerator<Bytes, void> {
  let begin: Bytes = new Uint8Array(0);
  for await (const chunk of bytes) {
    if (begin.length >= magic.length) {
      yield chunk;
      continue;
    }
    begin = joined(begin, chunk);
    if (begin.length < magic.length) continue;
    if (text_of(begin.subarray(0, magic.length)) !== magic) throw no_gguf(begin, url);
    yield begin;
  }
  if (begin.length < magic.length) throw no_gguf(begin, url);
}

function no_gguf(begin: Bytes, url: string): HearthError {
  return new HearthError("INVALID_MODEL", `${url}: ${what_it_is(text_of(begin.subarray(0, 256)))}`, { url });
}

function what_it_is(text: string): string {
  if (text === "") return "the file is empty";
  if (/^\W*<(!doctype|html|head|body)/i.test(text)) {
    return "this is a web page (HTML), no model: is the address right, and does the server want a login (headers)?";
  }
  if (text.startsWith("version https://git-lfs")) {
    return "this is a Git LFS pointer, not the file that it stands for: take the address of that (at Hugging Face, one with /resolve/)";
  }
  return `begins with ${JSON.stringify(text.slice(0, 4))}, not with "GGUF": this is no model but something else; is the address right?`;
}

function text_of(bytes: Bytes): string {
  return new TextDecoder("latin1").decode(bytes);
}

function joined(first: Bytes, second: Bytes): Bytes {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
