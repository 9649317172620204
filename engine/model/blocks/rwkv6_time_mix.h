// RWKV-6 (Peng et al. 2024, "Eagle and Finch"): linear attention whose decays, and whose shares of the
// position before, come of the text itself; and as it stands in place of the attention of a trained
// transformer (Yueyu et al. 2025, "ARWKV").
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "engine/model/block.h"

namespace hearth {

struct Rwkv6TimeMixSpec {
  int32_t n_head = 0;
  int32_t n_head_kv = 0;  // of keys and values
  int64_t head_dimension = 0;
  int64_t share_rank = 0;  // of the matrices that shares come of
  int64_t decay_rank = 0;  // and of those of decays
  /// RWKV-6 proper: a bonus for what is new, a norm of each head. Else gated linear attention without either.
  bool has_bonus = true;

  int64_t width() const { return n_head * head_dimension; }
  int64_t kv_width() const { return n_head_kv * head_dimension; }
};

class Rwkv6TimeMix final : public Block {
 public:
  Rwkv6TimeMix(const Rwkv6TimeMixSpec& spec, const BlockContext& context);

  void tensors(TensorVisitor& visit) override;
  int64_t workspace_columns() const override;
  void forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const override;

 private:
  /// What is mixed with the position before by a share of its own, in the order of the matrices' parts.
  enum Mixed : size_t { kDecay, kKey, kValue, kReceptance, kGate, kMixed };

  std::array<int64_t, 9> widths() const;
  std::array<int64_t, kMixed> share_widths() const;
  void tensors_of_shares(TensorVisitor& visit);

  Rwkv6TimeMixSpec spec_;
  int64_t n_embd_;
  int32_t before_, state_;  // their numbers in the states
  Vector first_share_;
  std::array<Vector, kMixed> shares_;
  Weight share_down_, share_up_;  // all five, one after the other
  Weight decay_down_;
  Linear decay_up_, key_, value_, receptance_;
  Weight gate_, output_;
  Vector bonus_;
  Norm norm_;
};

inline std::unique_ptr<Block> make_block(const Rwkv6TimeMixSpec& spec, const BlockContext& context) {
  return std::make_unique<Rwkv6TimeMix>(spec, context);
}

}  // namespace hearth
