// Models of whose file a large table is never in memory: its rows are read when a token needs them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/runtime/scheduler.h"
#include "engine/runtime/test_model.h"
#include "testing/synthetic/synthetic_model.h"

namespace hearth {
namespace {

using testing::expect_value;

/// A model behind a function that reads, which knows what was read of the table.
class LeftInFile : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    GgufWriter writer;
    const SyntheticShape& shape = *find_synthetic_shape(GetParam());
    const auto added = add_synthetic_model(shape, expect_value(find_type_mix("Q4_K")), 1, writer);
    ASSERT_TRUE(added.ok()) << added.error().message;
    file_ = expect_value(writer.write_to_memory());
    const Gguf gguf = expect_value(Gguf::parse(borrow_memory(file_)));
    for (const GgufTensor& tensor : gguf.tensors()) {
      if (tensor.name != "per_layer_token_embd.weight") continue;
      first_ = tensor.offset;
      row_bytes_ = tensor.bytes / tensor.rows();
      table_bytes_ = tensor.bytes;
    }
    const auto read = [this](uint64_t offset, std::span<std::byte> into) {
      if (offset >= first_ && offset < first_ + table_bytes_) {
        if (is_gone_) return false;
        EXPECT_EQ(into.size(), row_bytes_);
        rows_.insert(static_cast<int32_t>((offset - first_) / row_bytes_));
      }
      std::copy_n(file_.begin() + static_cast<ptrdiff_t>(offset), into.size(), into.begin());
      return true;
    };
    model_ = expect_value(Model::load({read_with(read, file_.size(), "read")}, LoadOptions{.threads = 1}));
  }

  Result<void> run(const std::vector<TokenId>& tokens) {
    LoadOptions options;
    options.context_size = 64;
    const auto scheduler = expect_value(Scheduler::create(*model_, options));
    return scheduler->logits(tokens, 0, [](size_t, std::span<const float>) { return true; });
  }

  std::vector<std::byte> file_;
  uint64_t first_ = 0, row_bytes_ = 0, table_bytes_ = 0;
  std::set<int32_t> rows_;
  bool is_gone_ = false;
  std::unique_ptr<Model> model_;
};

TEST_P(LeftInFile, ReadsNoRowWhileItLoadsAndThoseOfTheTokensLater) {
  EXPECT_TRUE(rows_.empty());
  const auto done = run({1, 77, 300, 77});
  ASSERT_TRUE(done.ok()) << done.error().message;
  EXPECT_THAT(rows_, ::testing::ElementsAre(1, 77, 300));
}

TEST_P(LeftInFile, SaysHowMuchThatIs) {
  const uint64_t left = model_->info().left_in_file;
  EXPECT_GE(left, table_bytes_);
  EXPECT_LT(left, model_->info().file_size);
}

TEST_P(LeftInFile, EndsWithAnErrorWhereTheFileIsGone) {
  is_gone_ = true;
  const auto done = run({1, 2});
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, ErrorCode::kIo);
}

INSTANTIATE_TEST_SUITE_P(Of, LeftInFile, ::testing::Values("tiny-gemma3n", "tiny-gemma4"),
                         [](const auto& test) {
                           std::string name = test.param;
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

TEST(LeftInFileOfOthers, IsNothing) {
  GgufWriter writer;
  ASSERT_TRUE(
      add_synthetic_model(*find_synthetic_shape("tiny-llama"), expect_value(find_type_mix("F16")), 1, writer)
          .ok());
  const auto file = expect_value(writer.write_to_memory());
  const auto model = expect_value(Model::load({borrow_memory(file)}, LoadOptions{.threads = 1}));
  EXPECT_EQ(model->info().left_in_file, 0U);
}

}  // namespace
}  // namespace hearth
