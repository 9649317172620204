// Recurrences whose state is a matrix for each head, [value_dimension, key_dimension]: attention that keeps
// sums of products of values and keys instead of them all (Katharopoulos et al. 2020). At each position the
// state decays, loses what it holds under a key, takes in the new value, and is read by a query.
#pragma once

#include <cstdint>

#include "engine/compute/tensor.h"

namespace hearth {

/// The delta rule (Schlag et al. 2021) with a gate (Yang et al. 2024): with q and k brought to length 1,
///   S = S g + (v - (S g) k) strength k^T,   out = S q / sqrt(key_dimension),
/// g = e^(decay_rate * ln(1 + e^(decay + decay_bias))): of a head, or of each dimension of its keys (Kimi
/// Team 2025).
struct DeltaRule {
  int32_t n_head = 0;      // of values, each with its state
  int32_t n_head_key = 0;  // of queries and keys, which divides n_head
  /// Head h reads queries and keys h / (n_head / n_head_key); else h % n_head_key.
  bool neighbours_share_keys = false;
  int64_t key_dimension = 0;
  int64_t value_dimension = 0;
  float epsilon = 0.0F;  // x is divided by sqrt(|x|^2 + epsilon)
  Vector decay_bias;     // as many as a row of `decay` has
  Vector decay_rate;     // [n_head]
};

struct DeltaRuleInputs {
  Tensor q, k;      // [rows, n_head_key * key_dimension]
  Tensor v;         // [rows, n_head * value_dimension]
  Tensor decay;     // [rows, n_head], or [rows, n_head * key_dimension]
  Tensor strength;  // [rows, n_head]
};

/// What both generations of RWKV do with a head's output: it is normalised on its own (group norm). Nowhere:
/// it stays as it is.
struct GroupNorm {
  Vector weight, bias;  // [n_head * head_dimension]
  float epsilon = 0.0F;
};

/// RWKV-6 (Peng et al. 2024): with g = e^(-e^decay) for each dimension of the keys,
///   out = norm((S + v (bonus * k)^T) r),   S = S g + v k^T;
/// or where there is no bonus, gated linear attention (Yang et al. 2023) with k' = (1 - g) k:
///   S = S g + v k'^T,   out = norm(S r / sqrt(head_dimension)).
struct Wkv6 {
  int32_t n_head = 0;
  int32_t n_head_kv = 0;  // of keys and values, which as many neighbouring heads share
  int64_t head_dimension = 0;
  Vector bonus;  // [n_head * head_dimension], or nowhere
  GroupNorm norm;
};

struct Wkv6Inputs {
  Tensor r;      // [rows, n_head * head_dimension]
  Tensor k, v;   // [rows, n_head_kv * head_dimension]
  Tensor decay;  // [rows, n_head * head_dimension]
};

/// RWKV-7 (Peng et al. 2025): with g = e^(-e^(-1/2) sigmoid(decay)), c = removal_key * k brought to length 1
/// and k' = k (1 + (a - 1) replacement_key),
///   S = S g - (S c) (a c)^T + v k'^T,   out = norm(S r) + v (k' . (bonus * r)).
struct Wkv7 {
  int32_t n_head = 0;
  int64_t head_dimension = 0;
  Vector removal_key, replacement_key, bonus;  // [n_head * head_dimension]
  GroupNorm norm;
};

/// [rows, n_head * head_dimension] each.
struct Wkv7Inputs {
  Tensor r, k, v;
  Tensor decay;
  Tensor a;  // how fast what is known under a key is replaced, 0 to 1
};

/// out = x + (y - x) * (weight + amounts), element by element.
struct Blend {
  Vector weight;        // [columns], or nowhere
  Tensor amounts = {};  // [rows, columns], or nowhere
};

}  // namespace hearth
