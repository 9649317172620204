#include "engine/text/plamo_tokenizer.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "engine/text/byte_trie.h"
#include "engine/text/unicode.h"
#include "engine/text/vocabulary_tokenizer.h"

namespace hearth {
namespace {

const TokenizerDefaults kPlamoDefaults{
    .special = {.bos = 1, .eos = 2, .unk = 0, .pad = 3},
    .add_space_prefix = false,
};

/// Scores are counted in units of 1/10000. A character in no token counts as one of this score; a token whose
/// own is as low as the other is never taken.
constexpr double kUnitsOfScore = 1e4;
constexpr int64_t kUnknownCharacter = -10'000'000;
constexpr int64_t kNeverTaken = -20'000'000;
constexpr double kHighestScore = 2'000'000'000;  // so that the sum over a text fits 64 bits

int64_t plamo_score(float score) {
  const double units = std::round(double{score} * kUnitsOfScore);
  return static_cast<int64_t>(std::clamp(units, double{kNeverTaken}, kHighestScore));
}

/// The best way to cut up what begins at some place: its score and its first token.
struct BestPlamoCut {
  int64_t score;
  uint32_t bytes;  // of the token
  TokenId token;   // kNoToken for a character in no token
};

class PlamoTokenizer final : public VocabularyTokenizer {
 public:
  explicit PlamoTokenizer(TokenizerData& data)
      : VocabularyTokenizer(data), trie_(trie_of(vocabulary(), [&](TokenId token) {
          return vocabulary().is_text(token) && plamo_score(vocabulary().score(token)) > kNeverTaken;
        })) {}

  std::string_view kind() const override { return "plamo2"; }

 private:
  void encode_text(std::string_view text, bool, std::vector<TokenId>& out) const override {
    const std::vector<BestPlamoCut> cuts = find_best_cuts(text);
    for (size_t at = 0; at < text.size(); at += cuts[at].bytes) {
      if (cuts[at].token != kNoToken) {
        out.push_back(cuts[at].token);
      } else {
        encode_bytes(text.substr(at, cuts[at].bytes), out);
      }
    }
  }

  /// For every place of the text that a character begins at, the best cut of what follows.
  std::vector<BestPlamoCut> find_best_cuts(std::string_view text) const {
    std::vector<uint32_t> characters;  // where each begins
    for (size_t at = 0; at < text.size(); at += decode_utf8(text.substr(at)).bytes) {
      characters.push_back(static_cast<uint32_t>(at));
    }
    std::vector<BestPlamoCut> cuts(text.size() + 1, {0, 0, kNoToken});
    size_t next = text.size();
    for (auto begin = characters.rbegin(); begin != characters.rend(); ++begin) {
      const size_t character = next - *begin;
      BestPlamoCut& best = cuts[*begin];
      best = {cuts[next].score + kUnknownCharacter, static_cast<uint32_t>(character), kNoToken};
      // The last of equal ones is the longest.
      trie_.for_each_prefix(text.substr(*begin), [&](size_t bytes, TokenId token) {
        if (cuts[*begin + bytes].bytes == 0 && *begin + bytes != text.size()) return;  // within a character
        const int64_t score = cuts[*begin + bytes].score + plamo_score(vocabulary().score(token));
        if (score >= best.score) best = {score, static_cast<uint32_t>(bytes), token};
      });
      next = *begin;
    }
    return cuts;
  }

  std::string text_bytes(TokenId token) const override { return std::string(vocabulary().text(token)); }

  ByteTrie trie_;
};

}  // namespace

std::unique_ptr<const Tokenizer> make_plamo_tokenizer(TokenizerData data) {
  return std::make_unique<PlamoTokenizer>(data);
}

Result<std::unique_ptr<const Tokenizer>> read_plamo_tokenizer(const Gguf& gguf) {
  HEARTH_ASSIGN(TokenizerData data, read_tokenizer_data(gguf, kPlamoDefaults));
  return make_plamo_tokenizer(std::move(data));
}

}  // namespace hearth
