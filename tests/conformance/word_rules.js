// The rules by which byte-pair encoding cuts text into words: for every name of `tokenizer.ggml.pre` the expressions that
// the models' own tokenizer.json has, as JavaScript runs them, and a vocabulary that shows every cut.

// What \s, \d and \w are to Unicode; JavaScript's own \s takes U+FEFF in and leaves U+0085 out.
const S = "\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const WORD =
  "\\p{L}\\p{M}\\p{Nd}\\p{Nl}\\p{Pc}\\u24b6-\\u24e9\\u{1f130}-\\u{1f149}\\u{1f150}-\\u{1f169}\\u{1f170}-\\u{1f189}";

const CONTRACTION = "'(?:[sS]|[tT]|[rR][eE]|[vV][eE]|[mM]|[lL][lL]|[dD])";
const SPACES = `[${S}]+(?![^${S}])|[${S}]+`;
const LINE_ENDS = `[${S}]*[\\r\\n]+|${SPACES}`;
const OTHERS = `[^${S}\\p{L}\\p{N}]+`;

const GPT2 = `'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?${OTHERS}|${SPACES}`;
const words = (contraction, letters, numbers, others = ` ?${OTHERS}[\\r\\n]*`) =>
  [contraction, letters, numbers, others, LINE_ENDS].filter((part) => part !== "").join("|");
const LED = "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+";
const LLAMA3 = words(CONTRACTION, LED, "\\p{N}{1,3}");
const QWEN2 = words(CONTRACTION, LED, "\\p{N}");

// o200k: a capital begins a word.
const UPPER = "\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}";
const LOWER = "\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}";
const cased = (numbers, tail) =>
  words(
    "",
    `[^\\r\\n\\p{L}\\p{N}]?[${UPPER}]*[${LOWER}]+${tail}|[^\\r\\n\\p{L}\\p{N}]?[${UPPER}]+[${LOWER}]*${tail}`,
    numbers,
    ` ?${OTHERS}[\\r\\n/]*`,
  );
const GPT4O = cased("\\p{N}{1,3}", `(?:${CONTRACTION})?`);
// As o200k, but Han is in no other word.
const upperNotHan = "(?:(?!\\p{Script=Han})[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}])";
const lowerNotHan = "(?:(?!\\p{Script=Han})[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}])";
const KIMI = words(
  "\\p{Script=Han}+",
  `[^\\r\\n\\p{L}\\p{N}]?${upperNotHan}*${lowerNotHan}+(?:${CONTRACTION})?|` +
    `[^\\r\\n\\p{L}\\p{N}]?${upperNotHan}+${lowerNotHan}*(?:${CONTRACTION})?`,
  "\\p{N}{1,3}",
);

const PUNCTUATED =
  "[!\"#$%&'()*+,\\-.\\/:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+";
const DEEPSEEK3 = `${PUNCTUATED}| ?[\\p{P}\\p{S}]+[\\r\\n]*|${LINE_ENDS}`;
const HAN_AND_KANA = "[\\u4e00-\\u9fa5\\u3040-\\u309f\\u30a0-\\u30ff]+";
const ASIAN = "[\\u4e00-\\u9fa5\\u0800-\\u4e00\\uac00-\\ud7ff]+";
/// The letters with case that DeepSeek's first tokenizer lists, by their numbers.
const CASED_LETTERS = [
  "41-5a 61-7a b5 c0-d6 d8-f6 f8-1ba 1bc-1bf 1c4-293 295-2af 370-373 376 377 37b-37d 37f 386 388-38a 38c 38e-3a1",
  "3a3-3f5 3f7-481 48a-52f 531-556 10a0-10c5 13a0-13f5 13f8-13fd 1c90-1cba 1cbd-1cbf 1d00-1d2b 1d6b-1d77 1d79-1d9a",
  "1e00-1f15 1f18-1f1d 1f20-1f45 1f48-1f4d 1f50-1f57 1f59 1f5b 1f5d 1f5f-1f7d 1f80-1fb4 1fb6-1fbc 1fbe 1fc2-1fc4",
  "1fc6-1fcc 1fd0-1fd3 1fd6-1fdb 1fe0-1fec 1ff2-1ff4 1ff6-1ffc 2102 2107 210a-2113 2115 2119-211d 2124 2126 2128",
  "212a-212d 212f-2134 2139 213c-213f 2145-2149 214e 2183 2184 2c00-2c7b 2c7e-2ce4 2ceb-2cee 2cf2 2cf3 a640-a66d",
  "a680-a69b a722-a76f a771-a787 a78b-a78e ab70-abbf fb00-fb06 fb13-fb17 ff21-ff3a ff41-ff5a 10400-1044f",
  "104b0-104d3 104d8-104fb 10c80-10cb2 10cc0-10cf2 118a0-118df 1e900-1e943",
]
  .join(" ")
  .replace(/[0-9a-f]+/g, "\\u{$&}")
  .replaceAll(" ", "");
