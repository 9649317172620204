#include "engine/sampling/dry.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string_view>
#include <vector>

namespace hearth {
namespace {

/// For each i, how many tokens from i on are those from the beginning on; none for the beginning itself
/// (Gusfield 1997, the Z algorithm).
std::vector<size_t> common_beginnings(std::span<const TokenId> tokens) {
  std::vector<size_t> lengths(tokens.size());
  size_t begin = 0;  // the known stretch that reaches furthest
  size_t end = 0;
  for (size_t i = 1; i < tokens.size(); ++i) {
    size_t length = i < end ? std::min(end - i, lengths[i - begin]) : 0;
    while (i + length < tokens.size() && tokens[length] == tokens[i + length]) ++length;
    lengths[i] = length;
    if (i + length > end) {
      begin = i;
      end = i + length;
    }
  }
  return lengths;
}

/// Texts that end a repetition.
class Breakers {
 public:
  Breakers(const std::vector<std::string>& texts, const TokenBytes& bytes_of)
      : texts_(texts), bytes_of_(bytes_of) {
    for (const std::string& text : texts) longest_ = std::max(longest_, text.size());
  }

  /// Whether one of them ends in the first of these tokens, which come last first.
  bool end_in(std::span<const TokenId> backwards) const {
    if (longest_ == 0) return false;
    const std::string last = bytes_of_(backwards.front());
    std::string before;
    for (size_t i = 1; i < backwards.size() && before.size() + 1 < longest_; ++i) {
      before.insert(0, bytes_of_(backwards[i]));
    }
    const std::string text = before + last;
    return std::any_of(texts_.begin(), texts_.end(), [&](const std::string& breaker) {
      const size_t earliest = before.size() + 1 - std::min(before.size() + 1, breaker.size());
      return text.find(breaker, earliest) != std::string::npos;
    });
  }

 private:
  const std::vector<std::string>& texts_;
  const TokenBytes& bytes_of_;
  size_t longest_ = 0;
};

/// Tokens that would go on with a repetition, each with the longest that it would go on with. The tokens so
/// far come last first.
std::map<TokenId, size_t> continuations(std::span<const TokenId> backwards, size_t allowed_length,
                                        const Breakers& breakers) {
  std::map<TokenId, size_t> found;
  const std::vector<size_t> lengths = common_beginnings(backwards);
  const size_t longest = lengths.empty() ? 0 : *std::max_element(lengths.begin(), lengths.end());
  if (longest < allowed_length) return found;
  size_t most = 0;
  while (most < longest && !breakers.end_in(backwards.subspan(most))) ++most;
  for (size_t i = 1; i < backwards.size(); ++i) {
    const size_t length = std::min(lengths[i], most);
    const TokenId next = backwards[i - 1];
    if (length < allowed_length || breakers.end_in(std::span(&next, 1))) continue;
    found[next] = std::max(found[next], length);
  }
  return found;
}

}  // namespace

void penalise_repetition(Candidates& left, const GenerationOptions& options, std::span<const TokenId> so_far,
                         const TokenBytes& bytes_of) {
  if (options.dry_penalty_window >= 0) {
    so_far = so_far.last(std::min(so_far.size(), static_cast<size_t>(options.dry_penalty_window)));
  }
  const std::vector<TokenId> backwards(so_far.rbegin(), so_far.rend());
  const auto allowed_length = static_cast<size_t>(options.dry_allowed_length);
  std::vector<TokenId> tokens;
  std::vector<float> penalties;
  for (const auto& [token, length] :
       continuations(backwards, allowed_length, Breakers(options.dry_sequence_breakers, bytes_of))) {
    const double penalty =
        static_cast<double>(options.dry_multiplier) *
        std::pow(static_cast<double>(options.dry_base), static_cast<double>(length - allowed_length));
    tokens.push_back(token);
    penalties.push_back(
        static_cast<float>(std::min(penalty, static_cast<double>(std::numeric_limits<float>::max()))));
  }
  left.adjust(tokens, [&](float logit, size_t index) { return logit - penalties[index]; });
}

}  // namespace hearth
