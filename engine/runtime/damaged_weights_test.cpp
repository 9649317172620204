// A model whose weights are no numbers, as after a bad quantisation or a faulty disk.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>

#include "engine/runtime/scheduler.h"
#include "engine/runtime/test_model.h"

namespace hearth {
namespace {

using testing::expect_value;

/// The little model with one weight replaced that reaches every logit.
std::unique_ptr<Model> stories_with_weight(float weight) {
  std::ifstream in(testing::stories_path(), std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(in), {});
  std::vector<std::byte> bytes(text.size());
  std::memcpy(bytes.data(), text.data(), text.size());
  const uint64_t offset =
      expect_value(Gguf::parse(borrow_memory(bytes))).find_tensor("output_norm.weight")->offset;
  std::memcpy(bytes.data() + offset, &weight, sizeof(weight));
  return expect_value(Model::load({own_memory(std::move(bytes))}, LoadOptions{.threads = 1}));
}

class DamagedWeights : public ::testing::TestWithParam<float> {
 protected:
  void SetUp() override {
    HEARTH_REQUIRE_TESTDATA();
    model_ = stories_with_weight(GetParam());
    scheduler_ = expect_value(Scheduler::create(*model_, {}));
  }

  const std::vector<TokenId> tokens_{1, 403};
  std::unique_ptr<Model> model_;
  std::unique_ptr<Scheduler> scheduler_;
};

TEST_P(DamagedWeights, GiveNoLogits) {
  const auto logits = scheduler_->logits(tokens_, 0, [](size_t, std::span<const float>) {
    ADD_FAILURE() << "nobody should see them";
    return true;
  });
  ASSERT_FALSE(logits.ok());
  EXPECT_EQ(logits.error().code, ErrorCode::kInvalidModel);
}

TEST_P(DamagedWeights, GiveNoEmbedding) {
  for (const char* pooling : {"mean", "cls", "last"}) {
    EmbeddingOptions options;
    options.pooling = pooling;
    const auto embedding = scheduler_->embed({&tokens_, 1}, options);
    ASSERT_FALSE(embedding.ok());
    EXPECT_EQ(embedding.error().code, ErrorCode::kInvalidModel);
  }
}

INSTANTIATE_TEST_SUITE_P(Weights, DamagedWeights,
                         ::testing::Values(std::nanf(""), std::numeric_limits<float>::infinity()));

}  // namespace
}  // namespace hearth
