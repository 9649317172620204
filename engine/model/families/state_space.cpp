#include "engine/model/families/state_space.h"

#include <fmt/format.h>

namespace hearth::families {
namespace {

/// Far above any model there is; the states of all its layers still count in 64 bits.
constexpr int64_t kMaxState = 65536;

Result<int64_t> read_heads_of(const Hyperparameters& keys, int64_t n_inner) {
  HEARTH_ASSIGN(const int64_t n_head, keys.count("ssm.time_step_rank", kMaxWidth));
  if (n_inner % n_head == 0) return n_head;
  return keys.invalid("ssm.time_step_rank",
                      fmt::format("{} heads must divide ssm.inner_size {}", n_head, n_inner));
}

}  // namespace

Result<MambaSpec> read_mamba(const Hyperparameters& keys) {
  MambaSpec mamba;
  HEARTH_ASSIGN(mamba.n_tap, keys.count("ssm.conv_kernel", Convolution::kMostTaps));
  HEARTH_ASSIGN(mamba.n_inner, keys.count("ssm.inner_size", kMaxWidth));
  HEARTH_ASSIGN(mamba.n_state, keys.count("ssm.state_size", kMaxState));
  HEARTH_ASSIGN(mamba.n_step, keys.count("ssm.time_step_rank", kMaxWidth));
  mamba.n_head = mamba.n_inner;
  return mamba;
}

Result<Mamba2Spec> read_mamba2(const Hyperparameters& keys, const ModelSpec& spec) {
  Mamba2Spec mamba;
  HEARTH_ASSIGN(mamba.n_tap, keys.count("ssm.conv_kernel", Convolution::kMostTaps));
  HEARTH_ASSIGN(mamba.n_inner, keys.count("ssm.inner_size", kMaxWidth));
  HEARTH_ASSIGN(mamba.n_state, keys.count("ssm.state_size", kMaxState));
  HEARTH_ASSIGN(mamba.n_head, read_heads_of(keys, mamba.n_inner));
  HEARTH_ASSIGN(mamba.n_group, keys.count("ssm.group_count", mamba.n_head));
  if (mamba.n_head % mamba.n_group != 0) {
    return keys.invalid("ssm.group_count",
                        fmt::format("{} must divide ssm.time_step_rank {}", mamba.n_group, mamba.n_head));
  }
  if (mamba.shared_width() > kMaxWidth) {
    return keys.invalid("ssm.group_count", "times ssm.state_size is above any model's width");
  }
  mamba.epsilon = spec.head.norm.epsilon;
  return mamba;
}

void put_where_heads_are_absent(const MixerSpec& mixer, ModelSpec& spec) {
  for (LayerSpec& layer : spec.layers) {
    if (std::holds_alternative<std::monostate>(layer.mixer)) layer.mixer = mixer;
  }
}

}  // namespace hearth::families
