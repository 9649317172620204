// A vocabulary of byte-pair encoding whose merges pay no heed to words, so that wherever a text is cut, its tokens show it;
// and what a text's tokens are by it.

import { vocabularyFile } from "./gguf.js";

/// Every byte as a visible character, as GPT-2 has it.
const BYTE_CHARACTERS = (() => {
  const characters = [];
  let moved = 0;
  for (let byte = 0; byte < 256; byte++) {
    const visible = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    characters.push(String.fromCharCode(visible ? byte : 0x100 + moved++));
  }
  return characters;
})();

export const byteName = (byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;

/// The same order of anything in every run.
export function hash(text) {
  let value = 2166136261;
  for (const character of text) value = Math.imul(value ^ character.codePointAt(0), 16777619) >>> 0;
  return Math.imul(value ^ (value >>> 15), 2246822519) >>> 0;
}

const pairOf = (left, right) => `${left} ${right}`;

export class TestVocabulary {
  /// `pieces`: in characters with spaces as U+2581, and bytes where it has none; otherwise in bytes.
  constructor(texts, pieces) {
    this.pieces = pieces;
    this.merges = new Map(); // "left right" to its rank
    this.tokens = [];
    this.types = [];
    this.ids = new Map();
    for (const name of ["<|first|>", "<|last|>"]) this.add(name, 3);
    const units = texts.map((text) => this.unitsOf(text));
    if (pieces) {
      for (let byte = 0; byte < 256; byte++) this.add(byteName(byte), 6);
      // One is left out, and comes out in bytes.
      for (const unit of new Set(units.flat())) if (unit !== "🙂") this.add(unit);
      for (let count = 2; count < 60; count += 3) this.add("\n".repeat(count));
    } else {
      for (const character of BYTE_CHARACTERS) this.add(character);
    }
    // Tokens of up to eight units: each round joins neighbours of the one before.
    for (let round = 0, parts = units; round < 3; round++) {
      this.learn(parts);
      parts = parts.map((part) => this.merge(part));
    }
  }

  add(token, type = 1) {
    if (this.ids.has(token)) return;
    this.ids.set(token, this.tokens.length);
    this.tokens.push(token);
    this.types.push(type);
  }

  unitsOf(text) {
    if (this.pieces) return [...text.replaceAll(" ", "\u2581")];
    return [...Buffer.from(text)].map((byte) => BYTE_CHARACTERS[byte]);
  }

  /// Ranks every pair of neighbours that there is not yet.
  learn(parts) {
    const pairs = new Map();
    for (const part of parts) {
      for (let i = 1; i < part.length; i++) {
        const pair = pairOf(part[i - 1], part[i]);
        const joined = part[i - 1] + part[i];
        // Line ends are tokens of their own; what looks like </s> would be an end of answers.
        if ((this.pieces && /\n|🙂/u.test(joined)) || /^<.*>$/.test(joined)) continue;
        if (!this.merges.has(pair)) pairs.set(pair, joined);
      }
    }
    for (const [pair, joined] of [...pairs].sort(([a], [b]) => hash(a) - hash(b))) {
      this.merges.set(pair, this.merges.size);
      this.add(joined);
    }
  }

  /// Joins the pair of the lowest rank, the first of them, until there is none.
  merge(units) {
    const parts = [...units];
    const rank = (i) => this.merges.get(pairOf(parts[i], parts[i + 1])) ?? Infinity;
    const ranks = parts.map((_, i) => (i + 1 < parts.length ? rank(i) : Infinity));
    for (;;) {
      let best = 0;
      for (let i = 1; i < ranks.length; i++) if (ranks[i] < ranks[best]) best = i;
      if (!(ranks[best] < Infinity)) return parts;
      parts.splice(best, 2, parts[best] + parts[best + 1]);
      ranks.splice(best, 1);
      ranks[best] = best + 1 < parts.length ? rank(best) : Infinity;
      if (best > 0) ranks[best - 1] = rank(best - 1);
    }
  }

  /// The bytes that a token in bytes stands for.
  bytesOf(token) {
    return Buffer.from([...token].map((character) => BYTE_CHARACTERS.indexOf(character)));
  }

  /// The ids of one word.
  encode(word, { whole = false, keepsLineEnds = false }) {
    const units = this.unitsOf(word);
    const isKept = whole || (keepsLineEnds && /^\n+$/.test(word));
    const kept = isKept ? this.ids.get(units.join("")) : undefined;
    if (kept !== undefined) return [kept];
    return this.merge(units).flatMap((part) => {
      const id = this.ids.get(part);
      return id !== undefined ? [id] : [...Buffer.from(part)].map((byte) => this.ids.get(byteName(byte)));
    });
  }

  /// As a GGUF file.
  toGguf(model, pre) {
    return vocabularyFile({
      "tokenizer.ggml.model": model,
      "tokenizer.ggml.pre": pre,
      "tokenizer.ggml.tokens": this.tokens,
      "tokenizer.ggml.token_type": Int32Array.from(this.types),
      "tokenizer.ggml.merges": [...this.merges.keys()],
      "tokenizer.ggml.bos_token_id": 0,
      "tokenizer.ggml.eos_token_id": 1,
    });
  }
}
