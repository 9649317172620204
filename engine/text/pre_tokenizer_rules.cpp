// The rules of every known pre-tokenizer, each beside the regular expression that it implements. The
// expressions are those of the models' own tokenizer.json; names are those of GGUF's `tokenizer.ggml.pre`.
#include <algorithm>
#include <array>
#include <iterator>

#include "engine/text/pre_tokenizer.h"

namespace hearth {
namespace {

using Category = GeneralCategory;

template <CategorySet set>
bool is_in(const Character& c) {
  return c.in(set);
}

struct CodePointRange {
  char32_t first;
  char32_t last;
};

/// Whether sorted ranges hold the character.
template <size_t n>
bool in_ranges(const CodePointRange (&ranges)[n], const Character& c) {
  const auto* after = std::upper_bound(
      std::begin(ranges), std::end(ranges), c.code_point,
      [](char32_t code_point, const CodePointRange& range) { return code_point < range.first; });
  return after != std::begin(ranges) && c.code_point <= std::prev(after)->last;
}

bool is_one_of(const Character& c, std::u32string_view characters) {
  return characters.find(c.code_point) != std::u32string_view::npos;
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
constexpr SplitRule kLlama3[] = {{kLlama3Words}};
constexpr SplitRule kQwen2[] = {{kQwen2Words}};
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

// [A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿ...]: the letters with case that its tokenizer.json lists one by one
constexpr CodePointRange kCasedLetters[] = {
    {0x41, 0x5A},       {0x61, 0x7A},       {0xB5, 0xB5},       {0xC0, 0xD6},       {0xD8, 0xF6},
    {0xF8, 0x1BA},      {0x1BC, 0x1BF},     {0x1C4, 0x293},     {0x295, 0x2AF},     {0x370, 0x373},
    {0x376, 0x377},     {0x37B, 0x37D},     {0x37F, 0x37F},     {0x386, 0x386},     {0x388, 0x38A},
    {0x38C, 0x38C},     {0x38E, 0x3A1},     {0x3A3, 0x3F5},     {0x3F7, 0x481},     {0x48A, 0x52F},
    {0x531, 0x556},     {0x10A0, 0x10C5},   {0x13A0, 0x13F5},   {0x13F8, 0x13FD},   {0x1C90, 0x1CBA},
    {0x1CBD, 0x1CBF},   {0x1D00, 0x1D2B},   {0x1D6B, 0x1D77},   {0x1D79, 0x1D9A},   {0x1E00, 0x1F15},
    {0x1F18, 0x1F1D},   {0x1F20, 0x1F45},   {0x1F48, 0x1F4D},   {0x1F50, 0x1F57},   {0x1F59, 0x1F59},
    {0x1F5B, 0x1F5B},   {0x1F5D, 0x1F5D},   {0x1F5F, 0x1F7D},   {0x1F80, 0x1FB4},   {0x1FB6, 0x1FBC},
    {0x1FBE, 0x1FBE},   {0x1FC2, 0x1FC4},   {0x1FC6, 0x1FCC},   {0x1FD0, 0x1FD3},   {0x1FD6, 0x1FDB},
    {0x1FE0, 0x1FEC},   {0x1FF2, 0x1FF4},   {0x1FF6, 0x1FFC},   {0x2102, 0x2102},   {0x2107, 0x2107},
    {0x210A, 0x2113},   {0x2115, 0x2115},   {0x2119, 0x211D},   {0x2124, 0x2124},   {0x2126, 0x2126},
    {0x2128, 0x2128},   {0x212A, 0x212D},   {0x212F, 0x2134},   {0x2139, 0x2139},   {0x213C, 0x213F},
    {0x2145, 0x2149},   {0x214E, 0x214E},   {0x2183, 0x2184},   {0x2C00, 0x2C7B},   {0x2C7E, 0x2CE4},
    {0x2CEB, 0x2CEE},   {0x2CF2, 0x2CF3},   {0xA640, 0xA66D},   {0xA680, 0xA69B},   {0xA722, 0xA76F},
    {0xA771, 0xA787},   {0xA78B, 0xA78E},   {0xAB70, 0xABBF},   {0xFB00, 0xFB06},   {0xFB13, 0xFB17},
    {0xFF21, 0xFF3A},   {0xFF41, 0xFF5A},   {0x10400, 0x1044F}, {0x104B0, 0x104D3}, {0x104D8, 0x104FB},
    {0x10C80, 0x10CB2}, {0x10CC0, 0x10CF2}, {0x118A0, 0x118DF}, {0x1E900, 0x1E943},
};
// [!-/:-~！-／：-～‘-‟　-。]
constexpr CodePointRange kDeepseekPunctuation[] = {
    {0x21, 0x2F}, {0x3A, 0x7E}, {0x2018, 0x201F}, {0x3000, 0x3002}, {0xFF01, 0xFF0F}, {0xFF1A, 0xFF5E},
};
// [一-龥ࠀ-一가-퟿]
constexpr CodePointRange kDeepseekAsian[] = {{0x800, 0x9FA5}, {0xAC00, 0xD7FF}};
// [一-龥぀-ゟ゠-ヿ]
constexpr CodePointRange kHanAndKana[] = {{0x3040, 0x30FF}, {0x4E00, 0x9FA5}};

bool is_cased_letter(const Character& c) { return in_ranges(kCasedLetters, c); }
bool is_deepseek_punctuation(const Character& c) { return in_ranges(kDeepseekPunctuation, c); }
bool is_deepseek_asian(const Character& c) { return in_ranges(kDeepseekAsian, c); }
bool is_han_or_kana(const Character& c) { return in_ranges(kHanAndKana, c); }

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

// BLOOM and its relatives:  ?[^(\s|.,!?…。，、।۔،)]+
bool is_bloom_word(const Character& c) { return !is_space(c) && !is_one_of(c, U"(|.,!?…。，、।۔،)"); }
constexpr Matcher kBloomWords[] = {spaced<run<is_bloom_word>>};
constexpr SplitRule kBloom[] = {{kBloomWords}};
constexpr SplitRule kViking[] = {{kBloomWords}, {kOneNumber}};

// SuperBPE merges across words and only splits numbers: \p{N}+, then (?=(\d{3})+(?!\d))
constexpr Matcher kDigitsFromRight[] = {digits_from_right};
constexpr SplitRule kSuperbpe[] = {{kDigitsFromRight}};

// Laguna: lines first: [^\n]+|[\n]+
bool is_line_feed(const Character& c) { return c.code_point == '\n'; }
bool is_not_line_feed(const Character& c) { return !is_line_feed(c); }
constexpr Matcher kLines[] = {run<is_not_line_feed>, run<is_line_feed>};
constexpr SplitRule kLaguna[] = {{kLines}, {kQwen2Words}};

constexpr PreTokenizer kPreTokenizers[] = {
    {.name = "default", .rules = kDefault},
    {.name = "falcon", .rules = kFalcon},

    {.name = "gpt-2", .rules = kGpt2},
    {.name = "phi-2", .rules = kGpt2},
    {.name = "mpt", .rules = kGpt2},
    {.name = "olmo", .rules = kGpt2},
    {.name = "jais", .rules = kGpt2},
    {.name = "trillion", .rules = kGpt2},
    {.name = "granite-docling", .rules = kGpt2},
    {.name = "exaone4", .rules = kGpt2},
    {.name = "gigachat", .rules = kGpt2},
    {.name = "a.x-4.0", .rules = kGpt2},
    {.name = "mellum", .rules = kGpt2},
    {.name = "modern-bert", .rules = kGpt2},
    {.name = "roberta-bpe", .rules = kGpt2},
    {.name = "jina-es", .rules = kGpt2},
    {.name = "jina-de", .rules = kGpt2},
    {.name = "jina-v1-en", .rules = kGpt2},
    {.name = "jina-v2-es", .rules = kGpt2},
    {.name = "jina-v2-de", .rules = kGpt2},
    {.name = "jina-v2-code", .rules = kGpt2},

    {.name = "starcoder", .rules = kStarcoder},
    {.name = "refact", .rules = kStarcoder},
    {.name = "command-r", .rules = kStarcoder},
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
    {.name = "dbrx", .rules = kLlama3},
    {.name = "smaug-bpe", .rules = kLlama3},
    {.name = "glm4", .rules = kLlama3},
    {.name = "chatglm-bpe", .rules = kLlama3},

    {.name = "qwen2", .rules = kQwen2},
    {.name = "deepseek-r1-qwen", .rules = kQwen2},
    {.name = "stablelm2", .rules = kQwen2},
    {.name = "hunyuan", .rules = kQwen2},
    {.name = "megrez", .rules = kQwen2},
    {.name = "grok-2", .rules = kQwen2},
    {.name = "solar-open", .rules = kQwen2},
    {.name = "kormo", .rules = kQwen2},
    {.name = "f2llmv2", .rules = kQwen2},
    // '(?i:[sdmt]|ll|ve|re) is the same set of contractions, and \s*[\r\n] ends where \s*[\r\n]+ does.
    {.name = "bailingmoe", .rules = kQwen2},
    {.name = "bailingmoe2", .rules = kQwen2},
    {.name = "llada-moe", .rules = kQwen2},
    {.name = "qwen35", .rules = kQwen35},
    {.name = "minicpm5", .rules = kMinicpm5, .ignore_merges = true},
    {.name = "seed-coder", .rules = kSeedCoder},
    {.name = "jais-2", .rules = kJais2},
    {.name = "exaone-moe", .rules = kExaoneMoe},
    {.name = "laguna", .rules = kLaguna},

    {.name = "gpt-4o", .rules = kGpt4o},
    {.name = "llama4", .rules = kGpt4o},
    {.name = "kanana2", .rules = kGpt4o},
    {.name = "minimax-m2", .rules = kGpt4o},
    {.name = "tekken", .rules = kTekken, .ignore_merges = true, .add_bos = true},
    {.name = "kimi-k2", .rules = kKimiK2},

    {.name = "deepseek-llm", .rules = kDeepseekLlm},
    {.name = "deepseek-coder", .rules = kDeepseekCoder},
    {.name = "deepseek-v3", .rules = kDeepseekV3},
    {.name = "hunyuan-dense", .rules = kDeepseekV3},
    {.name = "joyai-llm", .rules = kDeepseekV3},

    {.name = "bloom", .rules = kBloom},
    {.name = "poro-chat", .rules = kBloom},
    {.name = "gpt3-finnish", .rules = kBloom},
    {.name = "viking", .rules = kViking},
    {.name = "superbpe", .rules = kSuperbpe},
};

}  // namespace

std::span<const PreTokenizer> all_pre_tokenizers() { return kPreTokenizers; }

const PreTokenizer* find_pre_tokenizer(std::string_view name) {
  const auto* found = std::find_if(std::begin(kPreTokenizers), std::end(kPreTokenizers),
                                   [&](const PreTokenizer& known) { return known.name == name; });
  return found == std::end(kPreTokenizers) ? nullptr : found;
}

}  // namespace hearth
