// A model's computation, from tokens to logits, as blocks that are bound to weights.
#pragma once

#include <cstdint>
#include <memory>

#include "engine/base/result.h"
#include "engine/model/block.h"
#include "engine/model/blocks/classifier.h"
#include "engine/model/blocks/embedding.h"
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
  int64_t n_embd() const { return n_embd_; }
  int64_t n_vocab() const { return n_vocab_; }
  /// What it remembers of a sequence.
  const StatePlan& states() const { return states_; }
  const RopeFactors& rope_factors() const { return rope_factors_; }
  /// Floats of a row that hidden_states takes of its workspace.
  virtual int64_t workspace_columns() const = 0;

  /// Appends the batch to the states; `outputs` receives the final hidden state, after the last norm, of
  /// every output row: [output rows, n_embd]. IO where weights could not be read.
  virtual Result<void> hidden_states(const Step& step, Workspace workspace, Tensor outputs) const = 0;
  /// logits [rows, n_vocab] of hidden states [rows, n_embd].
  virtual void logits(const Step& step, Tensor hidden, Tensor logits) const = 0;
  /// Numbers that the classifier gives; 0 where the model has none.
  int64_t n_class() const { return classifier_.n_class(); }
  /// scores [rows, n_class] of pooled hidden states [rows, n_embd]; `room` is of their shape.
  void classify(Backend& backend, Tensor pooled, Tensor room, Tensor scores) const {
    classifier_.forward(backend, pooled, room, scores);
  }

 protected:
  explicit Network(const ModelSpec& spec);

  int64_t n_embd_, n_vocab_;
  StatePlan states_;
  RopeFactors rope_factors_;  // where `tensors` asks for none, there are none
  Embedding embedding_;
  Classifier classifier_;
};

/// The network of a model, with no weights yet (weights.h binds them).
std::unique_ptr<Network> make_network(const ModelSpec& spec);

}  // namespace hearth
