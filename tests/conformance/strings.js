// Texts that tokenizers stumble over.

const WORDS = ["Hello", "world", "don't", "I'LL", "we've", "naïve", "Straße", "ﬁne", "ŒUVRE", "İstanbul", "ǅ", "привет", "ΣΊΣΥΦΟΣ", "日本語テキスト", "한국어", "ไทย", "नमस्ते", "שלום", "مرحبا", "🙂", "👩‍👩‍👧‍👦", "🇨🇭", "e\u0301", "\u200b", "\ufeff", "\u00a0", "\u3000", "\u2028", "\u{1d54f}", "\u0000a".slice(1), "\u007f", "ÿ", "\uffff", "\u{10ffff}"];

const NUMBERS = ["0", "42", "123", "1234", "12345678901234567890", "3.14159", "1,000,000", "0x1F", "1e-9", "²³", "Ⅷ", "٣٤٥", "१२३", "½"];

const SPACES = [" ", "  ", "   ", "\t", "\n", "\n\n", "\r\n", " \n", "\n ", " \t ", "a b", "a  b", "a   b", "a\tb", " a", "  a", "a ", "a  ", "\ta", "a\n\n\nb", "   \n   \n", "\u00a0a", "a\u3000b", "x\r\ny", "\v\f"];

const PUNCTUATION = ["!", "...", "?!?!", "(a)", "[b]", "{c}", "a,b;c:d", "\"quoted\"", "'single'", "‘curly’", "—dash—", "a/b\\c", "#!/bin/sh", "$100", "100%", "a@b.c", "https://example.org/a?b=c&d=%20#e", "C++20", "x = y**2;", "if (a<b) { return; }", "\\n", "``code``", "~~", "^^", "||", "<>", "&amp;", "'s 't 're 've 'm 'll 'd", "'S 'T 'RE 'VE", "_under_score_", "camelCaseWord", "SCREAMING", "a-b-c", "e.g. i.e."];

const LONG = ["a".repeat(300), "ab".repeat(150), " ".repeat(100), "\n".repeat(50), "1".repeat(100), "!".repeat(77), "é".repeat(64), "🙂".repeat(33), "word ".repeat(60), "Zz9 ".repeat(40)];

const NAMES = ["<s>", "</s>", "<unk>", "<|endoftext|>", "<|im_start|>user\nhi<|im_end|>", "<start_of_turn>", "<bos>", "<0x41>", "<|", "|>", "[INST] x [/INST]", "<|user|>", "a<s>b", "<s> <s>"];

const SENTENCES = ["The quick brown fox jumps over the lazy dog.", "In 1969, Apollo 11 landed; 600 million people watched!", "Das ist ja wohl — wie sagt man? — unglaublich.", "def f(x):\n    return x + 1\n\n\nclass A:\n\tpass\n", "SELECT * FROM t WHERE a = 'b' AND c >= 10;", "Il était une fois… l’été.", "我喜欢吃苹果，你呢？", "これは、テスト。です", "Nous sommes le 14/07/2024 à 12h30.", "The  end .\n"];

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
