#include "engine/sampling/penalties.h"

#include <algorithm>
#include <vector>

namespace hearth {

void apply_penalties(Candidates& left, const GenerationOptions& options, std::span<const TokenId> so_far) {
  if (options.penalty_window >= 0) {
    so_far = so_far.last(std::min(so_far.size(), static_cast<size_t>(options.penalty_window)));
  }
  std::vector<TokenId> all(so_far.begin(), so_far.end());
  std::sort(all.begin(), all.end());
  std::vector<TokenId> tokens;
  std::vector<float> counts;
  for (const TokenId token : all) {
    if (tokens.empty() || tokens.back() != token) {
      tokens.push_back(token);
      counts.push_back(0.0F);
    }
    ++counts.back();
  }
  left.adjust(tokens, [&](float logit, size_t index) {
    logit = logit > 0 ? logit / options.repetition_penalty : logit * options.repetition_penalty;
    return logit - (counts[index] * options.frequency_penalty + options.presence_penalty);
  });
}

}  // namespace hearth
