// From the last hidden state to a logit for every token.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/model/block.h"

namespace hearth {

/// Tokens one after the other.
struct TokenRange {
  int32_t first = 0;
  int32_t count = 0;
};

struct HeadSpec {
  NormSpec norm;
  std::string_view norm_name = "output_norm";
  float logit_scale = 1.0F;  // of the logits
  float soft_cap = 0.0F;     // then; 0: none
  float tied_scale = 1.0F;   // of the logits, too, where the embedding gives them (T5)
  TokenRange unsaid = {};    // whose logits are as low as a float can be
};

class Head {
 public:
  Head(const HeadSpec& spec, int32_t n_vocab, int64_t n_embd)
      : spec_(spec), n_vocab_(n_vocab), n_embd_(n_embd) {}

  /// `embedding` is the projection of a model that has none of its own.
  void tensors(TensorVisitor& visit, const Weight& embedding);
  /// The rows of x that are wanted, normalised.
  void hidden_states(const Step& step, Tensor x, Tensor outputs) const;
  void normalise(Backend& backend, Tensor x, Tensor out) const;
  void logits(const Step& step, Tensor hidden, Tensor logits) const;

 private:
  void silence(Backend& backend, Tensor logits) const;

  HeadSpec spec_;
  int32_t n_vocab_;
  int64_t n_embd_;
  Norm norm_;
  Linear output_;
  float scale_ = 1.0F;
};

}  // namespace hearth