const BLOOM = `[^(${S}|.,!?\\u2026\\u3002\\uff0c\\u3001\\u0964\\u06d4\\u060c)]+`;
const AFMOE_SCRIPTS =
  "[\\u4e00-\\u9fff\\u3400-\\u4dbf\\uf900-\\ufaff\\u3040-\\u309f\\u30a0-\\u30ff\\uff65-\\uff9f\\u2f00-\\u2fdf\\u0e40-\\u0e7f" +
  "\\u0e80-\\u0eff\\u1780-\\u17ff\\u1000-\\u109f\\uaa60-\\uaa7f\\ua9e0-\\ua9ff\\uac00-\\ud7af\\u1100-\\u11ff]+";
// \d{1,3}(?=(?:\d{3})*\b)
const THREES_OF_WORD = `\\p{Nd}{1,3}(?=(?:\\p{Nd}{3})*(?![${WORD}]))`;
const JAIS2_SPACES = [512, 256, 128, 64, 32, 16, 8, 4].map((n) => `[${S}]{${n}}(?![^${S}])`).join("|");

// What of a text llama.cpp cuts in the same way. It knows the case of ASCII letters alone and no marks beside them; in
// expressions that name the cases, it knows none.
const withoutCase = (text) => text.replace(/(?![A-Za-z])[\p{L}\p{M}]/gu, "");
const inLowerCase = (text) => withoutCase(text).toLowerCase();
/// What stands before a number goes with its first digits there, and comes apart from them only if it is in words.
const withoutSpacesBeforeNumbers = (text) => text.replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S}]+(?=\p{N})/gu, "");
/// It groups numbers that end no word, and others than decimal ones, as it does all.
const withoutOddNumbers = (text) =>
  withoutSpacesBeforeNumbers(inLowerCase(text).replace(/(?!\p{Nd})\p{N}/gu, "")).replace(/(\p{Nd})(?=[a-z_])/gu, "$1 ");
/// To it, white space beyond ASCII is in no range of characters, and digits are those of ASCII.
const withAsciiSpaces = (text) => text.replace(/(?![\0-\x7f])[\u0085\p{Z}]/gu, " ");
const withAsciiDigits = (text) => text.replace(/(?![\0-\x7f])\p{N}/gu, "");

