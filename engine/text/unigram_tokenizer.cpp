#include "engine/text/unigram_tokenizer.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <utility>

#include "engine/format/gguf.h"
#include "engine/text/byte_trie.h"
#include "engine/text/charsmap.h"
#include "engine/text/spm_space.h"
#include "engine/text/unicode.h"
#include "engine/text/vocabulary_tokenizer.h"

namespace hearth {
namespace {

const TokenizerDefaults kUnigramDefaults{
    .special = {.eos = 1, .unk = 2, .pad = 0, .add_eos = true},
    .add_space_prefix = false,
};

/// A character that is in no token counts as a token that is so much less likely than the least likely one.
constexpr double kUnknownPenalty = 10;

double unknown_score(const Vocabulary& vocabulary) {
  float least = 0;  // scores are logarithms of probabilities
  for (TokenId token = 0; token < vocabulary.size(); ++token) {
    if (vocabulary.type(token) == TokenType::kNormal) least = std::min(least, vocabulary.score(token));
  }
  return least - kUnknownPenalty;
}

/// The best way to cut the text up to some place: its score and its last token.
struct BestCut {
  double score;
  uint32_t begin;  // of the last token
  TokenId token;   // kNoToken for a character in no token
};

class UnigramTokenizer final : public VocabularyTokenizer {
 public:
  UnigramTokenizer(TokenizerData& data, Charsmap charsmap)
      : VocabularyTokenizer(data, false),
        charsmap_(std::move(charsmap)),
        trie_(trie_of(vocabulary(), [&](TokenId token) { return vocabulary().is_text(token); })),
        user_defined_(
            trie_of(vocabulary(),
                    [&](TokenId token) { return vocabulary().type(token) == TokenType::kUserDefined; })),
        unknown_score_(unknown_score(vocabulary())),
        add_space_prefix_(data.add_space_prefix),
        remove_extra_whitespaces_(data.remove_extra_whitespaces) {}

  std::string_view kind() const override { return "unigram"; }

 private:
  /// A user-defined token, and where in the normalised text it stands.
  struct UserDefined {
    size_t at;
    TokenId token;
  };
  struct Normalised {
    std::string text;
    std::vector<UserDefined> user_defined;
  };

  void encode_text(std::string_view text, bool first, std::vector<TokenId>& out) const override {
    const Normalised normalised = normalise(text, first);
    size_t begin = 0;
    for (const UserDefined& found : normalised.user_defined) {
      encode_normalised(std::string_view(normalised.text).substr(begin, found.at - begin), out);
      out.push_back(found.token);
      begin = found.at;
    }
    encode_normalised(std::string_view(normalised.text).substr(begin), out);
  }

  void encode_normalised(std::string_view normalised, std::vector<TokenId>& out) const {
    const std::vector<BestCut> cuts = find_best_cuts(normalised);

    std::vector<uint32_t> ends;
    for (auto end = static_cast<uint32_t>(normalised.size()); end > 0; end = cuts[end].begin) {
      ends.push_back(end);
    }
    // Neighbouring characters in no token count as one unknown stretch.
    size_t unknown = 0;  // bytes of it
    const auto finish_unknown = [&](size_t end) {
      if (unknown == 0) return;
      encode_bytes(without_spm_spaces(normalised.substr(end - unknown, unknown)), out);
      unknown = 0;
    };
    for (auto end = ends.rbegin(); end != ends.rend(); ++end) {
      const BestCut& cut = cuts[*end];
      if (cut.token == kNoToken) {
        unknown += *end - cut.begin;
      } else {
        finish_unknown(cut.begin);
        out.push_back(cut.token);
      }
    }
    finish_unknown(normalised.size());
  }

