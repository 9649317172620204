// A model's computation, from tokens to logits, as blocks that are bound to weights.
#pragma once

#include <cstdint>
#include <memory>

#include "engine/base/result.h"
#include "engine/model/block.h"
#include "engine/model/rope_table.h"
#include "engine/model/states.h"
#include "engine/model/tensors.h"
#include "engine/model/workspace.h"

namespace hearth {

struct ModelSpec;

/// Decoder (decoder.h) is that of most families; one whose blocks are wired otherwise brings its own.
class Network {
 public:
  virtual ~Network() = default;

  /// Every tensor, once.
  virtual void tensors(TensorVisitor& visit) = 0;
  virtual int64_t n_embd() const = 0;
  virtual int64_t n_vocab() const = 0;
  /// What it remembers of a sequence.
  virtual const StatePlan& states() const = 0;
  /// Floats of a row that hidden_states takes of its workspace.
  virtual int64_t workspace_columns() const = 0;
  virtual const RopeFactors& rope_factors() const = 0;

  /// Appends the batch to the states; `outputs` receives the final hidden state, after the last norm, of
  /// every output row: [output rows, n_embd]. IO where weights could not be read.
  virtual Result<void> hidden_states(const Step& step, Workspace workspace, Tensor outputs) const = 0;
  /// logits [rows, n_vocab] of hidden states [rows, n_embd].
  virtual void logits(const Step& step, Tensor hidden, Tensor logits) const = 0;
  /// Numbers that the classifier gives (blocks/classifier.h); 0 where the model has none.
  virtual int64_t n_class() const = 0;
  /// scores [rows, n_class] of pooled hidden states [rows, n_embd]; `room` is of their shape.
  virtual void classify(Backend& backend, Tensor pooled, Tensor room, Tensor scores) const = 0;
};

/// The network of a model, with no weights yet (weights.h binds them).
std::unique_ptr<Network> make_network(const ModelSpec& spec);

}  // namespace hearth
