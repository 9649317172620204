// All kernels of the instruction set whose f32_<set>.h was included before this.
#pragma once

#include "engine/compute/cpu/vector/activation-inl.h"
#include "engine/compute/cpu/vector/attend_page-inl.h"
#include "engine/compute/cpu/vector/elementwise-inl.h"
#include "engine/compute/cpu/vector/matrix_state-inl.h"
#include "engine/compute/cpu/vector/norm-inl.h"
#include "engine/compute/cpu/vector/recurrence-inl.h"
#include "engine/compute/cpu/vector/rope-inl.h"

namespace hearth::cpu {
namespace {

constexpr VectorKernels table_named(std::string_view name) {
  return {.name = name,
          .add = add,
          .scale = scale,
          .combine = combine,
          .dot = dot,
          .multiply = multiply,
          .blend = blend,
          .clamp = clamp,
          .activate = activate,
          .gate = gate,
          .soft_cap = soft_cap,
          .softmax = softmax,
          .rms_norm = rms_norm,
          .layer_norm = layer_norm,
          .rope_adjacent = rope_adjacent,
          .rope_halves = rope_halves,
          .store_f16 = convert_to_f16,
          .attend_page = attend_page,
          .score_page = score_page,
          .softplus_decay = softplus_decay,
          .double_exponential_decay = double_exponential_decay,
          .sigmoid_decay = sigmoid_decay,
          .step_matrix_state = step_matrix_state,
          .weighted_sum = weighted_sum,
          .scan_row = scan_row};
}

}  // namespace
}  // namespace hearth::cpu