  /// Applies the charsmap and the rules for spaces, and takes user-defined tokens out: they stay as they are
  /// written, and count as letters of the word that they stand in.
  Normalised normalise(std::string_view text, bool first) const {
    Normalised out;
    out.text.reserve(text.size() + text.size() / 2);
    bool needs_prefix = first && add_space_prefix_;
    bool in_word = false;
    const auto go_on_with_word = [&] {
      if (!in_word && (needs_prefix || remove_extra_whitespaces_)) {
        out.text += kSpmSpace;
        needs_prefix = false;
      }
      in_word = true;
    };
    const auto add = [&](std::string_view bytes) {
      for (const char byte : bytes) {
        if (byte == ' ') {
          in_word = false;
          if (!remove_extra_whitespaces_) out.text += kSpmSpace;
        } else {
          go_on_with_word();
          out.text += byte;
        }
      }
    };
    for (size_t at = 0; at < text.size();) {
      const std::string_view rest = text.substr(at);
      if (const auto [bytes, token] = user_defined_.longest_prefix(rest); token != ByteTrie::kNone) {
        go_on_with_word();
        out.user_defined.push_back({out.text.size(), token});
        at += bytes;
      } else if (const Charsmap::Replacement replacement = charsmap_.find(rest); replacement.bytes > 0) {
        add(replacement.text);
        at += replacement.bytes;
      } else {
        const Utf8Character character = decode_utf8(rest);
        add(character.state == Utf8State::kValid ? rest.substr(0, character.bytes) : "\uFFFD");
        at += character.bytes;
      }
    }
    // Spaces alone are a text, too: decoding takes one away from it.
    if (needs_prefix && !out.text.empty()) out.text.insert(0, kSpmSpace);
    return out;
  }

  /// For every place of the text that a token or character ends at, the best cut up to it (Viterbi).
  std::vector<BestCut> find_best_cuts(std::string_view text) const {
    constexpr double kUnreached = -std::numeric_limits<double>::infinity();
    std::vector<BestCut> cuts(text.size() + 1, {kUnreached, 0, kNoToken});
    cuts[0].score = 0;
    for (size_t begin = 0; begin < text.size();) {
      const size_t character = decode_utf8(text.substr(begin)).bytes;
      const double score = cuts[begin].score;
      const auto offer = [&](size_t bytes, double added, TokenId token) {
        BestCut& cut = cuts[begin + bytes];
        if (score + added > cut.score) cut = {score + added, static_cast<uint32_t>(begin), token};
      };
      bool known = false;
      trie_.for_each_prefix(text.substr(begin), [&](size_t bytes, TokenId token) {
        known = known || bytes == character;
        const bool user_defined = vocabulary().type(token) == TokenType::kUserDefined;
        offer(bytes, user_defined ? 0.0 : double{vocabulary().score(token)}, token);
      });
      if (!known) offer(character, unknown_score_, kNoToken);
      begin += character;
    }
    return cuts;
  }

  std::string text_bytes(TokenId token) const override {
    return without_spm_spaces(vocabulary().text(token));
  }
  std::string_view unknown_text() const override { return kSpmUnknown; }
  bool adds_space() const override { return add_space_prefix_ || remove_extra_whitespaces_; }

  Charsmap charsmap_;
  ByteTrie trie_;
  ByteTrie user_defined_;
  double unknown_score_;
  bool add_space_prefix_;
  bool remove_extra_whitespaces_;
};

}  // namespace

Result<std::unique_ptr<const Tokenizer>> make_unigram_tokenizer(TokenizerData data) {
  Charsmap charsmap;
  if (!data.charsmap.empty()) {
    HEARTH_ASSIGN(charsmap, Charsmap::parse(data.charsmap));
  }
  return std::unique_ptr<const Tokenizer>(std::make_unique<UnigramTokenizer>(data, std::move(charsmap)));
}

Result<std::unique_ptr<const Tokenizer>> read_unigram_tokenizer(const Gguf& gguf) {
  HEARTH_ASSIGN(TokenizerData data, read_tokenizer_data(gguf, kUnigramDefaults));
  auto tokenizer = make_unigram_tokenizer(std::move(data));
  if (tokenizer.ok()) return tokenizer;
  Error error = std::move(tokenizer).error();
  error.message = fmt::format("{}: {}", gguf.source().name(), error.message);
  return error;
}

}  // namespace hearth
