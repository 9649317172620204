// RWKV's feed-forward network (Peng et al. 2023): each position mixed with the one before, through a wider
// hidden layer of squared ReLUs.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "engine/model/block.h"

namespace hearth {

struct ChannelMixSpec {
  int64_t n_ff = 0;
  bool has_receptance = false;  // a gate opens what it gives (until RWKV-6)
};

class ChannelMix final : public Block {
 public:
  ChannelMix(const ChannelMixSpec& spec, const BlockContext& context);

  void tensors(TensorVisitor& visit) override;
  int64_t workspace_columns() const override { return Workspace::columns_of(widths()); }
  /// update = value(relu(key(mixed h))^2) * sigmoid(receptance(otherwise mixed h)).
  void forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const override;

 private:
  std::array<int64_t, 4> widths() const {
    return {n_embd_, n_embd_, spec_.n_ff, spec_.has_receptance ? n_embd_ : 0};
  }

  ChannelMixSpec spec_;
  int64_t n_embd_;
  int32_t before_;  // its number in the states
  Vector key_share_, receptance_share_;
  Weight key_, value_, receptance_;
};

inline std::unique_ptr<Block> make_block(const ChannelMixSpec& spec, const BlockContext& context) {
  return std::make_unique<ChannelMix>(spec, context);
}

}  // namespace hearth
