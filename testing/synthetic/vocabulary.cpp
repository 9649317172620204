#include "testing/synthetic/vocabulary.h"

#include <fmt/format.h>

#include <string>
#include <unordered_set>
#include <vector>

#include "engine/text/byte_level.h"
#include "testing/synthetic/vocabulary_styles.h"

namespace hearth {
namespace {

// tokenizer.ggml.token_type
enum TokenType : int32_t { kNormal = 1, kUnknown = 2, kControl = 3, kByte = 6 };

// A word made of two earlier ones, or a single character (left < 0).
struct Word {
  std::string text;
  int left;
  int right;
};

// The space first, then letters by how frequent they are in English, and what else ordinary text has.
constexpr std::string_view kCharacters =
    " etaoinshrdlcumwfgypbvkxjqzETAOINSHRDLCUMWFGYPBVKXJQZ0123456789.,'\"!?-:;()\n";
constexpr size_t kLongestWord = 12;  // in bytes

// `count` distinct words: single characters, then the pairs (i, j) of earlier words by rising i + j, so that
// pairs of frequent parts come first. A space only ever starts a word, and digits, punctuation and the line
// break stay alone, as in vocabularies learnt from text.
std::vector<Word> make_words(size_t count) {
  std::vector<Word> words;
  std::unordered_set<std::string> known;
  for (const char character : kCharacters.substr(0, count)) {
    words.push_back({std::string(1, character), -1, -1});
    known.insert(words.back().text);
  }
  const auto joins = [](std::string_view text, bool at_start) {
    const char first = text.front();
    if (first == ' ') return at_start;
    return (first >= 'a' && first <= 'z') || (at_start && first >= 'A' && first <= 'Z');
  };
  for (size_t sum = 1; words.size() < count; ++sum) {
    for (size_t left = 0; left <= sum && words.size() < count; ++left) {
      const size_t right = sum - left;
      if (left >= words.size() || right >= words.size()) continue;
      std::string text = words[left].text + words[right].text;
      if (text.size() > kLongestWord || !joins(words[left].text, true) || !joins(words[right].text, false))
        continue;
      if (!known.insert(text).second) continue;
      words.push_back({std::move(text), static_cast<int>(left), static_cast<int>(right)});
    }
  }
  return words;
}

// SentencePiece writes a space as U+2581.
std::string spell_in_pieces(std::string_view text) {
  std::string spelt;
  for (const char letter : text) {
    if (letter == ' ') {
      spelt += "\xE2\x96\x81";
    } else {
      spelt += letter;
    }
  }
  return spelt;
}

struct Tokens {
  std::vector<std::string> names;
  std::vector<int32_t> types;

