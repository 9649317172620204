// Texts that tokenizers stumble over.

const WORDS = [
  "Hello",
  "world",
  "don't",
  "I'LL",
  "we've",
  "naïve",
  "Straße",
  "ﬁne",
  "ŒUVRE",
  "İstanbul",
  "ǅ",
  "привет",
  "ΣΊΣΥΦΟΣ",
  "日本語テキスト",
  "한국어",
  "ไทย",
  "नमस्ते",
  "שלום",
  "مرحبا",
  "🙂",
  "👩‍👩‍👧‍👦",
  "🇨🇭",
  "e\u0301",
  "\u200b",
  "\ufeff",
  "\u00a0",
  "\u3000",
  "\u2028",
  "\u{1d54f}",
  "\u0000a".slice(1),
  "\u007f",
  "ÿ",
  "\uffff",
  "\u{10ffff}",
];

const NUMBERS = [
  "0",
  "42",
  "123",
  "1234",
  "12345678901234567890",
  "3.14159",
  "1,000,000",
  "0x1F",
  "1e-9",
  "²³",
  "Ⅷ",
  "٣٤٥",
  "१२३",
  "½",
];

const SPACES = [
  " ",
  "  ",
  "   ",
  "\t",
  "\n",
  "\n\n",
  "\r\n",
  " \n",
  "\n ",
  " \t ",
  "a b",
  "a  b",
  "a   b",
  "a\tb",
  " a",
  "  a",
  "a ",
  "a  ",
  "\ta",
  "a\n\n\nb",
  "   \n   \n",
  "\u00a0a",
  "a\u3000b",
  "x\r\ny",
  "\v\f",
];

const PUNCTUATION = [
  "!",
  "...",
  "?!?!",
  "(a)",
  "[b]",
  "{c}",
  "a,b;c:d",
  '"quoted"',
  "'single'",
  "‘curly’",
  "—dash—",
  "a/b\\c",
  "#!/bin/sh",
  "$100",
  "100%",
  "a@b.c",
  "https://example.org/a?b=c&d=%20#e",
  "C++20",
  "x = y**2;",
  "if (a<b) { return; }",
  "\\n",
  "``code``",
  "~~",
  "^^",
  "||",
  "<>",
  "&amp;",
  "'s 't 're 've 'm 'll 'd",
  "'S 'T 'RE 'VE",
  "_under_score_",
  "camelCaseWord",
  "SCREAMING",
  "a-b-c",
  "e.g. i.e.",
];

const LONG = [
  "a".repeat(300),
  "ab".repeat(150),
  " ".repeat(100),
  "\n".repeat(50),
  "1".repeat(100),
  "!".repeat(77),
  "é".repeat(64),
  "🙂".repeat(33),
  "word ".repeat(60),
  "Zz9 ".repeat(40),
];

const NAMES = [
  "<s>",
  "</s>",
  "<unk>",
  "<|endoftext|>",
  "<|im_start|>user\nhi<|im_end|>",
  "<start_of_turn>",
  "<bos>",
  "<0x41>",
  "<|",
  "|>",
  "[INST] x [/INST]",
  "<|user|>",
  "a<s>b",
  "<s> <s>",
];

const SENTENCES = [
  "The quick brown fox jumps over the lazy dog.",
  "In 1969, Apollo 11 landed; 600 million people watched!",
  "Das ist ja wohl — wie sagt man? — unglaublich.",
  "def f(x):\n    return x + 1\n\n\nclass A:\n\tpass\n",
  "SELECT * FROM t WHERE a = 'b' AND c >= 10;",
  "Il était une fois… l’été.",
  "我喜欢吃苹果，你呢？",
  "これは、テスト。です",
  "Nous sommes le 14/07/2024 à 12h30.",
  "The  end .\n",
];

/// Each on its own.
export const STRINGS = ["", ...WORDS, ...NUMBERS, ...SPACES, ...PUNCTUATION, ...NAMES, ...SENTENCES, ...LONG];

/// Few texts that hold all of them: neighbours meet in every way, and one run of a program checks many.
export const DOCUMENTS = [
  STRINGS.join("\n"),
  STRINGS.join(" "),
  STRINGS.join(""),
  [...STRINGS].reverse().join(""),
  ...["", " ", "  ", "\n", " a", "a ", "Hello world", "\n\n x", "<s>", "🙂", "e\u0301", ...SENTENCES.slice(0, 3)],
];

/// A text of `count` pieces of every kind in an order of no sense, the same for a seed.
function jumble(seed, count) {
  const kinds = [
    ["a", "b", "the", "x", "is", "straße", "é", "ñ"],
    ["A", "B", "The", "HTTP", "É", "Σ", "ǅ"],
    ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d", "'S", "'LL", "'", "’s"],
    ["1", "12", "123", "1234", "12345", "123456", "1234567", "٣", "½", "Ⅷ", "१२"],
    [" ", " ", " ", "  ", "   ", "    ", "\t", "\u00a0", "\u3000", "\u2003"],
    ["\n", "\n\n", "\r\n", " \n", "\n ", "\r"],
    [".", ",", "!", "?", "...", "/", "//", "-", "_", "(", ")", "#", '"', "\\", "…", "、", "。", "،", "—", "！"],
    ["$", "+", "<", "=", ">", "^", "~", "|", "`", "€", "×", "°", "☃"],
    ["東京", "我", "的", "ひらがな", "カタカナ", "ー", "ㄅㄆ", "丁", "鿿"],
    ["한국", "어", "ㄱ", "ᄀ", "ไทย", "ก็", "ລາວ", "မြန်", "ខ្មែរ", "हिन्दी", "עברית", "عربي"],
    ["\u0301", "e\u0301", "\u0e31", "\u20dd", "🙂", "👩‍👩‍👧", "🇨🇭", "\ufeff", "\u200b", "\u0000a".slice(1)],
    ["IMGIMGABZ", "<sentinel:1>", "http://", "x1", "1x", "a1b2"],
  ];
  let state = seed;
  const next = (size) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >> 12) % size;
  };
  let text = "";
  for (let i = 0; i < count; i++) {
    const kind = kinds[next(kinds.length)];
    text += kind[next(kind.length)];
  }
  return text;
}

/// Where rules for words may cut in other places.
export const JUMBLES = [1, 2, 3].map((seed) => jumble(seed, 1500)).concat(STRINGS.join(" "), STRINGS.join(""));
