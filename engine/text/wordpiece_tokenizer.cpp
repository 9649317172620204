#include "engine/text/wordpiece_tokenizer.h"

#include <memory>
#include <string>
#include <utility>

#include "engine/text/byte_trie.h"
#include "engine/text/spm_space.h"
#include "engine/text/unicode.h"
#include "engine/text/vocabulary_tokenizer.h"

namespace hearth {
namespace {

const TokenizerDefaults kWordPieceDefaults{
    .special = {.bos = 101, .unk = 100, .sep = 102, .pad = 0, .mask = 103, .add_bos = true, .add_eos = true},
    .add_space_prefix = false,
};

/// What BERT counts as Chinese: every such character is a word. (The block from U+2B920 begins at U+2B820 in
/// Unicode, but not in the tokenizers that models were trained with.)
constexpr CodePointRange kChinese[] = {
    {0x3400, 0x4DBF},   {0x4E00, 0x9FFF},   {0xF900, 0xFAFF},   {0x20000, 0x2A6DF},
    {0x2A700, 0x2B73F}, {0x2B740, 0x2B81F}, {0x2B920, 0x2CEAF}, {0x2F800, 0x2FA1F},
};

/// Whether the character is a word of its own.
bool stands_alone(char32_t code_point, const CharacterClass& properties) {
  return properties.in(kPunctuation) || (code_point < 0x80 && properties.in(kSymbols)) ||
         in_ranges(kChinese, code_point);
}

/// Tabs and line ends are the only control characters that BERT takes for white space.
bool is_dropped(char32_t code_point, const CharacterClass& properties) {
  if (code_point == '\t' || code_point == '\n' || code_point == '\r') return false;
  constexpr CategorySet kControls =
      category_set(GeneralCategory::kCc, GeneralCategory::kCf, GeneralCategory::kCo, GeneralCategory::kCs);
  return code_point == 0 || code_point == kReplacementCharacter || properties.in(kControls);
}

/// Adds `text` to a decoded one, whose end is `held` until it is known what follows, and returns what is
/// settled. As BERT's own tokenizer does, it takes away the space before a mark and those around a quote that
/// has both: "love ! don ' t" is "love! don't".
std::string clean_up(std::string_view text, std::string& held) {
  std::string out;
  for (const char c : text) {
    const bool is_mark = c == '.' || c == '?' || c == '!' || c == ',';
    if (is_mark && held.ends_with(' ')) {
      held.pop_back();
    } else if (held == " ' ") {
      held = "'";
    } else if ((c == '\'' && held == " ") || (c == ' ' && held == " '")) {
      held += c;
      continue;
    }
    out += held;
    held.clear();
    if (c == ' ') {
      held = c;
    } else {
      out += c;
    }
  }
  return out;
}

class WordPieceTokenizer final : public VocabularyTokenizer {
 public:
  explicit WordPieceTokenizer(TokenizerData& data)
      : VocabularyTokenizer(data),
        trie_(trie_of(vocabulary(), [&](TokenId token) { return vocabulary().is_text(token); })),
        lowercase_(data.lowercase),
        strip_accents_(data.strip_accents) {}

  std::string_view kind() const override { return "wordpiece"; }

 private:
  void encode_text(std::string_view text, bool, std::vector<TokenId>& out) const override {
    std::string word;
    std::u32string characters;
    for (size_t at = 0; at < text.size();) {
      const Utf8Character character = decode_utf8(text.substr(at));
      at += character.bytes;
      characters.clear();
      if (strip_accents_) {
        append_decomposition(characters, character.code_point);
      } else {
        characters += character.code_point;
      }
      for (const char32_t code_point : characters) add_character(code_point, word, out);
    }
    finish_word(word, out);
  }

  /// Adds a normalised character to `word`, or ends it there.
  void add_character(char32_t code_point, std::string& word, std::vector<TokenId>& out) const {
    const CharacterClass properties = classify(code_point);
    if (is_dropped(code_point, properties)) return;
    if (properties.white_space) return finish_word(word, out);
    if (strip_accents_ && properties.category == GeneralCategory::kMn) return;

    const bool alone = stands_alone(code_point, properties);
    if (alone) finish_word(word, out);
    append_utf8(word, lowercase_ ? to_lower(code_point) : code_point);
    if (alone) finish_word(word, out);
  }

  void finish_word(std::string& word, std::vector<TokenId>& out) const {
    if (word.empty()) return;
    word.insert(0, kSpmSpace);
    const size_t first = out.size();
    for (std::string_view rest = word; !rest.empty();) {
      const auto [bytes, token] = trie_.longest_prefix(rest);
      if (token == ByteTrie::kNone) {
        out.resize(first);
        if (special().unk != kNoToken) out.push_back(special().unk);
        break;
      }
      out.push_back(token);
      rest.remove_prefix(bytes);
    }
    word.clear();
  }

  std::string text_bytes(TokenId token) const override {
    return without_spm_spaces(vocabulary().text(token));
  }

  /// Every token that begins a word has a space before it, names of special tokens too.
  std::string decode_next(TokenId token, DecodingState& state, bool with_special) const override {
    std::string bytes = token_bytes(token, with_special);
    if (bytes.empty()) return bytes;
    const TokenType type = vocabulary().type(token);
    if (type == TokenType::kControl || type == TokenType::kUnknown) bytes.insert(0, " ");
    if (state.at_beginning && bytes[0] == ' ') bytes.erase(0, 1);
    state.at_beginning = false;
    return clean_up(bytes, state.held);
  }

  ByteTrie trie_;
  bool lowercase_;
  bool strip_accents_;
};

}  // namespace

std::unique_ptr<const Tokenizer> make_wordpiece_tokenizer(TokenizerData data) {
  return std::make_unique<WordPieceTokenizer>(data);
}

Result<std::unique_ptr<const Tokenizer>> read_wordpiece_tokenizer(const Gguf& gguf) {
  HEARTH_ASSIGN(TokenizerData data, read_tokenizer_data(gguf, kWordPieceDefaults));
  return make_wordpiece_tokenizer(std::move(data));
}

}  // namespace hearth
