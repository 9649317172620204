// How long a prompt takes on a GPU, even on one that the processor plays.
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <span>
#include <vector>

#include "engine/compute/backend_testing.h"
#include "engine/runtime/scheduler.h"
#include "engine/runtime/test_model.h"
#include "testing/synthetic/synthetic_model.h"

namespace hearth {
namespace {

using testing::expect_value;

/// In the shape of stories15M (github.com/karpathy/llama2.c).
SyntheticShape of_fifteen_million_weights() {
  SyntheticShape shape = *find_synthetic_shape("tinyllama-1.1b");
  shape.n_layer = 6;
  shape.n_embd = 288;
  shape.n_ff = 768;
  shape.n_head = shape.n_head_kv = 6;
  shape.head_dimension = 48;
  shape.context_length = 256;
  shape.tied = true;
  return shape;
}

TEST(GpuPrompt, OfSixtyFourTokensIsReadWithinAMinute) {
  HEARTH_REQUIRE_GPU();
  GgufWriter writer;
  const auto added =
      add_synthetic_model(of_fifteen_million_weights(), expect_value(find_type_mix("Q4_0")), 1, writer);
  ASSERT_TRUE(added.ok()) << added.error().message;
  const std::vector<std::byte> file = expect_value(writer.write_to_memory());
  std::vector<TokenId> tokens(64);
  for (size_t i = 0; i < tokens.size(); ++i) tokens[i] = static_cast<TokenId>(1 + i * 37);

  const auto start = std::chrono::steady_clock::now();
  LoadOptions options;
  options.context_size = 256;
  options.device = "gpu";
  const auto model = expect_value(Model::load({borrow_memory(file)}, options));
  const auto scheduler = expect_value(Scheduler::create(*model, options));
  const auto done =
      scheduler->logits(tokens, tokens.size() - 1, [](size_t /*position*/, std::span<const float> logits) {
        EXPECT_TRUE(std::isfinite(logits[0]));
        return true;
      });
  ASSERT_TRUE(done.ok()) << done.error().message;
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::minutes(1));
}

}  // namespace
}  // namespace hearth
