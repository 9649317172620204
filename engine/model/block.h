// What a layer is made of: attention, a feed-forward network. A block holds its tensors and says what it
// needs; blocks/ has one of each kind.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <variant>

#include "engine/compute/backend.h"
#include "engine/model/rope_table.h"
#include "engine/model/states.h"
#include "engine/model/tensors.h"
#include "engine/model/workspace.h"

namespace hearth {

struct AdapterSet;

/// Rows to run together, of one or many sequences. Row r is `tokens[r]` at `rows.positions[r]`; the rows of a
/// sequence stand in order and continue what its state holds, which must have room for them already.
struct Batch {
  /// A row that is no token but the next of `embeddings`.
  static constexpr int32_t kEmbedding = -1;

  std::span<const int32_t> tokens;
  BatchRows rows;
  /// Rows whose results are wanted, in this order; any number of a sequence.
  std::span<const int32_t> output_rows;
  /// n_embd for each row that is one (of an image, say).
  std::span<const float> embeddings = {};
  /// Per sequence, nullptr for none; empty where no sequence has any. Not with embeddings.
  std::span<const AdapterSet* const> adapters = {};
  /// Asked before every layer, on the thread that begins the run: once it is true the run ends there, with
  /// ABORTED, and what the states hold of these rows means nothing. Empty: nobody asks.
  std::function<bool()> is_unwanted = {};
};

/// One run of a network.
struct Step {
  Backend& backend;
  const Batch& batch;
  WeightStore& weights;
  const StateStore& states;
  RopeTables& ropes;
  /// What one layer hands on to later ones: [rows, ModelSpec::carried_width].
  Tensor carried = {};
  /// Where keys and values of this round through the layers begin among those that the states have
  /// (ModelSpec::n_round).
  int32_t first_kv = 0;
};

/// What a block is made with, beside its own spec.
struct BlockContext {
  int64_t n_embd;
  StatePlan& states;
};

class Block {
 public:
  virtual ~Block() = default;

  virtual void tensors(TensorVisitor& visit) = 0;
  /// Floats of a row that `forward` takes of its workspace.
  virtual int64_t workspace_columns() const = 0;
  /// Those at the beginning of the workspace that `look_ahead` fills and `forward` finds there. 0: it does
  /// not look ahead.
  virtual int64_t kept_columns() const { return 0; }
  /// Of a feed-forward network that also reads the layer's input x, before the mixer adds to that.
  virtual void look_ahead(const Step& /*step*/, Workspace /*workspace*/, Tensor /*x*/) const {}
  /// update = block(h): [rows, n_embd] both.
  virtual void forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const = 0;
};

/// A part that a layer does not have.
inline std::unique_ptr<Block> make_block(std::monostate /*spec*/, const BlockContext& /*context*/) {
  return nullptr;
}

}  // namespace hearth
