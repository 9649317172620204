// A feed-forward network that has gates where the file has a matrix for them (T5, whose versions differ in
// that).
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>

#include "engine/model/blocks/gated.h"
#include "engine/model/blocks/plain.h"

namespace hearth {

struct GatedOrPlainSpec {
  GatedSpec gated;
  PlainSpec plain;
};

class GatedOrPlain final : public Block {
 public:
  GatedOrPlain(const GatedOrPlainSpec& spec, const BlockContext& context)
      : gated_(spec.gated, context), plain_(spec.plain, context) {}

  void tensors(TensorVisitor& visit) override {
    is_gated_ = visit.has("ffn_gate.weight");
    is_gated_ ? gated_.tensors(visit) : plain_.tensors(visit);
  }
  int64_t workspace_columns() const override {
    return std::max(gated_.workspace_columns(), plain_.workspace_columns());
  }
  void forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const override {
    is_gated_ ? gated_.forward(step, workspace, h, update) : plain_.forward(step, workspace, h, update);
  }

 private:
  Gated gated_;
  Plain plain_;
  bool is_gated_ = false;
};

inline std::unique_ptr<Block> make_block(const GatedOrPlainSpec& spec, const BlockContext& context) {
  return std::make_unique<GatedOrPlain>(spec, context);
}

}  // namespace hearth
