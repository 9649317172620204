// A layer of a transformer: a mixer and a feed-forward network with their norms, each adding to the residual
// stream.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "engine/model/block.h"

namespace hearth {

struct LayerSpec;
struct NormName;

class Layer {
 public:
  Layer(const LayerSpec& spec, const BlockContext& context);
  Layer(Layer&&) noexcept;
  ~Layer();

  void tensors(TensorVisitor& visit);
  int64_t workspace_columns() const;
  void forward(const Step& step, Workspace workspace, Tensor x) const;

 private:
  /// One of the two, with the norms of what it reads and gives. A norm without a size is none.
  struct Part {
    std::unique_ptr<Block> block;
    Norm input_norm, output_norm;
    float scale;

    bool reads_normalised() const { return input_norm.weight.size > 0; }
  };

  void tensors_norming_sums(TensorVisitor& visit);
  void forward_norming_sums(const Step& step, Workspace workspace, Tensor x) const;
  void forward_side_by_side(const Step& step, Workspace workspace, Tensor x) const;
  void tensors_of(const NormName& name, TensorVisitor& visit, Norm& norm) const;
  void add_embedding(const Step& step, Workspace workspace, Tensor x) const;
  Tensor read(Backend& backend, const Part& part, Tensor x, Tensor h) const;
  void add(Backend& backend, const Part& part, Tensor update, Tensor x) const;
  void norm(Backend& backend, Tensor in, const Norm& by, Tensor out) const;
  std::array<int64_t, 2> widths() const { return {n_embd_, n_embd_}; }
  int64_t columns_kept() const { return feed_forward_.block ? feed_forward_.block->kept_columns() : 0; }

  int64_t n_embd_;
  std::unique_ptr<const LayerSpec> spec_;
  Part mixer_, feed_forward_;
  bool shares_norm_ = false;  // the feed-forward network reads through the mixer's
  Norm second_mixer_norm_;    // of the sum with x once more, in some files of Jina BERT 2
  Vector output_scale_;       // of all that leaves the layer, in some files
};

}  // namespace hearth
