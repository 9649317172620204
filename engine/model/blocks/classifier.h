// From the one vector of a text, or of a query and a document, to a number for each label: what rerankers end
// in.
#pragma once

#include <cstdint>

#include "engine/model/block.h"

namespace hearth {

struct ClassifierSpec {
  /// What comes of the first of its two layers (some models have only that, some only the second).
  enum class Bend { kTanh, kGelu };

  int32_t labels = 1;
  Bend bend = Bend::kTanh;
  NormSpec norm = {NormKind::kLayer};  // of what was bent, where the file has its weights
  bool softmax = false;  // the numbers become probabilities, that of the first label is the score
};

class Classifier {
 public:
  Classifier(const ClassifierSpec& spec, int64_t n_embd) : spec_(spec), n_embd_(n_embd) {}

  void tensors(TensorVisitor& visit);
  /// How many numbers it gives; 0 where the model has no classifier.
  int64_t n_class() const { return dense_.weight || output_.weight ? spec_.labels : 0; }
  /// scores [rows, n_class] of pooled [rows, n_embd]; `room` is of pooled's shape.
  void forward(Backend& backend, Tensor pooled, Tensor room, Tensor scores) const;

 private:
  void bend(Backend& backend, Tensor x) const;

  ClassifierSpec spec_;
  int64_t n_embd_;
  Linear dense_, output_;
  Norm norm_;
};

}  // namespace hearth
