// Per-layer embeddings (Gemma 3n, Google 2025): beside its embedding, a token has a small vector for every
// layer, which that adds to the residual stream through a gate. Together they are most of a model's file, but
// of a token only its own row is read, where the file has it.
#pragma once

#include <array>
#include <cstdint>

#include "engine/base/result.h"
#include "engine/model/block.h"

namespace hearth {

struct PerLayerSpec {
  int64_t width = 0;  // of a layer's vector; 0: there are none
  NormSpec norm;
};

/// Where the vectors come from.
class PerLayerEmbedding {
 public:
  PerLayerEmbedding(const PerLayerSpec& spec, int64_t n_embd, int32_t n_vocab, int32_t n_layer);

  void tensors(TensorVisitor& visit);
  /// Floats of a row that `forward` takes of its workspace, and those of all vectors.
  int64_t workspace_columns() const { return Workspace::columns_of(widths()); }
  int64_t columns() const { return spec_.width * n_layer_; }
  /// vectors [rows, columns]: what a token's row of the table and its embedding, x [rows, n_embd], give. They
  /// lie layer after layer, as of_layer has them. IO where a row could not be read.
  Result<void> forward(const Step& step, Workspace workspace, Tensor x, Tensor vectors) const;
  /// [rows, width] of one layer.
  Tensor of_layer(Tensor vectors, int32_t layer) const;

 private:
  std::array<int64_t, 1> widths() const { return {columns()}; }
  Result<void> look_up(const Step& step, Tensor vectors) const;

  PerLayerSpec spec_;
  int64_t n_embd_;
  int32_t n_vocab_, n_layer_;
  StoredMatrix table_;
  Weight projection_;
  Norm norm_;
};

/// What one layer makes of its vectors.
class PerLayerUpdate {
 public:
  PerLayerUpdate(const PerLayerSpec& spec, int64_t n_embd) : spec_(spec), n_embd_(n_embd) {}

  void tensors(TensorVisitor& visit);
  int64_t workspace_columns() const { return Workspace::columns_of(widths()); }
  /// update = norm(projection(gelu(gate(h)) * vectors)); update may be h.
  void forward(const Step& step, Workspace workspace, Tensor h, Tensor vectors, Tensor update) const;

 private:
  std::array<int64_t, 1> widths() const { return {spec_.width}; }

  PerLayerSpec spec_;
  int64_t n_embd_;
  Weight gate_, projection_;
  Norm norm_;
};

}  // namespace hearth
