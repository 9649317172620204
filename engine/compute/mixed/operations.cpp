// Each operation on the side that computes, with what it reads brought there before.
#include <algorithm>
#include <vector>

#include "engine/compute/mixed/mixed_backend.h"

namespace hearth::mixed {
namespace {

Range range_of(Tensor x) { return {x.data.offset, x.data.offset + x.bytes()}; }

}  // namespace

Tensor MixedBackend::reads(Tensor x) {
  if (!x.data) return x;
  Block& block = block_of(x.data);
  bring(block, side_, range_of(x));
  return {block.at(side_, x.data.offset), x.rows, x.columns};
}

Tensor MixedBackend::writes(Tensor x) {
  if (!x.data) return x;
  Block& block = block_of(x.data);
  block.newer[other(side_)].take(range_of(x));
  block.newer[side_].add(range_of(x));
  return {block.at(side_, x.data.offset), x.rows, x.columns};
}

Tensor MixedBackend::changes(Tensor x) {
  reads(x);
  return writes(x);
}

Vector MixedBackend::reads(Vector x) const {
  return x ? Vector{block_of(x.data).at(side_, x.data.offset), x.size} : x;
}

Weight MixedBackend::reads(const Weight& x) const {
  Weight here = x;
  if (x) here.data = block_of(x.data).at(side_, x.data.offset);
  return here;
}

GroupNorm MixedBackend::reads(const GroupNorm& norm) const {
  return {reads(norm.weight), reads(norm.bias), norm.epsilon};
}

KvPages MixedBackend::on(Side side, const KvPages& kv) {
  return {kv.layout, block_of(kv.memory).at(side, kv.memory.offset)};
}

SlotStates MixedBackend::on_side(const SlotStates& states) const {
  const Block& block = block_of(states.memory);
  return {block.at(side_, states.memory.offset), block.are_states() ? block.stride(side_) : states.stride};
}

/// A step begins: the first layers are the host's, and so are the tables.
void MixedBackend::embed(const Weight& table, std::span<const int32_t> tokens, float scale, Tensor out) {
  side_ = Side::kHost;
  const Weight here = reads(table);
  side().embed(here, tokens, scale, writes(out));
}

void MixedBackend::norm(NormKind kind, Tensor x, Vector weight, Vector bias, float epsilon, Tensor out) {
  const Tensor from = reads(x);
  side().norm(kind, from, reads(weight), reads(bias), epsilon, writes(out));
}

void MixedBackend::multiply(Tensor x, Vector by) { side().multiply(changes(x), reads(by)); }

void MixedBackend::add_vector(Tensor x, Vector y) { side().add_vector(changes(x), reads(y)); }

void MixedBackend::match_lengths(Tensor x, Tensor like) {
  const Tensor from = reads(like);
  side().match_lengths(changes(x), from);
}

void MixedBackend::keep_largest(float deviations, Tensor x) { side().keep_largest(deviations, changes(x)); }

void MixedBackend::linear(Tensor x, std::span<const Projection> projections) {
  const Tensor from = reads(x);
  std::vector<Projection> here(projections.begin(), projections.end());
  for (Projection& projection : here) {
    projection.weight = reads(projection.weight);
    projection.bias = reads(projection.bias);
    projection.scale = reads(projection.scale);
    projection.out = writes(projection.out);
  }
  side().linear(from, here);
}

void MixedBackend::gated_linear(Tensor x, const Weight& gate, const Weight& up, Activation activation,
                                Tensor out) {
  const Tensor from = reads(x);
  side().gated_linear(from, reads(gate), reads(up), activation, writes(out));
}

void MixedBackend::linear_by_head(Tensor x, const Weight& weight, Tensor out) {
  const Tensor from = reads(x);
  side().linear_by_head(from, reads(weight), writes(out));
}

void MixedBackend::copy_heads(const HeadColumns& from, const HeadColumns& to, int64_t count) {
  HeadColumns source = from;
  HeadColumns target = to;
  source.x = reads(from.x);
  target.x = changes(to.x);
  side().copy_heads(source, target, count);
}

void MixedBackend::activate(Activation activation, Tensor x) { side().activate(activation, changes(x)); }

void MixedBackend::rope(const Rope& rope, std::span<const int32_t> positions, int64_t head_dimension,
                        Tensor x) {
  side().rope(rope, positions, head_dimension, changes(x));
}

/// What layers of both sides read is kept on both.
void MixedBackend::append_kv(const KvPages& kv, const BatchRows& rows, Tensor k, Tensor v) {
  const auto append = [&] {
    const Tensor keys = reads(k);
    side().append_kv(on(side_, kv), rows, keys, reads(v));
  };
  append();
  if (side_ == Side::kDevice || !on(Side::kDevice, kv).memory) return;
  side_ = Side::kDevice;
  append();
  side_ = Side::kHost;
}

void MixedBackend::choose_positions(const KvPages& keys, const BatchRows& rows, Tensor q, Tensor weights,
                                    const ChosenPositions& chosen) {
  const Tensor queries = reads(q);
  const Tensor by = reads(weights);
  ChosenPositions here = chosen;
  here.blocks = writes(chosen.blocks);
  side().choose_positions(on(side_, keys), rows, queries, by, here);
}

void MixedBackend::attend(const AttentionParameters& parameters, const KvPages& kv, const BatchRows& rows,
                          Tensor q, Tensor out) {
  AttentionParameters here = parameters;
  here.sinks = reads(parameters.sinks);
  here.chosen.blocks = reads(parameters.chosen.blocks);
  const Tensor queries = reads(q);
  side().attend(here, on(side_, kv), rows, queries, writes(out));
}

void MixedBackend::convolve(const Convolution& convolution, const SlotStates& states, const BatchRows& rows,
                            Tensor x, Tensor y) {
  const Convolution here{convolution.count, reads(convolution.taps), reads(convolution.bias)};
  const Tensor from = reads(x);
  side().convolve(here, on_side(states), rows, from, writes(y));
}

void MixedBackend::scan(const SelectiveScan& scan, const SlotStates& states, const BatchRows& rows,
                        const ScanInputs& inputs, Tensor y) {
  SelectiveScan here = scan;
  here.decay = reads(scan.decay);
  here.skip = reads(scan.skip);
  const ScanInputs from{reads(inputs.x), reads(inputs.step), reads(inputs.in), reads(inputs.out)};
  side().scan(here, on_side(states), rows, from, writes(y));
}

void MixedBackend::experts(const ExpertParameters& parameters, const ExpertWeights& weights, Tensor logits,
                           Tensor x, Tensor out) {
  ExpertWeights here = weights;
  std::vector<std::vector<LowRankProduct>> added;
  added.reserve(3);
  for (ExpertMatrices* const matrices : {&here.gate, &here.up, &here.down}) {
    matrices->all = reads(matrices->all);
    matrices->bias = reads(matrices->bias);
    matrices->scale = reads(matrices->scale);
    std::vector<LowRankProduct>& products = added.emplace_back();
    for (const LowRankProduct& product : matrices->added) products.push_back(reads(product));
    matrices->added = products;
  }
  here.selection_bias = reads(weights.selection_bias);
  const Tensor routes = reads(logits);
  const Tensor from = reads(x);
  side().experts(parameters, here, routes, from, writes(out));
}

void MixedBackend::delta_rule(const DeltaRule& rule, const SlotStates& states, const BatchRows& rows,
                              const DeltaRuleInputs& inputs, Tensor out) {
  DeltaRule here = rule;
  here.decay_bias = reads(rule.decay_bias);
  here.decay_rate = reads(rule.decay_rate);
  const DeltaRuleInputs from{reads(inputs.q), reads(inputs.k), reads(inputs.v), reads(inputs.decay),
                             reads(inputs.strength)};
  side().delta_rule(here, on_side(states), rows, from, writes(out));
}

void MixedBackend::wkv6(const Wkv6& rule, const SlotStates& states, const BatchRows& rows,
                        const Wkv6Inputs& inputs, Tensor out) {
  Wkv6 here = rule;
  here.bonus = reads(rule.bonus);
  here.norm = reads(rule.norm);
  const Wkv6Inputs from{reads(inputs.r), reads(inputs.k), reads(inputs.v), reads(inputs.decay)};
  side().wkv6(here, on_side(states), rows, from, writes(out));
}

void MixedBackend::wkv7(const Wkv7& rule, const SlotStates& states, const BatchRows& rows,
                        const Wkv7Inputs& inputs, Tensor out) {
  Wkv7 here = rule;
  here.removal_key = reads(rule.removal_key);
  here.replacement_key = reads(rule.replacement_key);
  here.bonus = reads(rule.bonus);
  here.norm = reads(rule.norm);
  const Wkv7Inputs from{reads(inputs.r), reads(inputs.k), reads(inputs.v), reads(inputs.decay),
                        reads(inputs.a)};
  side().wkv7(here, on_side(states), rows, from, writes(out));
}

void MixedBackend::shift(const SlotStates& states, const BatchRows& rows, Tensor x, Tensor out) {
  const Tensor from = reads(x);
  side().shift(on_side(states), rows, from, writes(out));
}

void MixedBackend::blend(Tensor x, Tensor y, const Blend& by, Tensor out) {
  const Tensor first = reads(x);
  const Tensor second = reads(y);
  const Blend here{reads(by.weight), reads(by.amounts)};
  side().blend(first, second, here, writes(out));
}

void MixedBackend::gate(Activation activation, Tensor gates, Tensor up, Tensor out) {
  const Tensor opening = reads(gates);
  const Tensor opened = reads(up);
  side().gate(activation, opening, opened, writes(out));
}

void MixedBackend::add(Tensor x, Tensor y) {
  const Tensor from = reads(y);
  side().add(changes(x), from);
}

void MixedBackend::add_scaled(Tensor x, Tensor y, float scale) {
  const Tensor from = reads(y);
  side().add_scaled(changes(x), from, scale);
}

void MixedBackend::add_weighted(Tensor x, Tensor y, Tensor weights, int64_t column) {
  const Tensor from = reads(y);
  const Tensor by = reads(weights);
  side().add_weighted(changes(x), from, by, column);
}

void MixedBackend::scale(float factor, Tensor x) { side().scale(factor, changes(x)); }

void MixedBackend::soft_cap(float cap, Tensor x) { side().soft_cap(cap, changes(x)); }

void MixedBackend::scale_rows(Tensor x, std::span<const float> factors) {
  side().scale_rows(changes(x), factors);
}

void MixedBackend::clamp(float limit, Tensor x) { side().clamp(limit, changes(x)); }

void MixedBackend::gather_rows(Tensor x, std::span<const int32_t> rows, Tensor out) {
  const Tensor from = reads(x);
  side().gather_rows(from, rows, writes(out));
}

bool MixedBackend::find_highest(Tensor x, int64_t columns, Tensor out) {
  const Tensor from = reads(x);
  return side().find_highest(from, columns, writes(out));
}

}  // namespace hearth::mixed
