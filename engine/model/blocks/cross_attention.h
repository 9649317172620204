// A decoder's attention to what an encoder made of a text (Vaswani et al. 2017): without positions, and with
// keys and values that are made once for each text.
#pragma once

#include <array>
#include <cstdint>

#include "engine/model/block.h"
#include "engine/model/blocks/attention.h"

namespace hearth {

class CrossAttention {
 public:
  /// Its heads are as those of the layer's attention to itself, made just before, and its keys and values lie
  /// with that one's: those of the text first.
  CrossAttention(const AttentionSpec& self, const NormSpec& norm, const BlockContext& context);

  void tensors(TensorVisitor& visit);
  /// Floats of a row that either of the two takes of its workspace.
  int64_t workspace_columns() const;
  /// Stores keys and values of the step's rows, which are texts that the encoder made [rows, n_embd] of.
  void read(const Step& step, Workspace workspace, Tensor encoded) const;
  /// x += what rows of answers find in their texts.
  void forward(const Step& step, Workspace workspace, Tensor x) const;

 private:
  std::array<int64_t, 2> widths_of_text() const { return {spec_.key_width(), spec_.value_width()}; }
  std::array<int64_t, 3> widths_of_answer() const {
    return {n_embd_, spec_.query_width(), spec_.heads_width()};
  }

  AttentionSpec spec_;
  NormSpec norm_spec_;
  int64_t n_embd_;
  int32_t kv_;  // its number in the states
  Norm norm_;
  Linear query_, key_, value_, output_;
};

}  // namespace hearth
