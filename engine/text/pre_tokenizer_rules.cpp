// The rules of every known pre-tokenizer, each beside the regular expression that it implements. The
// expressions are those of the models' own tokenizer.json; names are those of GGUF's `tokenizer.ggml.pre`.
#include <algorithm>
#include <iterator>

#include "engine/text/pre_tokenizer.h"
#include "engine/text/pre_tokenizer_characters.h"
#include "engine/text/pre_tokenizer_numbers.h"

namespace hearth {
namespace {

using Category = GeneralCategory;

template <CategorySet set>
bool is_in(const Character& c) {
  return c.in(set);
}

// Shared parts.

/// [^\r\n\p{L}\p{N}]
bool is_word_lead(const Character& c) { return !is_newline(c) && !c.in(kLetters | kNumbers); }

/// [^\r\n\p{L}\p{N}]?\p{L}+
constexpr Matcher kLedWord = with_lead<is_word_lead, run<is_letter>>;
///  ?[^\s\p{L}\p{N}]+[\r\n]*
constexpr Matcher kOthersAndNewlines = with_tail<spaced<run<is_other>>, run<is_newline>>;
///  ?[^\s\p{L}\p{N}]+[\r\n/]*
constexpr Matcher kOthersNewlinesAndSlashes = with_tail<spaced<run<is_other>>, run<is_newline_or_slash>>;

constexpr Matcher kNumberRun[] = {run<is_number>};                  // \p{N}+
constexpr Matcher kUpToThreeNumbers[] = {run_up_to<is_number, 3>};  // \p{N}{1,3}
constexpr Matcher kOneNumber[] = {exactly<is_number, 1>};           // \p{N}
constexpr Matcher kThreeDigits[] = {exactly<is_ascii_digit, 3>};    // [0-9][0-9][0-9]
constexpr Matcher kOneNewline[] = {exactly<is_newline, 1>};         // [\r\n]

// GPT-2.

// 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
constexpr Matcher kGpt2Words[] = {
    contraction<false>,    spaced<run<is_letter>>, spaced<run<is_number>>,
    spaced<run<is_other>>, spaces_but_last,        run<is_space>,
};
constexpr SplitRule kGpt2[] = {{kGpt2Words}};
constexpr SplitRule kStarcoder[] = {{kOneNumber}, {kGpt2Words}};

// Falcon, and what llama.cpp does where a file names no pre-tokenizer.

bool is_ascii_symbol(const Character& c) { return is_one_of(c, U"$+<=>^~|"); }
bool is_default_punctuation(const Character& c) { return c.in(kPunctuation) || is_ascii_symbol(c); }
bool is_falcon_punctuation(const Character& c) { return is_default_punctuation(c) || c.code_point == '`'; }
constexpr Matcher kDefaultPunctuation[] = {run<is_default_punctuation>};  // [\p{P}\$\+<=>\^~\|]+
constexpr Matcher kFalconPunctuation[] = {run<is_falcon_punctuation>};    // [\p{P}\$\+<=>\^~\|`]+
constexpr SplitRule kDefault[] = {{kDefaultPunctuation}, {kGpt2Words}, {kNumberRun}, {kThreeDigits}};
constexpr SplitRule kFalcon[] = {{kFalconPunctuation}, {kGpt2Words}, {kThreeDigits}};

// Llama 3 and Qwen 2, which differ in how many digits make a word.

// (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+
// |\s+(?!\S)|\s+
constexpr Matcher kLlama3Words[] = {
    contraction<true>, kLedWord,        run_up_to<is_number, 3>, kOthersAndNewlines,
    spaces_to_newline, spaces_but_last, run<is_space>,
};
// The same with \p{N} for \p{N}{1,3}
constexpr Matcher kQwen2Words[] = {
    contraction<true>, kLedWord,        exactly<is_number, 1>, kOthersAndNewlines,
    spaces_to_newline, spaces_but_last, run<is_space>,
};
// The same with \p{N}+
constexpr Matcher kMinicpm5Words[] = {
    contraction<true>, kLedWord,        run<is_number>, kOthersAndNewlines,
    spaces_to_newline, spaces_but_last, run<is_space>,
};
// The same without contractions: in Turkish an apostrophe begins a suffix
constexpr Matcher kUfakzekaWords[] = {
    kLedWord, exactly<is_number, 1>, kOthersAndNewlines, spaces_to_newline, spaces_but_last, run<is_space>,
};
constexpr SplitRule kLlama3[] = {{kLlama3Words}};
constexpr SplitRule kQwen2[] = {{kQwen2Words}};
constexpr SplitRule kUfakzeka[] = {{kUfakzekaWords}};
constexpr SplitRule kMinicpm5[] = {{kUpToThreeNumbers}, {kMinicpm5Words}};

// Qwen 3.5 counts marks as letters: [^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+ and  ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*
constexpr Predicate kLetterOrMark = is_in<kLetters | kMarks>;
bool is_other_but_mark(const Character& c) { return is_other(c) && !c.in(kMarks); }
constexpr Matcher kQwen35Words[] = {
    contraction<true>,     with_lead<is_word_lead, run<kLetterOrMark>>,
    exactly<is_number, 1>, with_tail<spaced<run<is_other_but_mark>>, run<is_newline>>,
    spaces_to_newline,     spaces_but_last,
    run<is_space>,
};
constexpr SplitRule kQwen35[] = {{kQwen35Words}};

// Seed-Coder keeps line ends out of what precedes them:  ?[^\s\p{L}\p{N}\r\n]+
constexpr Matcher kSeedCoderWords[] = {
    contraction<true>, kLedWord,        exactly<is_number, 1>, spaced<run<is_other>>,
    spaces_to_newline, spaces_but_last, run<is_space>,
};
constexpr SplitRule kSeedCoder[] = {{kSeedCoderWords}};

// Jais 2: as Llama 3, but white space in powers of two:
// \s{512}(?!\S)|\s{256}(?!\S)|\s{128}(?!\S)|\s{64}(?!\S)|\s{32}(?!\S)|\s{16}(?!\S)|\s{8}(?!\S)|\s{4}(?!\S)
// |\s{1,2}(?!\S)|\s{1}
template <size_t count>
size_t spaces_before_no_word(CharacterSpan text, size_t at) {
  const size_t end = exactly<is_space, count>(text, at);
  return end == text.size() || is_space(text[end]) ? end : at;
}
constexpr Matcher kJais2Words[] = {
    contraction<true>,          kLedWord,
    run_up_to<is_number, 3>,    kOthersAndNewlines,
    spaces_to_newline,          spaces_before_no_word<512>,
    spaces_before_no_word<256>, spaces_before_no_word<128>,
    spaces_before_no_word<64>,  spaces_before_no_word<32>,
    spaces_before_no_word<16>,  spaces_before_no_word<8>,
    spaces_before_no_word<4>,   spaces_before_no_word<2>,
    exactly<is_space, 1>,
};
constexpr SplitRule kJais2[] = {{kJais2Words}};

// EXAONE MoE: [^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+ takes single spaces between letters along;
//  ?[^\s\p{L}\p{N}]+[\r\n/]?
size_t spaced_letters(CharacterSpan text, size_t at) {
  size_t end = at;
  for (size_t i = at; i < text.size();) {
    if (end > at && is_blank(text[i])) ++i;
    if (i == text.size() || !is_letter(text[i])) break;
    end = i = run<is_in<kMarks>>(text, i + 1);
  }
  return end;
}
constexpr Matcher kExaoneMoeWords[] = {
    contraction<true>,     with_lead<is_word_lead, spaced_letters>,
    exactly<is_number, 1>, with_tail<spaced<run<is_other>>, run_up_to<is_newline_or_slash, 1>>,
    spaces_to_newline,     spaces_but_last,
    run<is_space>,
};
constexpr SplitRule kExaoneMoe[] = {{kExaoneMoeWords}};

// o200k (GPT-4o, Llama 4), Tekken (Mistral Nemo) and Kimi K2 also split where a capital begins a word.

constexpr CategorySet kUncased = category_set(Category::kLm, Category::kLo) | kMarks;
constexpr CategorySet kUpper = category_set(Category::kLu, Category::kLt) | kUncased;
constexpr CategorySet kLower = category_set(Category::kLl) | kUncased;

// [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+
constexpr Matcher kCapitalised = with_lead<is_word_lead, capitalised<is_in<kUpper>, is_in<kLower>>>;
// [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*
constexpr Matcher kCapitals = with_lead<is_word_lead, capitals<is_in<kUpper>, is_in<kLower>>>;

// Both with (?i:'s|'t|'re|'ve|'m|'ll|'d)? behind
// |\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+
constexpr Matcher kGpt4oWords[] = {
    with_tail<kCapitalised, contraction<true>>,
    with_tail<kCapitals, contraction<true>>,
    run_up_to<is_number, 3>,
    kOthersNewlinesAndSlashes,
    spaces_to_newline,
    spaces_but_last,
    run<is_space>,
};
// The same without contractions and with \p{N}
constexpr Matcher kTekkenWords[] = {
    kCapitalised,      kCapitals,       exactly<is_number, 1>, kOthersNewlinesAndSlashes,
    spaces_to_newline, spaces_but_last, run<is_space>,
};
constexpr SplitRule kGpt4o[] = {{kGpt4oWords}};
constexpr SplitRule kTekken[] = {{kTekkenWords}};

// Tiny Aya: \d{1,3}(?=(?:\d{3})*\b), then as GPT-4o. llama.cpp groups the digits of every \p{N}+.
constexpr Matcher kDigitsFromRightOfWord[] = {digits_from_right_of_word};
constexpr SplitRule kTinyAya[] = {{kDigitsFromRightOfWord, run<is_decimal_digit>}, {kGpt4oWords}};

// Youtu:
// [가-힣ㄱ-ㆎ]+|[！…“”‘’—：；，、-〿︰-﹏]+|[ㄅ-ㄯ]+|[一-龥぀-ゟ゠-ヿ]+ and
// then as GPT-4o with \p{N}
constexpr Matcher kYoutuScripts[] = {run<is_korean>, run<is_wide_punctuation>, run<is_bopomofo>,
                                     run<is_han_or_kana>};
constexpr Matcher kYoutuWords[] = {
    with_tail<kCapitalised, contraction<true>>,
    with_tail<kCapitals, contraction<true>>,
    exactly<is_number, 1>,
    kOthersNewlinesAndSlashes,
    spaces_to_newline,
    spaces_but_last,
    run<is_space>,
};
constexpr SplitRule kYoutu[] = {{kYoutuScripts}, {kYoutuWords}};

// Kimi K2: [\p{Han}]+ first, and Han is in no other word: [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]
bool is_upper_not_han(const Character& c) { return c.in(kUpper) && !is_han(c); }
bool is_lower_not_han(const Character& c) { return c.in(kLower) && !is_han(c); }
constexpr Matcher kKimiK2Words[] = {
    run<is_han>,
    with_tail<with_lead<is_word_lead, capitalised<is_upper_not_han, is_lower_not_han>>, contraction<true>>,
    with_tail<with_lead<is_word_lead, capitals<is_upper_not_han, is_lower_not_han>>, contraction<true>>,
    run_up_to<is_number, 3>,
    kOthersAndNewlines,
    spaces_to_newline,
    spaces_but_last,
    run<is_space>,
};
constexpr SplitRule kKimiK2[] = {{kKimiK2Words}};

// DeepSeek.

constexpr Matcher kAsianRun[] = {run<is_deepseek_asian>};
constexpr Matcher kHanAndKanaRun[] = {run<is_han_or_kana>};
constexpr Matcher kCasedWord[] = {with_lead<is_space, run<is_cased_letter>>};                  // \s?[A-Z...]+
constexpr Matcher kListedPunctuation[] = {with_lead<is_space, run<is_deepseek_punctuation>>};  // \s?[!-/...]+
constexpr Matcher kSpacesAtEnd[] = {spaces_at_end};                                            // \s+$
constexpr Matcher kSpacedWord[] = {with_lead<is_space, run<is_letter>>};                       // \s?\p{L}+
constexpr Matcher kSpacedPunctuation[] = {with_lead<is_space, run<is_in<kPunctuation>>>};      // \s?\p{P}+

constexpr SplitRule kDeepseekLlm[] = {{kOneNewline},  {kCasedWord}, {kListedPunctuation},
                                      {kSpacesAtEnd}, {kAsianRun},  {kNumberRun}};
constexpr SplitRule kDeepseekCoder[] = {
    {kOneNewline}, {kSpacedWord}, {kSpacedPunctuation}, {kAsianRun}, {kOneNumber}};

// [!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*
// |\s*[\r\n]+|\s+(?!\S)|\s+
size_t punctuated_word(CharacterSpan text, size_t at) {
  if (at == text.size() || text[at].code_point >= 0x80 || !text[at].in(kPunctuation | kSymbols)) return at;
  const size_t end = run<is_ascii_letter>(text, at + 1);
  return end > at + 1 ? end : at;
}
bool is_deepseek_lead(const Character& c) {
  return !is_newline(c) && !c.in(kLetters | kPunctuation | kSymbols);
}
constexpr Matcher kDeepseekV3Words[] = {
    punctuated_word,
    with_lead<is_deepseek_lead, run<kLetterOrMark>>,
    with_tail<spaced<run<is_in<kPunctuation | kSymbols>>>, run<is_newline>>,
    spaces_to_newline,
    spaces_but_last,
    run<is_space>,
};
constexpr SplitRule kDeepseekV3[] = {{kUpToThreeNumbers}, {kHanAndKanaRun}, {kDeepseekV3Words}};

// Spark 2.5: the same with  ?[\p{P}\p{S}]+ and [\r\n] apart, then \p{N}
constexpr Matcher kSparkWords[] = {
    punctuated_word,
    with_lead<is_deepseek_lead, run<kLetterOrMark>>,
    spaced<run<is_in<kPunctuation | kSymbols>>>,
    exactly<is_newline, 1>,
    spaces_but_last,
    run<is_space>,
};
constexpr SplitRule kSpark[] = {{kUpToThreeNumbers}, {kHanAndKanaRun}, {kSparkWords}, {kOneNumber}};

// AFMoE keeps scripts that write no spaces apart, and groups the digits of \p{N}+ in threes from the right.
constexpr Matcher kDigitsFromRight[] = {digits_from_right};
constexpr Matcher kUnspacedScriptRun[] = {run<is_of_unspaced_script>};
constexpr SplitRule kAfmoe[] = {{kDigitsFromRight}, {kUnspacedScriptRun}, {kDeepseekV3Words}};

// BLOOM and its relatives:  ?[^(\s|.,!?…。，、।۔،)]+
bool is_bloom_word(const Character& c) { return !is_space(c) && !is_one_of(c, U"(|.,!?…。，、।۔،)"); }
constexpr Matcher kBloomWords[] = {spaced<run<is_bloom_word>>};
constexpr SplitRule kBloom[] = {{kBloomWords}};
constexpr SplitRule kViking[] = {{kBloomWords}, {kOneNumber}};

// SuperBPE merges across words and only splits numbers: \p{N}+, then (?=(\d{3})+(?!\d))
constexpr Matcher kToNextGroupOfThree[] = {to_next_group_of_three};
constexpr SplitRule kSuperbpe[] = {{kNumberRun}, {kToNextGroupOfThree}};

// Laguna: lines first: [^\n]+|[\n]+
bool is_line_feed(const Character& c) { return c.code_point == '\n'; }
bool is_not_line_feed(const Character& c) { return !is_line_feed(c); }
constexpr Matcher kLines[] = {run<is_not_line_feed>, run<is_line_feed>};
constexpr SplitRule kLaguna[] = {{kLines}, {kQwen2Words}};

// Chameleon: <sentinel:[0-9]+>, which what follows takes apart again; IMGIMG[A-I]{1,4}Z, its images;
// [\t\n]|    |  ; \p{N}; [\p{P}!-/:-@\[-`{-~]; then as GPT-2
bool is_image_letter(const Character& c) { return c.code_point >= 'A' && c.code_point <= 'I'; }
size_t image(CharacterSpan text, size_t at) {
  constexpr std::u32string_view kStart = U"IMGIMG";
  size_t end = at;
  for (const char32_t letter : kStart) {
    if (end == text.size() || text[end].code_point != letter) return at;
    ++end;
  }
  const size_t name = end;
  end = run_up_to<is_image_letter, 4>(text, name);
  return end > name && end < text.size() && text[end].code_point == 'Z' ? end + 1 : at;
}
bool is_tab_or_line_feed(const Character& c) { return c.code_point == '\t' || is_line_feed(c); }
bool is_chameleon_punctuation(const Character& c) {
  return c.in(kPunctuation) || (c.code_point < 0x80 && c.in(kSymbols));
}
constexpr Matcher kImage[] = {image};
constexpr Matcher kIndentation[] = {exactly<is_tab_or_line_feed, 1>, exactly<is_blank, 4>,
                                    exactly<is_blank, 2>};
constexpr Matcher kOneChameleonPunctuation[] = {exactly<is_chameleon_punctuation, 1>};
constexpr SplitRule kChameleon[] = {
    {kImage}, {kIndentation}, {kOneNumber}, {kOneChameleonPunctuation}, {kGpt2Words}};

// Vocabularies written in characters, which cut only lines, or white space: \S+
constexpr SplitRule kLinesOnly[] = {{kLines}};
bool is_not_space(const Character& c) { return !is_space(c); }
constexpr Matcher kNotSpaces[] = {run<is_not_space>};
constexpr SplitRule kWhitespace[] = {{kNotSpaces}};

constexpr PreTokenizer kPreTokenizers[] = {
    {.name = "default", .rules = kDefault},
    {.name = "falcon", .rules = kFalcon},

    {.name = "gpt-2", .rules = kGpt2},
    {.name = "phi-2", .rules = kGpt2},
    {.name = "mpt", .rules = kGpt2, .nfc = true},
    {.name = "olmo", .rules = kGpt2, .nfc = true},
    {.name = "jais", .rules = kGpt2},
    {.name = "trillion", .rules = kGpt2},
    {.name = "granite-docling", .rules = kGpt2},
    {.name = "exaone4", .rules = kGpt2},
    {.name = "gigachat", .rules = kGpt2},
    {.name = "a.x-4.0", .rules = kGpt2},
    {.name = "mellum", .rules = kGpt2},
    {.name = "modern-bert", .rules = kGpt2, .nfc = true},
    {.name = "roberta-bpe", .rules = kGpt2},
    {.name = "jina-es", .rules = kGpt2},
    {.name = "jina-de", .rules = kGpt2},
    {.name = "jina-v1-en", .rules = kGpt2},
    {.name = "jina-v2-es", .rules = kGpt2},
    {.name = "jina-v2-de", .rules = kGpt2},
    {.name = "jina-v2-code", .rules = kGpt2},

    {.name = "starcoder", .rules = kStarcoder},
    {.name = "refact", .rules = kStarcoder},
    {.name = "command-r", .rules = kStarcoder, .nfc = true},
    {.name = "smollm", .rules = kStarcoder},
    {.name = "codeshell", .rules = kStarcoder},
    {.name = "exaone", .rules = kStarcoder},
    {.name = "minerva-7b", .rules = kStarcoder},
    {.name = "mellum2", .rules = kStarcoder},

    {.name = "llama-bpe", .rules = kLlama3, .ignore_merges = true, .add_bos = true},
    {.name = "llama3", .rules = kLlama3, .ignore_merges = true, .add_bos = true},
    {.name = "llama-v3", .rules = kLlama3, .ignore_merges = true, .add_bos = true},
    {.name = "falcon3", .rules = kLlama3, .ignore_merges = true, .add_bos = true},
    {.name = "falcon-h1", .rules = kLlama3, .ignore_merges = true, .add_bos = true},
    {.name = "pixtral", .rules = kLlama3, .ignore_merges = true, .add_bos = true},
    {.name = "midm-2.0", .rules = kLlama3, .ignore_merges = true, .add_bos = true},
    {.name = "lfm2", .rules = kLlama3, .ignore_merges = true, .add_bos = true},
    {.name = "jina-v5-nano", .rules = kLlama3, .ignore_merges = true, .add_bos = true},
    {.name = "dbrx", .rules = kLlama3},
    {.name = "smaug-bpe", .rules = kLlama3},
    {.name = "glm4", .rules = kLlama3},
    {.name = "chatglm-bpe", .rules = kLlama3},

    {.name = "qwen2", .rules = kQwen2, .nfc = true},
    {.name = "deepseek-r1-qwen", .rules = kQwen2, .nfc = true},
    {.name = "stablelm2", .rules = kQwen2, .nfc = true},
    {.name = "hunyuan", .rules = kQwen2},
    {.name = "megrez", .rules = kQwen2},
    {.name = "grok-2", .rules = kQwen2},
    {.name = "solar-open", .rules = kQwen2},
    {.name = "kormo", .rules = kQwen2},
    {.name = "f2llmv2", .rules = kQwen2, .nfc = true},
    // '(?i:[sdmt]|ll|ve|re) is the same set of contractions, and \s*[\r\n] ends where \s*[\r\n]+ does.
    {.name = "bailingmoe", .rules = kQwen2},
    {.name = "bailingmoe2", .rules = kQwen2},
    {.name = "llada-moe", .rules = kQwen2},
    {.name = "qwen35", .rules = kQwen35, .nfc = true},
    {.name = "ufakzeka", .rules = kUfakzeka},
    {.name = "minicpm5", .rules = kMinicpm5, .ignore_merges = true},
    {.name = "seed-coder", .rules = kSeedCoder},
    {.name = "jais-2", .rules = kJais2},
    {.name = "exaone-moe", .rules = kExaoneMoe},
    {.name = "laguna", .rules = kLaguna},

    {.name = "gpt-4o", .rules = kGpt4o},
    {.name = "llama4", .rules = kGpt4o},
    {.name = "kanana2", .rules = kGpt4o},
    {.name = "minimax-m2", .rules = kGpt4o},
    {.name = "talkie", .rules = kGpt4o},
    {.name = "granite-embed-multi-97m", .rules = kGpt4o, .ignore_merges = true},
    {.name = "tiny_aya", .rules = kTinyAya, .nfc = true},
    {.name = "cohere2moe", .rules = kTinyAya, .nfc = true},
    {.name = "youtu", .rules = kYoutu, .ignore_merges = true},
    {.name = "tekken", .rules = kTekken, .ignore_merges = true, .add_bos = true},
    {.name = "kimi-k2", .rules = kKimiK2},

    {.name = "deepseek-llm", .rules = kDeepseekLlm},
    {.name = "deepseek-coder", .rules = kDeepseekCoder},
    {.name = "deepseek-v3", .rules = kDeepseekV3},
    {.name = "hunyuan-dense", .rules = kDeepseekV3},
    {.name = "joyai-llm", .rules = kDeepseekV3},
    {.name = "hy_v4", .rules = kDeepseekV3},
    {.name = "spark2_5", .rules = kSpark},
    {.name = "afmoe", .rules = kAfmoe},

    {.name = "bloom", .rules = kBloom},
    {.name = "poro-chat", .rules = kBloom},
    {.name = "gpt3-finnish", .rules = kBloom},
    {.name = "viking", .rules = kViking},
    {.name = "superbpe", .rules = kSuperbpe},
    {.name = "chameleon", .rules = kChameleon, .add_bos = true},

    {.name = "gemma4",
     .rules = kLinesOnly,
     .add_bos = true,
     .alphabet = BpeAlphabet::kSpmSpaces,
     .keeps_line_ends = true,
     .needs_bos = true},
    {.name = "granite-embed-multi-311m",
     .rules = kLinesOnly,
     .add_bos = true,
     .alphabet = BpeAlphabet::kSpmSpaces,
     .keeps_line_ends = true,
     .needs_bos = true},
    {.name = "sarvam-moe", .rules = kLinesOnly, .alphabet = BpeAlphabet::kSpmSpaces},
    {.name = "whitespace", .rules = kWhitespace, .alphabet = BpeAlphabet::kCharacters},
};

}  // namespace

std::span<const PreTokenizer> all_pre_tokenizers() { return kPreTokenizers; }

const PreTokenizer* find_pre_tokenizer(std::string_view name) {
  const auto* found = std::find_if(std::begin(kPreTokenizers), std::end(kPreTokenizers),
                                   [&](const PreTokenizer& known) { return known.name == name; });
  return found == std::end(kPreTokenizers) ? nullptr : found;
}

}  // namespace hearth
