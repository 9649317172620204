// A file for each kind of vocabulary that no generated model has, and texts for it.
import { vocabularyFile } from "./gguf.js";
import { byteName, hash, TestVocabulary } from "./vocabulary.js";

const NORMAL = 1;
const UNKNOWN = 2;
const CONTROL = 3;
const BYTE = 6;

const BYTES = Array.from({ length: 256 }, (_, byte) => byte);

/// As Python writes bytes, and RWKV's files their tokens.
function escaped(bytes) {
  const both = bytes.includes(0x22) && bytes.includes(0x27);
  const one = (byte) => {
    const named = { 9: "\\t", 10: "\\n", 13: "\\r", 92: "\\\\" }[byte];
    if (named !== undefined) return named;
    if (byte === 0x27 && both) return "\\'";
    return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`;
  };
  return [...bytes].map(one).join("");
}

const keysOf = (model, tokens, more = {}) => ({
  "tokenizer.ggml.model": model,
  "tokenizer.ggml.tokens": tokens.map(([text]) => text),
  "tokenizer.ggml.token_type": Int32Array.from(tokens.map(([, type]) => type)),
  "tokenizer.ggml.scores": Float32Array.from(tokens.map(([, , score = 0]) => score)),
  ...more,
});

/// Likely where long, by chance within a length.
const scoreOf = (text) => -(2 + (hash(text) % 30_000) / 1e4 + 9 / [...text].length);

function rwkv(texts) {
  const { tokens, types } = new TestVocabulary(texts, false);
  const learnt = new TestVocabulary(texts, false);
  const known = tokens.filter((_, id) => types[id] === NORMAL).map((token) => escaped(learnt.bytesOf(token)));
  return vocabularyFile(keysOf("rwkv", [["<s>", CONTROL], ...known.map((text) => [text, NORMAL])]));
}

/// The tokens of a vocabulary in characters, with `space` for a space.
const pieces = (texts, space) => {
  const { tokens, types } = new TestVocabulary(texts, true);
  return tokens
    .filter((_, id) => types[id] === NORMAL)
    .map((token) => token.replaceAll("\u2581", space))
    .map((text) => [text, NORMAL, scoreOf(text)]);
};

function plamo(texts) {
  const special = ["unk", "bos", "eos", "pad"].map((name, id) => [`<|plamo:${name}|>`, id === 0 ? UNKNOWN : CONTROL]);
  const bytes = BYTES.map((byte) => [byteName(byte), BYTE]);
  return vocabularyFile(keysOf("plamo2", [...special, ...bytes, ...pieces(texts, " ")]));
}

const unigram = (adds_space, joins_spaces) => (texts) => {
  const special = [
    ["<pad>", CONTROL],
    ["<end>", CONTROL],
    ["<unk>", UNKNOWN],
  ];
  return vocabularyFile(
    keysOf("t5", [...special, ...pieces(texts, "\u2581")], {
      "tokenizer.ggml.add_space_prefix": adds_space,
      "tokenizer.ggml.remove_extra_whitespaces": joins_spaces,
    }),
  );
};

const KMERS = ["ACGTAC", "TTTTTT", "CCCCCC", "GATTAC", "AAAAAA", "GAAAAA"];

function dna(texts) {
  const words = new TestVocabulary(texts, false);
  for (const name of ["<dna>", "</dna>", "<oov>"]) words.add(name);
  for (const kmer of KMERS) words.add(`${kmer}\ue000`);
  return words.toGguf("hybriddna", "hunyuan");
}

const withDna = (text) =>
  `CCCCCC ${text.slice(0, 400)}<dna>acgtacGATTACNNttttttg</dna>${text.slice(400)}<dna></dna><dna>CCCCCCcc`;

/// RWKV has no token for <s>; llama.cpp takes the file's, which stands for the beginning, wherever a text spells it.
const withoutBeginning = (text) => text.replaceAll("<s>", "");

/// A size that is no power of two, so that all of a hash counts.
const hashed = () =>
  vocabularyFile(
    keysOf(
      "test",
      Array.from({ length: 1001 }, (_, token) => [`tok_${token}`, NORMAL]),
    ),
  );

/// `write` makes the file from the texts that it is to know tokens of, `alter` what is compared of each of them;
/// `givesBack`: decoding gives the text.
export const KINDS = [
  { name: "rwkv", write: rwkv, alter: withoutBeginning, givesBack: true },
  { name: "plamo2", write: plamo, givesBack: true },
  { name: "test", write: hashed },
  { name: "hybriddna", write: dna, alter: withDna },
  { name: "t5, spaces as they are", write: unigram(false, false) },
  { name: "t5, a space before", write: unigram(true, false) },
  { name: "t5, one space between words", write: unigram(true, true) },
];
