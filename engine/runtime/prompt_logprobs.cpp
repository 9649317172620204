#include "engine/runtime/prompt_logprobs.h"

#include <fmt/format.h>

#include <algorithm>

namespace hearth {

Result<void> require_order(const ModelSpec& spec) {
  if (!spec.diffusion) return {};
  return Error{
      ErrorCode::kUnsupported,
      fmt::format("a model of the architecture '{}' writes by diffusion and sees the whole text at each "
                  "place: it does not tell how likely a token was by those before it",
                  spec.architecture)};
}

Result<std::vector<ChosenLogprob>> prompt_logprobs(Scheduler& scheduler, const Model& model,
                                                   std::span<const TokenId> tokens, int32_t top_count) {
  HEARTH_TRY(require_order(model.spec()));
  const Tokenizer& tokenizer = model.tokenizer();
  // Embeddings are often padded with rows that stand for no token.
  const auto padding =
      std::ranges::find_if(tokens, [&](TokenId token) { return token >= tokenizer.vocabulary_size(); });
  if (padding != tokens.end()) {
    return Error{ErrorCode::kInvalidArgument, fmt::format("token {} is not in the vocabulary", *padding)};
  }
  std::vector<ChosenLogprob> all;
  const auto known = static_cast<size_t>(tokenizer.vocabulary_size());
  HEARTH_TRY(scheduler.logits(tokens, 0, [&](size_t position, std::span<const float> logits) {
    if (position + 1 < tokens.size()) {
      all.push_back(logprob_of(tokens[position + 1], logits.first(known), top_count, tokenizer));
    }
    return true;
  }));
  return all;
}

}  // namespace hearth
