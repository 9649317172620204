// Tokens that a file forbids its model to choose (`tokenizer.ggml.suppress_tokens`).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/runtime/scheduler.h"
#include "engine/runtime/synthetic_model_testing.h"

namespace hearth {
namespace {

using testing::expect_value;

/// The tokens that a model with random weights goes on with, likeliest first.
std::vector<TokenId> greedy_answer(const std::vector<TokenId>& suppressed) {
  GgufWriter writer;
  const SyntheticShape& shape = *find_synthetic_shape("tiny-llama");
  EXPECT_TRUE(add_synthetic_model(shape, expect_value(find_type_mix("F32")), 1, writer).ok());
  writer.add_int32s("tokenizer.ggml.suppress_tokens", suppressed);
  const auto model = expect_value(
      Model::load({own_memory(expect_value(writer.write_to_memory()))}, LoadOptions{.threads = 1}));
  const auto scheduler = expect_value(Scheduler::create(*model, {}));
  GenerationRequest request;
  request.prompt = {1, 300, 310};
  request.max_tokens = 12;
  request.temperature = 0.0F;
  const auto generation = expect_value(scheduler->submit(request));
  while (scheduler->step()) {
  }
  const std::span<const TokenId> tokens = generation->tokens();
  return {tokens.begin() + static_cast<std::ptrdiff_t>(request.prompt.size()), tokens.end()};
}

TEST(SuppressedTokens, AreNeverChosen) {
  const std::vector<TokenId> free = greedy_answer({});
  ASSERT_FALSE(free.empty());
  const std::vector<TokenId> held = greedy_answer({free.front()});
  ASSERT_FALSE(held.empty());
  EXPECT_THAT(held, ::testing::Not(::testing::Contains(free.front())));
}

}  // namespace
}  // namespace hearth
