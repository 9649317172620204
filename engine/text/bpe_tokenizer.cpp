#include "engine/text/bpe_tokenizer.h"

#include <fmt/core.h>

#include <array>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "engine/base/nearest_name.h"
#include "engine/format/gguf.h"
#include "engine/format/quoted.h"
#include "engine/text/byte_level.h"
#include "engine/text/dna_words.h"
#include "engine/text/merge_symbols.h"
#include "engine/text/merge_table.h"
#include "engine/text/normalization.h"
#include "engine/text/pre_tokenizer.h"
#include "engine/text/spm_space.h"
#include "engine/text/unicode.h"
#include "engine/text/vocabulary_tokenizer.h"
#include "engine/text/word_cache.h"

namespace hearth {
namespace {

/// Ranks of merges are their places in the list. A merge whose parts or result are no text tokens is left
/// out: it could never come to anything.
Result<MergeTable> build_merges(const Vocabulary& vocabulary, const std::vector<std::string_view>& merges) {
  MergeTable table(merges.size());
  std::string joined;
  for (size_t rank = 0; rank < merges.size(); ++rank) {
    const std::string_view merge = merges[rank];
    const size_t space = merge.find(' ', 1);  // the left part is never empty, but might be a space
    if (space == std::string_view::npos || space + 1 == merge.size()) {
      return Error{ErrorCode::kInvalidModel,
                   fmt::format("key 'tokenizer.ggml.merges': element {} is {}, not two parts with a space "
                               "between them",
                               rank, quoted(merge))};
    }
    const std::string_view left_text = merge.substr(0, space);
    const std::string_view right_text = merge.substr(space + 1);
    joined.assign(left_text).append(right_text);
    const TokenId left = vocabulary.find_text(left_text);
    const TokenId right = vocabulary.find_text(right_text);
    const TokenId both = vocabulary.find_text(joined);
    if (left == kNoToken || right == kNoToken || both == kNoToken) continue;
    table.add(left, right, {static_cast<uint32_t>(rank), both});
  }
  return table;
}

std::string in_lower_case(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const Utf8Character character = decode_utf8(text.substr(at));
    if (character.state == Utf8State::kValid) {
      append_utf8(out, to_lower(character.code_point));
    } else {
      out += text.substr(at, character.bytes);
    }
    at += character.bytes;
  }
  return out;
}

class BpeTokenizer final : public VocabularyTokenizer {
 public:
  BpeTokenizer(TokenizerData& data, const PreTokenizer& pre_tokenizer, MergeTable merges)
      : VocabularyTokenizer(data),
        pre_tokenizer_(pre_tokenizer),
        merges_(std::move(merges)),
        nfc_(pre_tokenizer.nfc || data.nfc),
        drops_white_space_(data.drops_white_space),
        lowercase_(data.drops_white_space && data.lowercase) {
    if (data.has_dna) dna_.emplace(vocabulary());
    for (int byte = 0; byte < 256; ++byte) {
      std::string name;
      append_utf8(name, byte_level_character(static_cast<uint8_t>(byte)));
      byte_tokens_[byte] = vocabulary().find_text(name);
    }
  }

  std::string_view kind() const override { return "bpe"; }

 private:
  struct Scratch {
    std::vector<Symbol> symbols;
    std::vector<uint64_t> queue;
  };

  bool is_byte_level() const { return pre_tokenizer_.alphabet == BpeAlphabet::kBytes; }

  void encode_text(std::string_view text, bool, std::vector<TokenId>& out) const override {
    if (!dna_) return encode_words(text, out);
    dna_->encode(text, out,
                 [this](std::string_view words, std::vector<TokenId>& ids) { encode_words(words, ids); });
  }

  void encode_words(std::string_view text, std::vector<TokenId>& out) const {
    std::string normalised;
    if (normalise(text, normalised)) text = normalised;
    Scratch scratch;
    const auto cache = std::make_unique<WordCache>();
    size_t begin = 0;
    for (const size_t end : split_words(pre_tokenizer_, text)) {
      const std::string_view word = text.substr(begin, end - begin);
      begin = end;
      if (drops_white_space_ && classify(decode_utf8(word).code_point).white_space) continue;
      if (cache->repeat(word, out)) continue;
      const size_t first_id = out.size();
      encode_word(word, scratch, out);
      cache->remember(word, first_id, out);
    }
  }

  /// False where the text is as the vocabulary wants it.
  bool normalise(std::string_view text, std::string& out) const {
    if (nfc_) {
      out = to_nfc(text);
    } else if (pre_tokenizer_.alphabet == BpeAlphabet::kSpmSpaces) {
      append_with_spm_spaces(out, text);
    } else if (lowercase_) {
      out = in_lower_case(text);
    } else {
      return false;
    }
    return true;
  }

  void encode_word(std::string_view word, Scratch& scratch, std::vector<TokenId>& out) const {
    if (const TokenId token = find_word(word); token != kNoToken) {
      out.push_back(token);
      return;
    }
    std::vector<Symbol>& symbols = scratch.symbols;
    list_symbols(word, symbols);
    merge_symbols(symbols, scratch.queue, [&](const Symbol& left, const Symbol& right) {
      return merges_.find(left.token, right.token);
    });
    for (uint32_t i = 0; i != Symbol::kNone && i < symbols.size(); i = symbols[i].next) {
      if (symbols[i].token != kNoToken) {
        out.push_back(symbols[i].token);
      } else {
        encode_bytes(word.substr(symbols[i].begin, symbols[i].size), out);
      }
    }
  }

