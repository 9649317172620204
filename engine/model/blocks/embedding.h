// Tokens as vectors: the first thing a model does.
#pragma once

#include "engine/model/block.h"

namespace hearth {

struct EmbeddingSpec {
  int32_t n_vocab = 0;
  int64_t n_embd = 0;
  float scale = 1.0F;
};

class Embedding {
 public:
  explicit Embedding(const EmbeddingSpec& spec) : spec_(spec) {}

  void tensors(TensorVisitor& visit);
  /// x[r] = the row of the batch's token r, scaled; or the embedding that stands for it, as it is.
  void forward(const Step& step, Tensor x) const;

  const Weight& table() const { return table_; }

 private:
  EmbeddingSpec spec_;
  Weight table_;
};

}  // namespace hearth
