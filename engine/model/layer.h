// A layer of a transformer: a mixer and a feed-forward network with their norms, each adding to the residual
// stream.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "engine/model/block.h"

namespace hearth {

struct LayerSpec;

class Layer {
 public:
  Layer(const LayerSpec& spec, const BlockContext& context);

  void tensors(TensorVisitor& visit);
  int64_t workspace_columns() const;
  void forward(const Step& step, Workspace workspace, Tensor x) const;

 private:
  void forward_norming_sums(const Step& step, Workspace workspace, Tensor x) const;
  void norm(Backend& backend, Tensor in, const Norm& by, Tensor out) const {
    backend.norm(norm_.kind, in, by.weight, by.bias, norm_.epsilon, out);
  }
  std::array<int64_t, 2> widths() const { return {n_embd_, n_embd_}; }

  int64_t n_embd_;
  NormSpec norm_;
  bool post_norms_;
  bool parallel_residual_;
  bool norms_sums_;
  bool bare_mixer_;
  std::unique_ptr<Block> mixer_, feed_forward_;
  Norm mixer_norm_, feed_forward_norm_;
  Norm second_mixer_norm_;  // of the sum with x once more, in some files of Jina BERT 2
  Vector post_mixer_norm_, post_feed_forward_norm_;
};

}  // namespace hearth