  /// The token for a word that is not to be taken apart.
  TokenId find_word(std::string_view word) const {
    const bool whole =
        pre_tokenizer_.ignore_merges ||
        (pre_tokenizer_.keeps_line_ends && word.find_first_not_of('\n') == std::string_view::npos);
    if (!whole || word.size() > Vocabulary::kMaxTokenBytes) return kNoToken;
    return is_byte_level() ? vocabulary().find_text(to_byte_level(word)) : vocabulary().find_text(word);
  }

  /// The bytes or characters that merging begins with.
  void list_symbols(std::string_view word, std::vector<Symbol>& symbols) const {
    symbols.clear();
    for (uint32_t at = 0; at < word.size(); at += symbols.back().size) {
      if (is_byte_level()) {
        append_symbol(symbols, at, 1, byte_tokens_[static_cast<uint8_t>(word[at])]);
      } else {
        const std::string_view character = word.substr(at, decode_utf8(word.substr(at)).bytes);
        append_symbol(symbols, at, static_cast<uint32_t>(character.size()),
                      vocabulary().find_text(character));
      }
    }
  }

  std::string text_bytes(TokenId token) const override {
    std::string_view text = vocabulary().text(token);
    if (dna_) text = DnaWords::without_mark(text);
    switch (pre_tokenizer_.alphabet) {
      case BpeAlphabet::kBytes:
        return from_byte_level(text);
      case BpeAlphabet::kSpmSpaces:
        return without_spm_spaces(text);
      case BpeAlphabet::kCharacters:
        break;
    }
    return std::string(text);
  }

  const PreTokenizer& pre_tokenizer_;
  std::optional<DnaWords> dna_;
  MergeTable merges_;
  bool nfc_;
  bool drops_white_space_;
  bool lowercase_;
  std::array<TokenId, 256> byte_tokens_;
};

Result<const PreTokenizer*> require_pre_tokenizer(std::string_view name) {
  if (const PreTokenizer* pre_tokenizer = find_pre_tokenizer(name)) return pre_tokenizer;
  std::vector<std::string> known;
  for (const PreTokenizer& pre_tokenizer : all_pre_tokenizers()) known.emplace_back(pre_tokenizer.name);
  return Error{ErrorCode::kUnsupportedModel,
               fmt::format("key 'tokenizer.ggml.pre': the rules {} for cutting text into words are not "
                           "known, the nearest name of {} is '{}'; the file may be fine: use a newer Hearth, "
                           "or a file that names known rules",
                           quoted(name), known.size(), nearest_name(name, known))};
}

Error in_file(const Gguf& gguf, Error error) {
  error.message = fmt::format("{}: {}", gguf.source().name(), error.message);
  return error;
}

/// Whether the file is of a model with GPT-NeoX's tokenizer, which composes texts. Such files name no
/// pre-tokenizer, or one that says nothing of its origin.
Result<bool> is_of_gpt_neox(const Gguf& gguf, std::string_view pre) {
  HEARTH_ASSIGN(const auto architecture, gguf.string("general.architecture"));
  return (pre == "default" || pre == "gpt-2") && (architecture == "gptneox" || architecture == "mpt");
}

/// What a kind of file has beside its rules for words.
struct BpeExtras {
  bool drops_white_space = false;
  bool has_dna = false;
};

Result<std::unique_ptr<const Tokenizer>> read_with_pre_tokenizer(const Gguf& gguf, std::string_view name,
                                                                 const BpeExtras& extras) {
  auto pre_tokenizer = require_pre_tokenizer(name);
  if (!pre_tokenizer.ok()) return in_file(gguf, std::move(pre_tokenizer).error());
  HEARTH_TRY(gguf.require_array("tokenizer.ggml.merges"));

  TokenizerDefaults defaults{
      .special = {}, .add_space_prefix = false, .lowercase = !extras.drops_white_space};
  defaults.special.add_bos = (*pre_tokenizer)->add_bos;
  HEARTH_ASSIGN(TokenizerData data, read_tokenizer_data(gguf, defaults));
  data.pre = name;
  data.drops_white_space = extras.drops_white_space;
  data.has_dna = extras.has_dna;
  if ((*pre_tokenizer)->needs_bos && data.special.bos != kNoToken) data.special.add_bos = true;
  HEARTH_ASSIGN(data.nfc, is_of_gpt_neox(gguf, name));
  auto tokenizer = make_bpe_tokenizer(std::move(data));
  if (!tokenizer.ok()) return in_file(gguf, std::move(tokenizer).error());
  return tokenizer;
}

}  // namespace

Result<std::unique_ptr<const Tokenizer>> make_bpe_tokenizer(TokenizerData data) {
  HEARTH_ASSIGN(const PreTokenizer* pre_tokenizer, require_pre_tokenizer(data.pre));
  HEARTH_ASSIGN(MergeTable merges, build_merges(data.vocabulary, data.merges));
  return std::unique_ptr<const Tokenizer>(
      std::make_unique<BpeTokenizer>(data, *pre_tokenizer, std::move(merges)));
}

Result<std::unique_ptr<const Tokenizer>> read_bpe_tokenizer(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto pre, gguf.string("tokenizer.ggml.pre"));
  return read_with_pre_tokenizer(gguf, pre.value_or("default"), {});
}

Result<std::unique_ptr<const Tokenizer>> read_gemma4_tokenizer(const Gguf& gguf) {
  return read_with_pre_tokenizer(gguf, "gemma4", {});
}

Result<std::unique_ptr<const Tokenizer>> read_whitespace_tokenizer(const Gguf& gguf) {
  return read_with_pre_tokenizer(gguf, "whitespace", {.drops_white_space = true});
}

Result<std::unique_ptr<const Tokenizer>> read_dna_tokenizer(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto pre, gguf.string("tokenizer.ggml.pre"));
  return read_with_pre_tokenizer(gguf, pre.value_or("default"), {.has_dna = true});
}

}  // namespace hearth
