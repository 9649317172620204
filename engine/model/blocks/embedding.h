// Tokens as vectors: the first thing a model does.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "engine/model/block.h"

namespace hearth {

struct EmbeddingSpec {
  int32_t n_vocab = 0;
  int64_t n_embd = 0;
  float scale = 1.0F;
  int32_t positions = 0;  // that have a vector of their own, which is added (BERT); 0: they have none
  bool positions_optional = false;    // only in some files they do (MPT)
  bool may_be_output = false;         // where a file has no matrix for it, it is the output's (CodeShell)
  int32_t token_types = 0;            // that may have one: all tokens are of the first type
  std::optional<NormSpec> norm = {};  // of the sum
};

class Embedding {
 public:
  explicit Embedding(const EmbeddingSpec& spec) : spec_(spec) {}

  void tensors(TensorVisitor& visit);
  /// Floats of a row that `forward` takes of its workspace.
  int64_t workspace_columns() const { return adds_others() ? Workspace::columns_of(widths()) : 0; }
  /// x[r] = the row of the batch's token r, scaled; or the embedding that stands for it, as it is. Then what
  /// the spec adds, and the norm.
  void forward(const Step& step, Workspace workspace, Tensor x) const;

  const Weight& table() const { return table_; }

 private:
  std::array<int64_t, 1> widths() const { return {spec_.n_embd}; }
  bool adds_others() const { return spec_.positions > 0 || spec_.token_types > 0; }
  void look_up(const Step& step, Tensor x) const;
  void add_others(const Step& step, Tensor other, Tensor x) const;

  EmbeddingSpec spec_;
  Weight table_, positions_, token_types_;
  Norm norm_;
};

}  // namespace hearth
