// What a step tells of its output rows: all logits, or the highest alone, where its device finds them and no
// more is wanted. The others of a row can be read for as long as no other step was begun.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "engine/base/result.h"
#include "engine/compute/highest.h"
#include "engine/model/forward.h"
#include "engine/runtime/model.h"

namespace hearth {

class StepOutputs {
 public:
  /// `model` must outlive it.
  explicit StepOutputs(const Model& model) : model_(model) {}

  /// Begins the batch; `wants_all`: of which output rows all logits are wanted. Fails as
  /// Forward::begin_logits does. What rows tell is there when the backend is ready.
  Result<void> begin(Forward& forward, const Batch& batch, const std::vector<bool>& wants_all);
  /// Has all logits of rows be there, too, when the backend is ready.
  void begin_logits(const Forward& forward, size_t first, size_t count = 1);

  /// All logits of a row, which may be changed; empty where only the highest are there.
  std::span<float> logits(size_t row);
  const Highest& highest(size_t row) const { return highest_[row]; }

 private:
  size_t n_vocab() const { return static_cast<size_t>(model_.spec().n_vocab()); }

  const Model& model_;
  std::vector<bool> has_logits_;  // per row
  std::vector<float> logits_;
  std::vector<Highest> highest_;
};

}  // namespace hearth
