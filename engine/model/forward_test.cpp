// Networks end to end, on models made for the purpose.
#include "engine/model/forward.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <numeric>
#include <vector>

#include "engine/compute/devices.h"
#include "engine/model/families/family.h"
#include "engine/model/tiny_model.h"
#include "engine/model/weights.h"

namespace hearth {
namespace {

using testing::TinyModel;

/// A model that is given, bound and ready for one sequence.
class Running {
 public:
  explicit Running(const TinyModel& model)
      : file_(std::move(model.open()).value()),
        spec_(std::move(read_model_spec(file_.metadata())).value()),
        backend_(std::move(make_backend({"", 1, "portable"})).value()) {
    auto bound = bind_network(file_, spec_, *backend_);
    EXPECT_TRUE(bound.ok()) << (bound.ok() ? "" : bound.error().message);
    bound_ = std::move(*bound);
    states_ =
        std::move(StateStore::create(*backend_, bound_.network->states(), 256, BlockType::kF32)).value();
    forward_ = std::make_unique<Forward>(*bound_.network, *bound_.weights, *states_, 256);
  }

  /// Logits of every row, run together.
  std::vector<float> logits(const std::vector<int32_t>& tokens, const std::vector<float>& embeddings = {}) {
    SequenceState sequence(*states_);
    EXPECT_TRUE(sequence.extend(static_cast<int32_t>(tokens.size())).ok());
    std::vector<int32_t> positions(tokens.size());
    std::iota(positions.begin(), positions.end(), 0);
    const std::vector<int32_t> sequences(tokens.size(), 0);
    const std::span<const int32_t> pages = sequence.pages();
    std::vector<float> logits(tokens.size() * static_cast<size_t>(spec_.n_vocab()));
    Batch batch{tokens, {positions, sequences, {&pages, 1}}, positions, embeddings};
    batch.is_unwanted = is_unwanted;
    begun = forward_->begin_logits(batch, logits);
    EXPECT_TRUE(backend_->wait().ok());
    if (in_parts) logits = logits_in_parts(batch);
    return logits;
  }

  /// Of the batch's rows anew, of each by itself, when all hidden states are there.
  std::vector<float> logits_in_parts(const Batch& batch) {
    const auto n_embd = static_cast<size_t>(spec_.n_embd());
    const auto n_vocab = static_cast<size_t>(spec_.n_vocab());
    std::vector<float> hidden(batch.output_rows.size() * n_embd);
    EXPECT_TRUE(forward_->begin_embeddings(batch, hidden).ok());
    EXPECT_TRUE(backend_->wait().ok());
    std::vector<float> logits(batch.output_rows.size() * n_vocab);
    for (size_t row = 0; row < batch.output_rows.size(); ++row) {
      EXPECT_TRUE(forward_
                      ->begin_logits_of(batch, row, std::span(hidden).subspan(row * n_embd, n_embd),
                                        std::span(logits).subspan(row * n_vocab, n_vocab))
                      .ok());
      EXPECT_TRUE(backend_->wait().ok());
    }
    return logits;
  }

  /// The row of the token's embedding (f32 in these models).
  std::vector<float> embedding(int32_t token) const {
    const TensorPlace table = file_.find_tensor("token_embd.weight");
    std::vector<float> row(static_cast<size_t>(spec_.n_embd()));
    const uint64_t bytes = row.size() * sizeof(float);
    EXPECT_TRUE(table.part->source()
                    .read(table.tensor->offset + static_cast<uint64_t>(token) * bytes,
                          std::as_writable_bytes(std::span(row)))
                    .ok());
    return row;
  }

  const StateStore& states() const { return *states_; }

  bool in_parts = false;
  std::function<bool()> is_unwanted;
  Result<void> begun;

 private:
  ModelFile file_;
  ModelSpec spec_;
  std::unique_ptr<Backend> backend_;
  BoundNetwork bound_;
  std::unique_ptr<StateStore> states_;
  std::unique_ptr<Forward> forward_;
};

TEST(Forward, EndsBeforeTheNextLayerOfABatchThatIsUnwanted) {
  Running model{TinyModel()};
  const std::vector<float> expected = model.logits({3, 7, 11, 5});
  ASSERT_TRUE(model.begun.ok());
  int asked = 0;
  model.is_unwanted = [&asked] { return ++asked == 2; };
  (void)model.logits({3, 7, 11, 5});
  ASSERT_FALSE(model.begun.ok());
  EXPECT_EQ(model.begun.error().code, ErrorCode::kAborted);
  EXPECT_EQ(asked, 2);
  model.is_unwanted = {};
  EXPECT_EQ(model.logits({3, 7, 11, 5}), expected);
}

TEST(Forward, LogitsOfSomeRowsAreAsThoseOfAll) {
  Running model{TinyModel()};
  const std::vector<float> expected = model.logits({3, 7, 11, 5});
  model.in_parts = true;
  EXPECT_EQ(model.logits({3, 7, 11, 5}), expected);
}

TEST(Forward, RowsMayBeEmbeddingsInsteadOfTokens) {
  Running model{TinyModel()};
  const std::vector<float> expected = model.logits({3, 7, 11, 5});
  std::vector<float> embeddings = model.embedding(7);
  const std::vector<float> second = model.embedding(11);
  embeddings.insert(embeddings.end(), second.begin(), second.end());
  constexpr int32_t kEmbedding = Batch::kEmbedding;
  EXPECT_EQ(model.logits({3, kEmbedding, kEmbedding, 5}, embeddings), expected);
  EXPECT_NE(model.logits({3, 11, 7, 5}), expected);
}

/// Layers of other heads and another width, out of the same numbers as TinyModel's.
TinyModel uneven_model() {
  TinyModel model;
  model.arrays["attention.head_count_kv"] = {1, 2};
  model.arrays["feed_forward_length"] = {64, 96};
  model.tensors["blk.1.attn_k.weight"] = {32, 32};
  model.tensors["blk.1.attn_v.weight"] = {32, 32};
  model.tensors["blk.1.ffn_gate.weight"] = {32, 96};
  model.tensors["blk.1.ffn_up.weight"] = {32, 96};
  model.tensors["blk.1.ffn_down.weight"] = {96, 32};
  return model;
}

TEST(Forward, LayersMayHaveOtherHeadsAndWidths) {
  Running model{uneven_model()};
  EXPECT_EQ(model.states().kv(0).layout.n_head_kv, 1);
  EXPECT_EQ(model.states().kv(1).layout.n_head_kv, 2);
  const std::vector<float> together = model.logits({3, 7, 11, 5});
  // A row's logits do not depend on what follows.
  const std::vector<float> beginning = model.logits({3, 7});
  EXPECT_TRUE(std::equal(beginning.begin(), beginning.end(), together.begin()));
  EXPECT_NE(std::vector<float>(together.begin(), together.begin() + 40),
            std::vector<float>(together.begin() + 40, together.begin() + 80));
}

}  // namespace
}  // namespace hearth
