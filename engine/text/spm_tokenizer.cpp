#include "engine/text/spm_tokenizer.h"

#include <bit>
#include <memory>
#include <utility>

#include "engine/text/merge_symbols.h"
#include "engine/text/spm_space.h"
#include "engine/text/unicode.h"
#include "engine/text/vocabulary_tokenizer.h"
#include "engine/text/word_cache.h"

namespace hearth {
namespace {

const TokenizerDefaults kSpmDefaults{
    .special = {.bos = 1, .eos = 2, .unk = 0, .add_bos = true},
    .add_space_prefix = true,
};

/// A whole number that is less the higher the score. Requires a score that is a number.
uint32_t order_of_score(float score) {
  // The bits of a positive float are ordered like the float, those of a negative one the other way round.
  const auto bits = std::bit_cast<uint32_t>(score + 0.0F);  // no -0
  const uint32_t ascending = (bits & 0x80000000) != 0 ? ~bits : bits | 0x80000000;
  return ~ascending;
}

/// Whether a space may only stand at the beginning of a token. Then no merge reaches across the beginning of
/// a word, and words can be tokenised one by one.
bool spaces_only_begin_tokens(const Vocabulary& vocabulary) {
  for (TokenId token = 0; token < vocabulary.size(); ++token) {
    if (!vocabulary.is_text(token)) continue;
    std::string_view text = vocabulary.text(token);
    while (text.starts_with(kSpmSpace)) text.remove_prefix(kSpmSpace.size());
    if (text.find(kSpmSpace) != std::string_view::npos) return false;
  }
  return true;
}

/// The length of the first word of `text`: its spaces, then everything up to the next space.
size_t first_word_size(std::string_view text) {
  size_t begin = 0;
  while (text.substr(begin).starts_with(kSpmSpace)) begin += kSpmSpace.size();
  return std::min(text.find(kSpmSpace, begin), text.size());
}

class SpmTokenizer final : public VocabularyTokenizer {
 public:
  explicit SpmTokenizer(TokenizerData& data)
      : VocabularyTokenizer(data),
        add_space_prefix_(data.add_space_prefix),
        word_by_word_(spaces_only_begin_tokens(vocabulary())) {}

  std::string_view kind() const override { return "spm"; }

 private:
  struct Scratch {
    std::vector<Symbol> symbols;
    std::vector<uint64_t> queue;
  };

  void encode_text(std::string_view text, bool first, std::vector<TokenId>& out) const override {
    std::string escaped;
    escaped.reserve(text.size() + text.size() / 2);
    if (first && add_space_prefix_) escaped += kSpmSpace;
    append_with_spm_spaces(escaped, text);

    Scratch scratch;
    if (!word_by_word_) return encode_word(escaped, scratch, out);
    const auto cache = std::make_unique<WordCache>();
    for (std::string_view rest = escaped; !rest.empty();) {
      const std::string_view word = rest.substr(0, first_word_size(rest));
      rest.remove_prefix(word.size());
      if (cache->repeat(word, out)) continue;
      const size_t first_id = out.size();
      encode_word(word, scratch, out);
      cache->remember(word, first_id, out);
    }
  }

  void encode_word(std::string_view word, Scratch& scratch, std::vector<TokenId>& out) const {
    std::vector<Symbol>& symbols = scratch.symbols;
    symbols.clear();
    for (uint32_t at = 0; at < word.size(); at += symbols.back().size) {
      append_symbol(symbols, at, decode_utf8(word.substr(at)).bytes, kNoToken);
    }
    merge_symbols(symbols, scratch.queue, [&](const Symbol& left, const Symbol& right) -> Merge {
      const TokenId token = vocabulary().find_text(word.substr(left.begin, left.size + right.size));
      if (token == kNoToken) return {Symbol::kNone, kNoToken};
      return {order_of_score(vocabulary().score(token)), token};
    });
    for (uint32_t i = 0; i != Symbol::kNone && i < symbols.size(); i = symbols[i].next) {
      const std::string_view text = word.substr(symbols[i].begin, symbols[i].size);
      const TokenId token = symbols[i].token != kNoToken ? symbols[i].token : vocabulary().find_text(text);
      if (token != kNoToken) {
        out.push_back(token);
      } else {
        encode_bytes(text == kSpmSpace ? " " : text, out);
      }
    }
  }

  std::string text_bytes(TokenId token) const override {
    return without_spm_spaces(vocabulary().text(token));
  }
  std::string_view unknown_text() const override { return kSpmUnknown; }
  bool adds_space() const override { return add_space_prefix_; }

  bool add_space_prefix_;
  bool word_by_word_;
};

}  // namespace

std::unique_ptr<const Tokenizer> make_spm_tokenizer(TokenizerData data) {
  return std::make_unique<SpmTokenizer>(data);
}

Result<std::unique_ptr<const Tokenizer>> read_spm_tokenizer(const Gguf& gguf) {
  HEARTH_ASSIGN(TokenizerData data, read_tokenizer_data(gguf, kSpmDefaults));
  return make_spm_tokenizer(std::move(data));
}

}  // namespace hearth