  void add(std::string name, TokenType type) {
    names.push_back(std::move(name));
    types.push_back(type);
  }
  void add_special(const VocabularyStyle& style) {
    for (const std::string_view name : style.special) {
      add(std::string(name),
          name == "<unk>" || name == "[UNK]" || name == "<|plamo:unk|>" ? kUnknown : kControl);
    }
  }
  void add_bytes() {
    for (int byte = 0; byte < 256; ++byte) add(fmt::format("<0x{:02X}>", byte), kByte);
  }
};

// Special tokens, bytes, words; a word's score is its rank, so that earlier words are merged first.
void add_sentence_pieces(const VocabularyStyle& style, size_t word_count, Tokens& tokens,
                         GgufWriter& writer) {
  tokens.add_special(style);
  tokens.add_bytes();
  std::vector<float> scores(tokens.names.size(), 0.0F);
  for (const Word& word : make_words(word_count)) {
    scores.push_back(-static_cast<float>(scores.size()));
    tokens.add(spell_in_pieces(word.text), kNormal);
  }
  writer.add_string("tokenizer.ggml.model", "llama");
  writer.add_float32s("tokenizer.ggml.scores", scores);
  writer.add_bool("tokenizer.ggml.add_space_prefix", style.add_space_prefix);
}

// Bytes, the merged words in merge order, special tokens. Single characters are bytes already.
void add_byte_level_bpe(const VocabularyStyle& style, size_t word_count, Tokens& tokens, GgufWriter& writer) {
  for (int byte = 0; byte < 256; ++byte) {
    tokens.add(to_byte_level(std::string(1, static_cast<char>(byte))), kNormal);
  }
  std::vector<std::string> merges;
  const std::vector<Word> words = make_words(word_count + kCharacters.size());
  for (const Word& word : words) {
    if (word.left < 0) continue;
    const std::string left = to_byte_level(words[static_cast<size_t>(word.left)].text);
    const std::string right = to_byte_level(words[static_cast<size_t>(word.right)].text);
    merges.push_back(left + " " + right);
    tokens.add(left + right, kNormal);
  }
  tokens.add_special(style);
  writer.add_string("tokenizer.ggml.model", "gpt2");
  writer.add_string("tokenizer.ggml.pre", style.pre_tokenizer);
  writer.add_strings("tokenizer.ggml.merges", merges);
}

// Special tokens, single characters at the beginning of a word and within one, words.
void add_word_pieces(const VocabularyStyle& style, size_t count, Tokens& tokens, GgufWriter& writer) {
  tokens.add_special(style);
  std::unordered_set<std::string> known;
  const auto add = [&](const std::string& text) {
    const std::string spelt = spell_in_pieces(text);
    if (tokens.names.size() < count && known.insert(spelt).second) tokens.add(spelt, kNormal);
  };
  for (const char character : kCharacters) {
    if (character == ' ' || character == '\n') continue;
    add(std::string(1, character));
    add(" " + std::string(1, character));
  }
  for (const Word& word : make_words(count)) {
    if (word.left >= 0) add(word.text);
  }
  writer.add_string("tokenizer.ggml.model", "bert");
}

// Special tokens, words; the score, a logarithm of how likely a word is, falls by its rank.
void add_unigrams(const VocabularyStyle& style, size_t word_count, Tokens& tokens, GgufWriter& writer) {
  tokens.add_special(style);
  std::vector<float> scores(tokens.names.size(), 0.0F);
  for (const Word& word : make_words(word_count)) {
    scores.push_back(-1.0F - 0.01F * static_cast<float>(scores.size()));
    tokens.add(spell_in_pieces(word.text), kNormal);
  }
  writer.add_string("tokenizer.ggml.model", "t5");
  writer.add_string("tokenizer.ggml.pre", "default");
  writer.add_float32s("tokenizer.ggml.scores", scores);
  writer.add_bool("tokenizer.ggml.add_space_prefix", style.add_space_prefix);
  writer.add_bool("tokenizer.ggml.remove_extra_whitespaces", true);
}

// Special tokens, bytes, words in merge order.
void add_character_bpe(const VocabularyStyle& style, size_t word_count, Tokens& tokens, GgufWriter& writer) {
  tokens.add_special(style);
  tokens.add_bytes();
  std::vector<std::string> merges;
  const std::vector<Word> words = make_words(word_count);
  for (const Word& word : words) {
    tokens.add(spell_in_pieces(word.text), kNormal);
    if (word.left < 0) continue;
    merges.push_back(spell_in_pieces(words[static_cast<size_t>(word.left)].text) + " " +
                     spell_in_pieces(words[static_cast<size_t>(word.right)].text));
  }
  writer.add_string("tokenizer.ggml.model", style.name);
  writer.add_strings("tokenizer.ggml.merges", merges);
}

// Special tokens, bytes, words as they are written; the score falls by the rank.
void add_plamo(const VocabularyStyle& style, size_t word_count, Tokens& tokens, GgufWriter& writer) {
  tokens.add_special(style);
  tokens.add_bytes();
  std::vector<float> scores(tokens.names.size(), 0.0F);
  for (const Word& word : make_words(word_count)) {
    scores.push_back(-1.0F - 0.01F * static_cast<float>(scores.size()));
    tokens.add(word.text, kNormal);
  }
  writer.add_string("tokenizer.ggml.model", "plamo2");
  writer.add_float32s("tokenizer.ggml.scores", scores);
}

// As Python writes bytes.
std::string escaped_byte(uint8_t byte) {
  if (byte == '\n') return "\\n";
  if (byte == '\t') return "\\t";
  if (byte == '\r') return "\\r";
  if (byte == '\\') return "\\\\";
  return byte >= 0x20 && byte < 0x7F ? std::string(1, static_cast<char>(byte))
                                     : fmt::format("\\x{:02x}", byte);
}

// Special tokens, bytes, the empty line, words of more than a character.
void add_longest_tokens(const VocabularyStyle& style, size_t count, Tokens& tokens, GgufWriter& writer) {
  tokens.add_special(style);
  for (int byte = 0; byte < 256; ++byte) tokens.add(escaped_byte(static_cast<uint8_t>(byte)), kNormal);
  if (tokens.names.size() < count) tokens.add("\\n\\n", kNormal);
  for (const Word& word : make_words(count)) {
    if (word.left >= 0 && tokens.names.size() < count) tokens.add(word.text, kNormal);
  }
  writer.add_string("tokenizer.ggml.model", "rwkv");
}

void add_designated(const VocabularyStyle& style, const Tokens& tokens, GgufWriter& writer) {
  const auto designate = [&](std::string_view role, std::string_view name) {
    for (size_t id = 0; !name.empty() && id < tokens.names.size(); ++id) {
      if (tokens.names[id] != name) continue;
      writer.add_uint32(fmt::format("tokenizer.ggml.{}_token_id", role), static_cast<uint32_t>(id));
      return;
    }
  };
  designate("bos", style.bos);
  designate("eos", style.eos);
  designate("eot", style.eot);
  designate("unknown", style.unk);
  designate("padding", style.pad);
  designate("seperator", style.sep);  // so misspelt in the format
  designate("mask", style.mask);
  writer.add_bool("tokenizer.ggml.add_bos_token", style.add_bos);
  writer.add_bool("tokenizer.ggml.add_eos_token", !style.sep.empty());
}

}  // namespace

Result<void> add_synthetic_vocabulary(std::string_view style_name, int32_t n_vocab, GgufWriter& writer) {
  const VocabularyStyle* style = find_vocabulary_style(style_name);
  if (style == nullptr) {
    return Error{ErrorCode::kInvalidArgument, fmt::format("there is no vocabulary style '{}'", style_name)};
  }
  const size_t fixed = style->special.size() + 256;  // more than those have that know no bytes
  if (n_vocab < 0 || static_cast<size_t>(n_vocab) < fixed) {
    return Error{
        ErrorCode::kInvalidArgument,
        fmt::format("a vocabulary of {} tokens is too small: 256 bytes and {} special tokens need {}",
                    n_vocab, style->special.size(), fixed)};
  }
  Tokens tokens;
  const auto count = static_cast<size_t>(n_vocab);
  switch (style->kind) {
    case VocabularyKind::kSentencePiece:
      add_sentence_pieces(*style, count - fixed, tokens, writer);
      break;
    case VocabularyKind::kByteLevelBpe:
      add_byte_level_bpe(*style, count - fixed, tokens, writer);
      break;
    case VocabularyKind::kCharacterBpe:
      add_character_bpe(*style, count - fixed, tokens, writer);
      break;
    case VocabularyKind::kPlamo:
      add_plamo(*style, count - fixed, tokens, writer);
      break;
    case VocabularyKind::kLongestToken:
      add_longest_tokens(*style, count, tokens, writer);
      break;
    case VocabularyKind::kWordPiece:
      add_word_pieces(*style, count, tokens, writer);
      break;
    case VocabularyKind::kUnigram:
      add_unigrams(*style, count - style->special.size(), tokens, writer);
      break;
  }
  writer.add_strings("tokenizer.ggml.tokens", tokens.names);
  writer.add_int32s("tokenizer.ggml.token_type", tokens.types);
  add_designated(*style, tokens, writer);
  if (!style->chat_template.empty()) writer.add_string("tokenizer.chat_template", style->chat_template);
  if (!style->rerank_template.empty()) {
    writer.add_string("tokenizer.chat_template.rerank", style->rerank_template);
  }
  return {};
}

}  // namespace hearth
