// What each operation of Backend means: one plain loop for each, sums in double precision, weights decoded
// row by row. Activations are never quantised, as the CPU's kernels do it: where two devices differ, this one
// is right.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/compute/backend.h"

namespace hearth::reference {

/// BatchRows that outlive the call that brought them.
struct KeptRows {
  explicit KeptRows(const BatchRows& rows);

  std::vector<int32_t> positions;
  std::vector<int32_t> sequences;
  std::vector<std::vector<int32_t>> pages;
  std::vector<int32_t> slots;
  std::vector<int32_t> sources;

  int32_t source_of(size_t row) const { return sources[static_cast<size_t>(sequences[row])]; }
};

void embed(const Weight& table, std::span<const int32_t> tokens, float scale, Tensor out);
void norm(NormKind kind, Tensor x, Vector weight, Vector bias, float epsilon, Tensor out);
void multiply(Tensor x, Vector by);
void add_vector(Tensor x, Vector y);
void match_lengths(Tensor x, Tensor like);
void keep_largest(float deviations, Tensor x);
void linear(Tensor x, std::span<const Projection> projections);
void gated_linear(Tensor x, const Weight& gate, const Weight& up, Activation activation, Tensor out);
void linear_by_head(Tensor x, const Weight& weight, Tensor out);
void copy_heads(const HeadColumns& from, const HeadColumns& to, int64_t count);
void activate(Activation activation, Tensor x);
void rope(const Rope& rope, std::span<const int32_t> positions, int64_t head_dimension, Tensor x);
/// In a page, keys lie as values do: slot after slot, each in blocks as the format stores them. So a value
/// that is the beginning of its key is that of the key's bytes.
void append_kv(const KvPages& kv, const KeptRows& rows, Tensor k, Tensor v);
void choose_positions(const KvPages& keys, const KeptRows& rows, Tensor q, Tensor weights,
                      const ChosenPositions& chosen);
void attend(const AttentionParameters& parameters, const KvPages& kv, const KeptRows& rows, Tensor q,
            Tensor out);
void convolve(const Convolution& convolution, const SlotStates& states, const KeptRows& rows, Tensor x,
              Tensor y);
void scan(const SelectiveScan& scan, const SlotStates& states, const KeptRows& rows, const ScanInputs& inputs,
          Tensor y);
void experts(const ExpertParameters& parameters, const ExpertWeights& weights, Tensor logits, Tensor x,
             Tensor out);
void gate(Activation activation, Tensor gates, Tensor up, Tensor out);
void add(Tensor x, Tensor y);
void delta_rule(const DeltaRule& rule, const SlotStates& states, const KeptRows& rows,
                const DeltaRuleInputs& inputs, Tensor out);
void wkv6(const Wkv6& rule, const SlotStates& states, const KeptRows& rows, const Wkv6Inputs& inputs,
          Tensor out);
void wkv7(const Wkv7& rule, const SlotStates& states, const KeptRows& rows, const Wkv7Inputs& inputs,
          Tensor out);
void shift(const SlotStates& states, const KeptRows& rows, Tensor x, Tensor out);
void blend(Tensor x, Tensor y, const Blend& by, Tensor out);
void add_scaled(Tensor x, Tensor y, float scale);
void add_weighted(Tensor x, Tensor y, Tensor weights, int64_t column);
void scale(float factor, Tensor x);
void soft_cap(float cap, Tensor x);
void scale_rows(Tensor x, std::span<const float> factors);
void clamp(float limit, Tensor x);
void gather_rows(Tensor x, std::span<const int32_t> rows, Tensor out);
void find_highest(Tensor x, int64_t columns, Tensor out);

}  // namespace hearth::reference