/// `names` are cut by `expressions`, one after the other. `composes`: texts are in NFC first. `whole`: a word that is a token
/// is not taken apart. `pieces`: the vocabulary is in characters; `model`: its kind, if not "gpt2"; `keepsLineEnds`: line
/// ends that are a token are not taken apart. `alike`: what of a text llama.cpp cuts in the same way.
export const WORD_RULES = [
  {
    names: ["default"],
    expressions: ["[\\p{P}$+<=>^~|]+", GPT2, "\\p{N}+", "[0-9][0-9][0-9]"],
  },
  { names: ["falcon"], expressions: ["[\\p{P}$+<=>^~|`]+", GPT2, "[0-9][0-9][0-9]"] },
  {
    names: [
      ...["gpt-2", "phi-2", "jina-es", "jina-de", "gigachat", "jina-v2-es", "jina-v2-de", "a.x-4.0", "mellum"],
      ...["jina-v1-en", "jina-v2-code", "roberta-bpe", "jais", "trillion", "granite-docling", "exaone4"],
    ],
    expressions: [GPT2],
  },
  { names: ["mpt", "olmo", "modern-bert"], expressions: [GPT2], composes: true },
  {
    names: ["starcoder", "refact", "smollm", "codeshell", "exaone", "minerva-7b", "mellum2"],
    expressions: ["\\p{N}", GPT2],
  },
  { names: ["command-r"], expressions: ["\\p{N}", GPT2], composes: true },
  {
    names: [
      ...["llama3", "llama-v3", "llama-bpe", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2", "jina-v5-nano"],
    ],
    expressions: [LLAMA3],
    whole: true,
  },
  { names: ["dbrx", "smaug-bpe", "glm4", "chatglm-bpe"], expressions: [LLAMA3] },
  { names: ["jais-2"], expressions: [LLAMA3.replace(SPACES, `${JAIS2_SPACES}|[${S}]{1,2}(?![^${S}])|[${S}]{1}`)] },
  { names: ["minicpm5"], expressions: ["\\p{N}{1,3}", words(CONTRACTION, LED, "\\p{N}+")], whole: true },
  { names: ["hunyuan", "megrez", "grok-2", "solar-open", "kormo"], expressions: [QWEN2] },
  { names: ["qwen2", "deepseek-r1-qwen", "f2llmv2", "stablelm2"], expressions: [QWEN2], composes: true },
  {
    names: ["qwen35"],
    expressions: [
      words(CONTRACTION, "[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+", "\\p{N}", ` ?[^${S}\\p{L}\\p{M}\\p{N}]+[\\r\\n]*`),
    ],
    composes: true,
  },
  { names: ["bailingmoe", "bailingmoe2", "llada-moe"], expressions: [QWEN2.replace("[\\r\\n]+|", "[\\r\\n]|")] },
  { names: ["ufakzeka"], expressions: [words("", LED, "\\p{N}")] },
  {
    names: ["seed-coder"],
    expressions: [words(CONTRACTION, LED, "\\p{N}{1}", ` ?[^${S}\\p{L}\\p{N}\\r\\n]+`)],
  },
  { names: ["laguna"], expressions: ["[^\\n]+|[\\n]+", QWEN2] },
  {
    names: ["exaone-moe"],
    expressions: [
      words(
        CONTRACTION,
        "[^\\r\\n\\p{L}\\p{N}]?(?:\\p{L}\\p{M}*(?: \\p{L}\\p{M}*)*)+",
        "\\p{N}",
        ` ?${OTHERS}[\\r\\n/]?`,
      ).replace("[\\r\\n]+|", "[\\r\\n]|"),
    ],
  },
  { names: ["gpt-4o", "llama4", "kanana2", "talkie", "minimax-m2"], expressions: [GPT4O], alike: withoutCase },
  { names: ["granite-embed-multi-97m"], expressions: [GPT4O], whole: true, alike: withoutCase },
  { names: ["tekken"], expressions: [cased("\\p{N}", "")], whole: true, alike: withoutCase },
  {
    names: ["tiny_aya", "cohere2moe"],
    expressions: [THREES_OF_WORD, GPT4O],
    composes: true,
    alike: withoutOddNumbers,
  },
  {
    names: ["youtu"],
    expressions: [
      "[\\uac00-\\ud7a3\\u3131-\\u318e]+|[\\uff01\\u2026\\u201c\\u201d\\u2018\\u2019\\u2014\\uff1a\\uff1b\\uff0c\\u3001-\\u303f\\ufe30-\\ufe4f]+|[\\u3105-\\u312f]+|[\\u4e00-\\u9fa5\\u3040-\\u309f\\u30a0-\\u30ff]+",
      cased("\\p{N}", `(?:${CONTRACTION})?`),
    ],
    whole: true,
    alike: inLowerCase,
  },
  { names: ["kimi-k2"], expressions: [KIMI], alike: inLowerCase },
  {
    names: ["deepseek-llm"],
    expressions: [
      "[\\r\\n]",
      `[${S}]?[${CASED_LETTERS}]+`,
      `[${S}]?[!-\\/:-~\\uff01-\\uff0f\\uff1a-\\uff5e\\u2018-\\u201f\\u3000-\\u3002]+`,
      `[${S}]+$`,
      ASIAN,
      "\\p{N}+",
    ],
    alike: withAsciiSpaces,
  },
  {
    names: ["deepseek-coder"],
    expressions: ["[\\r\\n]", `[${S}]?\\p{L}+`, `[${S}]?\\p{P}+`, ASIAN, "\\p{N}"],
    alike: withAsciiSpaces,
  },
  {
    names: ["deepseek-v3", "hunyuan-dense", "joyai-llm", "hy_v4"],
    expressions: ["\\p{N}{1,3}", HAN_AND_KANA, DEEPSEEK3],
  },
  {
    names: ["spark2_5"],
    expressions: ["\\p{N}{1,3}", HAN_AND_KANA, `${PUNCTUATED}| ?[\\p{P}\\p{S}]+|[\\r\\n]|${SPACES}`, "\\p{N}"],
  },
  {
    names: ["afmoe"],
    expressions: ["\\p{N}{1,3}(?=(?:\\p{N}{3})*(?!\\p{N}))", AFMOE_SCRIPTS, DEEPSEEK3],
    alike: withoutSpacesBeforeNumbers,
  },
  { names: ["bloom", "poro-chat", "gpt3-finnish"], expressions: [` ?${BLOOM}`] },
  { names: ["viking"], expressions: [` ?${BLOOM}`, "\\p{N}"] },
  { names: ["superbpe"], expressions: ["\\p{N}+", "(?=(?:\\p{Nd}{3})+(?!\\p{Nd}))"], alike: withAsciiDigits },
  {
    names: ["chameleon"],
    expressions: [
      "<sentinel:[0-9]+>",
      "IMGIMG[A-I]{1,4}Z",
      "[\\t\\n]|    |  ",
      "\\p{N}",
      "[\\p{P}!-\\/:-@\\[-`{-~]",
      GPT2,
    ],
  },
  {
    names: ["gemma4", "granite-embed-multi-311m"],
    expressions: ["[^\\n]+|[\\n]+"],
    pieces: true,
    keepsLineEnds: true,
  },
  { names: ["sarvam-moe"], expressions: ["[^\\n]+|[\\n]+"], pieces: true },
  { names: ["whitespace"], expressions: [`[^${S}]+`], pieces: true, model: "whitespace" },
];

/// Cuts every part where the expression matches: matches are parts of their own, and what stands between them.
export function cutWords(text, expressions) {
  let parts = [text];
  for (const expression of expressions) {
    const matcher = new RegExp(expression, "gu");
    parts = parts.flatMap((part) => {
      const cuts = new Set([0, part.length]);
      for (const match of part.matchAll(matcher)) cuts.add(match.index).add(match.index + match[0].length);
      const places = [...cuts].sort((a, b) => a - b);
      return places.slice(1).map((end, i) => part.slice(places[i], end));
    });
  }
  return parts.filter((part) => part !== "");
}

/// Whether a part is white space alone.
export const isSpace = (part) => new RegExp(`^[${S}]+$`, "u").test(part);
